"""The headers of Windows programs, by fixed structures alone: microseconds for each file.

References:
    Microsoft, "PE Format".
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from triage.errors import FormatError

SECTIONS_MAX = 96
"""What Windows itself loads."""

_COFF = struct.Struct("<HHIIIHH")
_OPTIONAL_START = struct.Struct("<HBB")
_SECTION = struct.Struct("<8sIIII16x")
_DIRECTORY = struct.Struct("<II")
_PE32, _PE64 = 0x10B, 0x20B
_DLL = 0x2000
_EXPORT, _IMPORT, _RESOURCE = 0, 1, 2
_OLD_PROGRAMS = (b"NE", b"LE", b"LX", b"PMW1")


class Section(NamedTuple):
    """One row of the section table. Sizes and offset in bytes; name without its padding."""

    name: str
    virtual_size: int
    virtual_address: int
    raw_size: int
    raw_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeScreen:
    """What the headers say.

    Attributes:
        timestamp: link time, seconds since 1970; may be invented.
        linker: major, minor.
        exports, imports, resources: addresses of the directories relative to the image, 0 where absent.
        end: offset behind the last section's raw bytes; what follows is an overlay.
    """

    machine: int
    bits: int
    timestamp: int
    linker: tuple[int, int]
    subsystem: int
    is_dll: bool
    size_of_image: int
    sections: tuple[Section, ...]
    exports: int
    imports: int
    resources: int
    end: int

    def offset(self, address: int) -> int | None:
        """Where in the file an address relative to the image lies; None where it lies in no section."""
        for section in self.sections:
            inside = address - section.virtual_address
            if 0 <= inside < max(section.virtual_size, section.raw_size):
                return section.raw_offset + inside
        return None


def screen(data: bytes | memoryview) -> PeScreen | None:
    """The headers; None for a program of DOS or Windows 3, which has none.

    Args:
        data: the first bytes, usually 4096, or the whole file.

    Raises:
        FormatError: the PE header, its optional header or the section table is cut or impossible.
    """
    if len(data) < 0x40:
        return None
    at = int.from_bytes(data[0x3C:0x40], "little")
    signature = bytes(data[at : at + 4])
    if signature != b"PE\0\0":
        # A relocation table before 0x40 leaves no room for the pointer to a newer header.
        if signature.startswith(_OLD_PROGRAMS) or int.from_bytes(data[0x18:0x1A], "little") < 0x40:
            return None
        raise FormatError("PE signature", at)
    try:
        return _headers(data, at + 4)
    except struct.error as error:
        raise FormatError("PE headers, cut", len(data)) from error


def _headers(data: bytes | memoryview, at: int) -> PeScreen:
    machine, count, timestamp, _, _, optional_size, characteristics = _COFF.unpack_from(data, at)
    at += _COFF.size
    magic, major, minor = _OPTIONAL_START.unpack_from(data, at)
    if magic not in (_PE32, _PE64):
        raise FormatError("PE optional header magic", at)
    if count > SECTIONS_MAX:
        raise FormatError("PE number of sections", at - _COFF.size + 2)
    (size_of_image,) = struct.unpack_from("<I", data, at + 56)
    (subsystem,) = struct.unpack_from("<H", data, at + 68)
    directories = at + (96 if magic == _PE32 else 112)
    (announced,) = struct.unpack_from("<I", data, directories - 4)

    def address(index: int) -> int:
        if index >= announced or directories + index * 8 + 8 > at + optional_size:
            return 0
        start, _ = _DIRECTORY.unpack_from(data, directories + index * 8)
        return int(start)

    sections = tuple(_sections(data, at + optional_size, count))
    return PeScreen(
        machine=machine,
        bits=32 if magic == _PE32 else 64,
        timestamp=timestamp,
        linker=(major, minor),
        subsystem=subsystem,
        is_dll=bool(characteristics & _DLL),
        size_of_image=size_of_image,
        sections=sections,
        exports=address(_EXPORT),
        imports=address(_IMPORT),
        resources=address(_RESOURCE),
        end=max((section.raw_offset + section.raw_size for section in sections if section.raw_size), default=0),
    )


def _sections(data: bytes | memoryview, at: int, count: int) -> Iterator[Section]:
    for index in range(count):
        name, virtual_size, address, raw_size, raw_offset = _SECTION.unpack_from(data, at + index * _SECTION.size)
        # The loader rounds the offset down to a sector.
        yield Section(name.rstrip(b"\0").decode("latin-1"), virtual_size, address, raw_size, raw_offset & ~0x1FF)


def section_md5(data: bytes | memoryview, section: Section) -> str | None:
    """MD5 of a section's raw bytes, lower-case hex; None where they reach beyond the file."""
    raw = data[section.raw_offset : section.raw_offset + section.raw_size]
    if not section.raw_size or len(raw) < section.raw_size:
        return None
    return hashlib.md5(raw, usedforsecurity=False).hexdigest()
