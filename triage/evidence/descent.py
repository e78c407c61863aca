"""Opening and listing below a folder: however long the path, without following links or touching access times.

Limits:
    Windows has neither descriptors of folders nor O_NOATIME: there the plain path is used.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

_NO_ATIME = getattr(os, "O_NOATIME", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_FILE = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_BY_DESCRIPTOR = os.scandir in os.supports_fd and os.open in os.supports_dir_fd


@dataclass(frozen=True, slots=True)
class Child:
    """One name of a folder, with its metadata or why there is none."""

    name: bytes
    stat: os.stat_result | None
    error: OSError | None


def open_file(root: Path, relative: bytes) -> int:
    """A descriptor of a file below root.

    Raises:
        OSError: it cannot be opened, or a link stands in its place.
    """
    return _open_below(root, relative, _FILE)


def children(root: Path, relative: bytes) -> list[Child]:
    """What a folder below root holds, in name order; relative is empty for root itself.

    Raises:
        OSError: it cannot be listed to its end.
    """
    if not _BY_DESCRIPTOR:
        with os.scandir(os.path.join(os.fsencode(root), relative)) as listing:  # noqa: PTH118  bytes
            found = [_child(child) for child in listing]
    else:
        descriptor = _open_below(root, relative, _FOLDER | _NO_LINK) if relative else _open_quietly(root, _FOLDER)
        try:
            with os.scandir(descriptor) as listing_by_descriptor:
                found = [_child(child) for child in listing_by_descriptor]
        finally:
            os.close(descriptor)
    return sorted(found, key=lambda child: child.name)


def _child(child: os.DirEntry[str] | os.DirEntry[bytes]) -> Child:
    try:
        return Child(os.fsencode(child.name), child.stat(follow_symlinks=False), None)
    except OSError as error:
        return Child(os.fsencode(child.name), None, error)


def _open_quietly(path: Path | bytes, flags: int, folder: int | None = None) -> int:
    """Opens for reading; without touching the access time, where we own the file."""
    try:
        return os.open(path, flags | _NO_ATIME, dir_fd=folder)
    except PermissionError:
        if not _NO_ATIME:
            raise
        return os.open(path, flags, dir_fd=folder)


def _open_below(root: Path, relative: bytes, flags: int) -> int:
    try:
        return _open_quietly(os.path.join(os.fsencode(root), relative), flags)  # noqa: PTH118  bytes
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or not _BY_DESCRIPTOR:
            raise
    *folders, last = relative.split(b"/")
    descriptor = _open_quietly(root, _FOLDER)
    for part, wanted in (*((folder, _FOLDER | _NO_LINK) for folder in folders), (last, flags)):
        try:
            below = _open_quietly(part, wanted, descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor
