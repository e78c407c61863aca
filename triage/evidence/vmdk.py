"""What a VMDK descriptor says: kind of disk, extents, parent. The bytes themselves are read by libvmdk.

References:
    VMware, "Virtual Disk Format 5.0".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from triage.errors import EvidenceError

SPARSE = b"KDMV"
COW = b"COWD"
_TEXT = re.compile(rb"\s*#\s*Disk\s+DescriptorFile", re.IGNORECASE)
_EXTENT = re.compile(r'(?:RW|RDONLY|NOACCESS)\s+(\d+)\s+(\w+)(?:\s+"([^"]*)"(?:\s+(\d+))?)?', re.IGNORECASE)
_MOST = 1 << 20
_SECTOR = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """One line of the extent description; sizes in bytes."""

    kind: str
    size: int
    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A descriptor, read.

    Attributes:
        parent: name of the disk this one holds the changes to; empty where there is none.
    """

    kind: str
    extents: tuple[Extent, ...]
    parent: str


def is_descriptor(head: bytes) -> bool:
    """Whether a file that begins so is a descriptor in a file of its own."""
    return _TEXT.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def read_descriptor(path: Path) -> Descriptor | None:
    """The descriptor in a file, or inside a sparse extent; None where the extent has none.

    Raises:
        EvidenceError: it is there and says nothing.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_SECTOR)
        if head.startswith(SPARSE):
            start = int.from_bytes(head[28:36], "little") * _SECTOR
            size = int.from_bytes(head[36:44], "little") * _SECTOR
            if not start or not size or start >= 1 << 62:
                return None
            file.seek(start)
            raw = file.read(min(size, _MOST))
        else:
            raw = head + file.read(_MOST)
    lines = [line.strip() for line in raw.partition(b"\0")[0].decode("utf-8", "replace").splitlines()]
    extents = tuple(
        Extent(kind=kind.upper(), size=int(size) * _SECTOR, name=name, offset=int(offset or 0) * _SECTOR)
        for size, kind, name, offset in (match.groups("") for match in map(_EXTENT.match, lines) if match)
    )
    pairs = (line.partition("=") for line in lines)
    values = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    if not extents and head.startswith(SPARSE):
        return None  # room for a descriptor, not used: it is in a file of its own
    if not extents:
        raise EvidenceError(f"{path}: VMDK descriptor names no extents: it is damaged")
    has_parent = values.get("parentcid", "ffffffff").lower() != "ffffffff"
    parent = values.get("parentfilenamehint", "of unknown name") if has_parent else ""
    return Descriptor(kind=values.get("createtype", ""), extents=extents, parent=parent)


def base_name(name: str) -> str:
    """The last part of a path that another machine wrote: evidence never leads out of its own folder."""
    return PureWindowsPath(name).name
