r"""Where a case must not lie: in the evidence, or on anything whose bytes are the evidence's.

Limits:
    What lies beneath a file system is known on Linux. On Windows only a drive letter is compared: a case on a
    partition of an examined `\\.\PhysicalDriveN` is not noticed.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from triage.errors import UsageError

_SYS_BLOCK = Path("/sys/dev/block")
_MOUNTS = Path("/proc/self/mountinfo")


def refuse_inside(folder: Path, target: Path) -> None:
    """Whether by another name, through a link, a bind mount or a loop device: writing the case must not reach target.

    Raises:
        UsageError: it would.
    """
    where = _nearest(folder.resolve())
    if target.is_dir():
        evidence = target.stat()
        if any(os.path.samestat(parent.stat(), evidence) for parent in (where, *where.parents)):
            raise UsageError(f"--case {folder} lies inside the evidence {target}; put it on another disk")
    elif sys.platform == "win32":
        if str(target).upper().rstrip("\\") == rf"\\.\{folder.resolve().drive.upper()}":
            raise UsageError(f"--case {folder} lies on the examined drive {target}; put it on another disk")
    elif target.exists() and _mark(target.stat()) in set(_beneath(where)):
        raise UsageError(f"--case {folder} lies on the examined disk {target}; put it on another disk")


def _nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path


Mark = tuple[int, int]
"""A device (0, its number) or a file (device it lies on, inode)."""


def _mark(found: os.stat_result) -> Mark:
    return (0, found.st_rdev) if stat.S_ISBLK(found.st_mode) else (found.st_dev, found.st_ino)


def _beneath(path: Path) -> Iterator[Mark]:
    """Every device and file that holds the bytes of the file system a path is on, its partition's whole disk too."""
    number = path.stat().st_dev
    waiting = [number if (_SYS_BLOCK / _name(number)).exists() else _mounted_from(number)]
    seen: set[int] = set()
    while waiting:
        device = waiting.pop()
        if not device or device in seen:
            continue
        seen.add(device)
        yield 0, device
        here = (_SYS_BLOCK / _name(device)).resolve()
        if (here / "partition").exists():
            waiting.append(_number(here.parent))
        waiting.extend(_number(slave) for slave in here.glob("slaves/*"))
        backing = here / "loop" / "backing_file"
        if backing.exists():
            image = Path(backing.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n"))
            if image.exists():
                found = image.stat()
                yield _mark(found)
                waiting.append(found.st_rdev or found.st_dev)


def _name(device: int) -> str:
    return f"{os.major(device)}:{os.minor(device)}"


def _number(place: Path) -> int:
    """The device number of a folder of sysfs, 0 where it has none."""
    try:
        major, _, minor = (place / "dev").read_text(encoding="ascii").strip().partition(":")
    except OSError:
        return 0
    return os.makedev(int(major), int(minor))


def _mounted_from(number: int) -> int:
    """The device behind a file system that has a number of its own (btrfs), 0 where there is none."""
    if _MOUNTS.exists():
        for line in _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            mount, _, origin = line.partition(" - ")
            source = Path(origin.split(" ")[1]) if mount.split(" ")[2] == _name(number) else None
            if source is not None and source.is_block_device():
                return source.stat().st_rdev
    return 0
