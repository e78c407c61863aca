"""Broken programs that a parser must survive. Harmless fakes: headers that lie, and no code but `ret`.

Each is a valid fake with a few bytes changed, so only the lie is what a parser stumbles over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType

from samples_fake.pe import E_LFANEW, SECTION_ALIGNMENT, FakePe, build_pe
from samples_fake.pe_resources import Resource

_COFF = E_LFANEW + 4
_OPTIONAL = _COFF + 20
_SECTIONS = _OPTIONAL + 224


def _sound() -> bytearray:
    return bytearray(
        build_pe(
            FakePe(
                dll=True,
                module_name="fake.dll",
                exports=("Nothing",),
                resources=(Resource(type="FAKE", id=1, data=b"harmless"),),
            )
        )
    )


def huge_section_count() -> bytes:
    """65,535 sections announced, four there."""
    data = _sound()
    struct.pack_into("<H", data, _COFF + 2, 0xFFFF)
    return bytes(data)


def resource_loop() -> bytes:
    """A resource directory whose entry leads back to the root directory."""
    data = _sound()
    rsrc = struct.unpack_from("<I", data, _SECTIONS + 3 * 40 + 20)[0]
    struct.pack_into("<I", data, rsrc + 16 + 4, 0x80000000)
    return bytes(data)


def resource_bomb() -> bytes:
    """A resource directory that announces 65,535 named and 65,535 numbered entries."""
    data = _sound()
    rsrc = struct.unpack_from("<I", data, _SECTIONS + 3 * 40 + 20)[0]
    struct.pack_into("<HH", data, rsrc + 12, 0xFFFF, 0xFFFF)
    return bytes(data)


def e_lfanew_out_of_range() -> bytes:
    """The pointer to the PE header leads far beyond the end."""
    data = _sound()
    struct.pack_into("<I", data, 0x3C, 0x7FFFFFF0)
    return bytes(data)


def overlapping_sections() -> bytes:
    """All sections claim the same address and the same bytes of the file."""
    data = _sound()
    raw = struct.unpack_from("<I", data, _SECTIONS + 20)[0]
    for index in range(4):
        struct.pack_into("<II", data, _SECTIONS + index * 40 + 8, 0x10000, SECTION_ALIGNMENT)
        struct.pack_into("<I", data, _SECTIONS + index * 40 + 20, raw)
    return bytes(data)


def section_beyond_end() -> bytes:
    """A section of nearly 4 GiB in a file of a few KiB."""
    data = _sound()
    struct.pack_into("<IIII", data, _SECTIONS + 2 * 40 + 8, 0xFFFFF000, 0x3000, 0xFFFFFE00, 0x600)
    return bytes(data)


def export_bomb() -> bytes:
    """An export directory that announces 4 billion names."""
    data = _sound()
    rva = struct.unpack_from("<I", data, _OPTIONAL + 96)[0]
    section_rva, raw = struct.unpack_from("<I4xI", data, _SECTIONS + 40 + 12)
    struct.pack_into("<II", data, rva - section_rva + raw + 20, 0xFFFFFFFF, 0xFFFFFFFF)
    return bytes(data)


def import_loop() -> bytes:
    """An import directory that covers the whole address space, so every byte looks like a descriptor."""
    data = _sound()
    struct.pack_into("<II", data, _OPTIONAL + 96 + 8, SECTION_ALIGNMENT, 0xFFFFF000)
    return bytes(data)


def truncated_headers() -> bytes:
    """Cut in the middle of the optional header."""
    return bytes(_sound()[: _OPTIONAL + 30])


def only_mz() -> bytes:
    """Two bytes."""
    return b"MZ"


MALFORMED: Mapping[str, Callable[[], bytes]] = MappingProxyType(
    {
        build.__name__: build
        for build in (
            huge_section_count,
            resource_loop,
            resource_bomb,
            e_lfanew_out_of_range,
            overlapping_sections,
            section_beyond_end,
            export_bomb,
            import_loop,
            truncated_headers,
            only_mz,
        )
    }
)
