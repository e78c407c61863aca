"""What is plugged into this computer: disks, volumes, and images that lie on them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_IMAGES: Final = frozenset((".e01", ".ex01", ".dd", ".img", ".raw", ".001", ".vmdk", ".vhd", ".vhdx", ".qcow2"))
_DEEP: Final = 2
_MOST_IMAGES: Final = 20
_MOST_NAMES: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A file system, or what should be one, on a disk."""

    filesystem: str
    label: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """Something that can be examined.

    Attributes:
        path: as evidence.
        size: bytes; 0 where it is not told.
        name: maker and model of a disk, or what else it is called; hostile.
        areas: what is on it, as far as can be told without opening it.
        folders: where it is mounted.
        is_drive: a letter of Windows.
        runs_system: the system that runs now is on it.
        is_removable: a stick, a card, a disc.
        is_readable: by this user.
    """

    path: Path
    size: int = 0
    name: str = ""
    areas: tuple[Area, ...] = ()
    folders: tuple[Path, ...] = ()
    is_drive: bool = False
    runs_system: bool = False
    is_removable: bool = False
    is_readable: bool = True


def attached() -> list[Attached]:
    """What is plugged in now, the likeliest to be examined first."""
    if sys.platform == "win32":
        from triage.cli.assistant.plugged_windows import found
    else:
        from triage.cli.assistant.plugged_linux import found
    return sorted(found(), key=_rank)


def _rank(one: Attached) -> tuple[bool, ...]:
    """On Windows the drive that runs first; elsewhere disks with Windows on them, and the running system last."""
    holds_windows = any(area.filesystem.lower() in ("ntfs", "bitlocker", "refs") for area in one.areas)
    if sys.platform == "win32":
        return (not one.runs_system, not one.is_drive, one.is_removable)
    return (one.runs_system, not holds_windows, one.is_removable)


def images_in(folders: Iterable[Path]) -> list[Path]:
    """Files that by their names are disk images, in these folders and a little below; first segments only."""
    found = {path.resolve(): path for folder in folders for path in _images(folder)}
    return list(found.values())[:_MOST_IMAGES]


def _images(top: Path) -> Iterator[Path]:
    seen = 0
    waiting = [(top, 0)]
    while waiting:
        folder, depth = waiting.pop(0)
        with suppress(OSError), os.scandir(folder) as names:
            for name in sorted(names, key=lambda entry: entry.name):
                seen += 1
                if seen > _MOST_NAMES:
                    return
                if name.is_dir(follow_symlinks=False) and depth < _DEEP and not name.name.startswith("."):
                    waiting.append((Path(name.path), depth + 1))
                elif Path(name.name).suffix.lower() in _IMAGES and name.is_file(follow_symlinks=False):
                    yield Path(name.path)
