"""Block devices as sysfs tells them, without root; file systems and labels as udev wrote them down, else by reading.

References:
    sysfs(5); Linux, Documentation/ABI/stable/sysfs-block; udev's `/run/udev/data`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.cli.assistant.apart import apart
from triage.cli.assistant.plugged import Area, Attached
from triage.cli.refusals import Mount, mounts
from triage.evidence.containers import open_disk
from triage.evidence.volumes import volumes

_SECTOR = 512
_READ_SECONDS = 10.0
_NO_DISKS = re.compile(r"ram|zram|fd\d|dm-|md\d|nbd")
_SYSTEM = (Path("/"), Path("/usr"), Path("/boot"))
_LIVE = ("squashfs",)


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the kernel and udev tell it."""

    sysfs: Path = Path("/sys")
    devices: Path = Path("/dev")
    udev: Path = Path("/run/udev/data")


def found(roots: Roots = Roots()) -> Iterator[Attached]:
    """Every disk that is there, has a size and is not the live system's own."""
    mounted = list(mounts())
    blocks = roots.sysfs / "block"
    for place in sorted(blocks.iterdir()) if blocks.is_dir() else ():
        size = _number(place / "size") * _SECTOR
        path = roots.devices / place.name.replace("!", "/")
        if not size or _NO_DISKS.match(place.name) or not path.exists():
            continue
        partitions = sorted((p.parent for p in place.glob("*/partition")), key=lambda part: _number(part / "start"))
        here = [mount for part in (place, *partitions) for mount in mounted if mount.device == _device(part)]
        areas = tuple(_areas(place, partitions, path, roots.udev))
        if any(area.filesystem in _LIVE for area in areas):
            continue
        yield Attached(
            path=path,
            size=size,
            name=_name(place),
            areas=areas,
            folders=_points(here),
            runs_system=any(mount.point in _SYSTEM for mount in here),
            is_removable=_number(place / "removable") == 1 or "/usb" in str(place.resolve()),
            is_readable=os.access(path, os.R_OK),
        )


def _points(here: list[Mount]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(mount.point for mount in here))


def _name(place: Path) -> str:
    """Maker and model, without the numbers that virtual disks have for one; of a loop device, its file."""
    backing = _text(place / "loop" / "backing_file")
    told = (_text(place / "device" / name) for name in ("vendor", "model"))
    return backing or " ".join(text for text in told if text and not text.startswith("0x"))


def _areas(place: Path, partitions: list[Path], path: Path, udev: Path) -> Iterator[Area]:
    """By udev where it knows every part; else the disk is read, by a process that may be ended."""
    parts = partitions or [place]
    told = [_udev(udev / f"b{_text(part / 'dev')}") for part in parts]
    if all("ID_FS_TYPE" in known for known in told):
        for part, known in zip(parts, told, strict=True):
            label = _decoded(known.get("ID_FS_LABEL_ENC", ""))
            yield Area(filesystem=known["ID_FS_TYPE"].lower(), label=label, size=_number(part / "size") * _SECTOR)
    elif os.access(path, os.R_OK):
        yield from apart(_read, path, seconds=_READ_SECONDS) or ()


def _read(path: Path) -> tuple[Area, ...]:
    disk = open_disk(path)
    try:
        return tuple(Area(filesystem=v.filesystem, label=v.label, size=v.size) for v in volumes(disk))
    finally:
        disk.close()


def _udev(path: Path) -> Mapping[str, str]:
    rows = (line[2:].partition("=") for line in _text(path).splitlines() if line.startswith("E:"))
    return {name: value for name, _, value in rows}


def _decoded(text: str) -> str:
    r"""In udev's files what is not plain stands as `\x20`, one byte each."""
    plain = text.encode("utf-8", "surrogateescape")
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), plain)
    return raw.decode("utf-8", "surrogateescape")


def _device(place: Path) -> int:
    major, _, minor = _text(place / "dev").partition(":")
    return os.makedev(int(major), int(minor)) if minor else 0


def _number(path: Path) -> int:
    text = _text(path)
    return int(text) if text.isdecimal() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return ""
