r"""Where a case must not lie: in the evidence, or on anything whose bytes are the evidence's; and what is no evidence.

Limits:
    What lies beneath a file system is known on Linux. On Windows only a drive letter is compared: a case on a
    partition of an examined `\\.\PhysicalDriveN` is not noticed.

References:
    proc_pid_mountinfo(5); sysfs(5).
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.errors import UsageError

_SYS_BLOCK = Path("/sys/dev/block")
_MOUNTS = Path("/proc/self/mountinfo")

Mark = tuple[int, int]
"""A device (0, its number) or a file (device it lies on, inode)."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system, or the part of one below root, put at a point of the tree."""

    device: int
    root: Path
    point: Path
    source: Path


def refuse_inside(folder: Path, target: Path, option: str = "--case") -> None:
    """Whether by another name, through a link, a bind mount or a loop device: writing must not reach target.

    Raises:
        UsageError: it would.
    """
    where = _nearest(folder.resolve())
    if target.is_dir():
        if _contains(target.resolve(), where):
            raise UsageError(f"{option} {folder} lies inside the evidence {target}; put it on another disk")
    elif sys.platform == "win32":
        if str(target).upper().rstrip("\\") == rf"\\.\{where.drive.upper()}":
            raise UsageError(f"{option} {folder} lies on the examined drive {target}; put it on another disk")
    elif target.exists() and _mark(target.stat()) in set(_beneath(where)):
        raise UsageError(f"{option} {folder} lies on the examined disk {target}; put it on another disk")


def refuse_empty(target: Path) -> None:
    """A folder in which nothing is, is a disk that was not mounted: "nothing found" would say that it was examined.

    Raises:
        UsageError: it is one.
    """
    try:
        empty = target.is_dir() and not _holds_anything(target)
    except OSError:
        return  # the scan says why it cannot be read
    if empty:
        raise UsageError(f"{target}: an empty folder, nothing to examine; is the disk mounted there?")


def _holds_anything(folder: Path) -> bool:
    """Looked at without moving its access time, where the system can: it is evidence."""
    quietly = getattr(os, "O_NOATIME", 0)
    if not quietly:
        return next(folder.iterdir(), None) is not None
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | quietly)
    except PermissionError:  # O_NOATIME is the owner's alone
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(opened) as names:
            return next(names, None) is not None
    finally:
        os.close(opened)


def _nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path


# -- in a folder ----------------------------------------------------------------------------------------------------


def _contains(tree: Path, path: Path) -> bool:
    evidence = tree.stat()
    if any(os.path.samestat(parent.stat(), evidence) for parent in (path, *path.parents)):
        return True
    top, inner = _unbound(tree), _unbound(path)
    return top is not None and inner is not None and top[0] == inner[0] and inner[1].is_relative_to(top[1])


def _unbound(path: Path) -> tuple[int, Path] | None:
    """(device, path from the root of its file system), the same however often that is mounted; None where unknown."""
    found = None
    for mount in mounts():
        if path.is_relative_to(mount.point) and (found is None or mount.point.is_relative_to(found.point)):
            found = mount
    return None if found is None else (found.device, found.root / path.relative_to(found.point))


def mounts() -> Iterator[Mount]:
    """Every mount of this process; none where the system does not tell."""
    if sys.platform == "win32" or not _MOUNTS.exists():
        return
    for line in _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        mount, _, origin = line.partition(" - ")
        _id, _parent, device, root, point, *_ = map(_unescaped, mount.split(" "))
        yield Mount(_device(device), Path(root), Path(point), Path(_unescaped(origin.split(" ")[1])))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), text)


# -- on a disk ------------------------------------------------------------------------------------------------------


def _mark(found: os.stat_result) -> Mark:
    return (0, found.st_rdev) if stat.S_ISBLK(found.st_mode) else (found.st_dev, found.st_ino)


def _beneath(path: Path) -> Iterator[Mark]:
    """Every device and file that holds the bytes of the file system a path is on, its partition's whole disk too."""
    waiting = [path.stat().st_dev]
    seen = {0}
    while waiting:
        device = waiting.pop()
        if device in seen:
            continue
        seen.add(device)
        yield 0, device
        here = (_SYS_BLOCK / f"{os.major(device)}:{os.minor(device)}").resolve()
        if not here.exists():  # a number of its own, as btrfs has
            waiting.extend(_number(mount.source) for mount in mounts() if mount.device == device)
        if (here / "partition").exists():
            waiting.append(_read_device(here.parent))
        waiting.extend(_read_device(slave) for slave in here.glob("slaves/*"))
        backing = here / "loop" / "backing_file"
        if backing.exists():
            image = Path(backing.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n"))
            if image.exists():
                yield _mark(image.stat())
                waiting.append(image.stat().st_dev)


def _number(source: Path) -> int:
    return source.stat().st_rdev if source.is_block_device() else 0


def _read_device(place: Path) -> int:
    """The number in a device's folder of sysfs, 0 where there is none."""
    numbers = place / "dev"
    return _device(numbers.read_text(encoding="ascii").strip()) if numbers.exists() else 0


def _device(numbers: str) -> int:
    major, _, minor = numbers.partition(":")
    return os.makedev(int(major), int(minor))
