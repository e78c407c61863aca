"""Windows programs that do nothing: PE files built from a description.

The bytes are harmless fakes carrying indicators only: the entry point and every export are one
`ret`, and no code follows.

References:
    Microsoft, "PE Format".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from samples_fake.pe_resources import Resource, resource_section

FILE_ALIGNMENT = 0x200
SECTION_ALIGNMENT = 0x1000
E_LFANEW = 0x80
RET = b"\xc3"

_CODE, _DATA, _READ_ONLY = 0x60000020, 0xC0000040, 0x40000040


@dataclass(frozen=True, slots=True, kw_only=True)
class FakePe:
    """What a fake program shows to those who look at it.

    Attributes:
        bits: 32 (PE32, i386) or 64 (PE32+, x86-64).
        timestamp: compile time, seconds since 1970.
        linker: major, minor.
        strings: put into `.rdata` as NUL-terminated ASCII.
        wide_strings: the same as UTF-16LE.
        blobs: raw bytes put into `.data`.
        imports: names by DLL.
        overlay: bytes after the last section.
        padding: zero bytes added to `.data`, where a size matters.
    """

    bits: int = 32
    dll: bool = False
    timestamp: int = 1290243788
    linker: tuple[int, int] = (6, 0)
    strings: Sequence[str] = ()
    wide_strings: Sequence[str] = ()
    blobs: Sequence[bytes] = ()
    imports: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"KERNEL32.dll": ("GetTickCount",)})
    module_name: str = ""
    exports: Sequence[str] = ()
    resources: Sequence[Resource] = ()
    overlay: bytes = b""
    padding: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    name: bytes
    rva: int
    data: bytes
    flags: int


def aligned(size: int, to: int) -> int:
    """Size rounded up to a multiple."""
    return -(-size // to) * to


def build_pe(fake: FakePe) -> bytes:
    """The program's bytes: a harmless fake, valid for loaders and parsers, whose only instruction is `ret`."""
    text = _Section(name=b".text", rva=SECTION_ALIGNMENT, data=RET * 16, flags=_CODE)
    rva = _next(text)
    directories = {}
    rdata = bytearray()
    if fake.imports:
        directories[1], block = _imports(fake, rva)
        rdata += block
    if fake.exports:
        rdata += bytes(-len(rdata) % 16)
        directories[0], block = _exports(fake, rva + len(rdata), text.rva)
        rdata += block
    for string in fake.strings:
        rdata += bytes(-len(rdata) % 4) + string.encode() + b"\0"
    for string in fake.wide_strings:
        rdata += bytes(-len(rdata) % 4) + string.encode("utf-16-le") + b"\0\0"
    sections = [text, _Section(name=b".rdata", rva=rva, data=bytes(rdata) or b"\0", flags=_READ_ONLY)]
    data = b"".join(fake.blobs) + bytes(fake.padding)
    sections.append(_Section(name=b".data", rva=_next(sections[-1]), data=data or b"\0", flags=_DATA))
    if fake.resources:
        rva = _next(sections[-1])
        block = resource_section(fake.resources, rva, fake.timestamp)
        directories[2] = (rva, len(block))
        sections.append(_Section(name=b".rsrc", rva=rva, data=block, flags=_READ_ONLY))
    return _headers_and_sections(fake, sections, directories) + fake.overlay


def _next(section: _Section) -> int:
    return section.rva + aligned(len(section.data), SECTION_ALIGNMENT)


def _headers_and_sections(
    fake: FakePe, sections: Sequence[_Section], directories: Mapping[int, tuple[int, int]]
) -> bytes:
    optional_size = 224 if fake.bits == 32 else 240
    start = aligned(E_LFANEW + 24 + optional_size + 40 * len(sections), FILE_ALIGNMENT)
    optional = _optional_header(fake, sections, directories, start)
    characteristics = 0x0102 if fake.bits == 32 else 0x0022
    coff = struct.pack(
        "<HHIIIHH",
        0x14C if fake.bits == 32 else 0x8664,
        len(sections),
        fake.timestamp,
        0,
        0,
        optional_size,
        characteristics | (0x2000 if fake.dll else 0),
    )
    table = bytearray()
    bodies = bytearray()
    for section in sections:
        raw = aligned(len(section.data), FILE_ALIGNMENT)
        table += struct.pack(
            "<8sIIIIIIHHI",
            section.name,
            len(section.data),
            section.rva,
            raw,
            start + len(bodies),
            0,
            0,
            0,
            0,
            section.flags,
        )
        bodies += section.data.ljust(raw, b"\0")
    headers = _dos_stub() + b"PE\0\0" + coff + optional + bytes(table)
    return headers.ljust(start, b"\0") + bytes(bodies)


def _dos_stub() -> bytes:
    header = struct.pack("<2s13H", b"MZ", 0x90, 3, 0, 4, 0, 0xFFFF, 0, 0xB8, 0, 0, 0, 0x40, 0).ljust(0x3C, b"\0")
    # int 20h: ends under DOS without printing
    return (header + struct.pack("<I", E_LFANEW) + b"\xcd\x20").ljust(E_LFANEW, b"\0")


def _optional_header(
    fake: FakePe, sections: Sequence[_Section], directories: Mapping[int, tuple[int, int]], headers: int
) -> bytes:
    wide = fake.bits == 64
    text = sections[0]
    initialised = sum(aligned(len(s.data), FILE_ALIGNMENT) for s in sections[1:])
    header = struct.pack(
        "<HBBIIIII", 0x20B if wide else 0x10B, *fake.linker, FILE_ALIGNMENT, initialised, 0, text.rva, text.rva
    )
    if wide:
        header += struct.pack("<Q", 0x10000000 if fake.dll else 0x140000000)
    else:
        header += struct.pack("<II", sections[1].rva, 0x10000000 if fake.dll else 0x400000)
    header += struct.pack("<IIHHHHHHI", SECTION_ALIGNMENT, FILE_ALIGNMENT, 4, 0, 0, 0, 4 + wide, 0, 0)
    header += struct.pack("<IIIHH", _next(sections[-1]), headers, 0, 2, 0)
    header += struct.pack("<4Q" if wide else "<4I", 0x100000, 0x1000, 0x100000, 0x1000) + struct.pack("<II", 0, 16)
    for index in range(16):
        header += struct.pack("<II", *directories.get(index, (0, 0)))
    return header


def _imports(fake: FakePe, rva: int) -> tuple[tuple[int, int], bytes]:
    """Import directory: descriptors, then for each DLL its lookup table, address table and names."""
    thunk = "<Q" if fake.bits == 64 else "<I"
    width = struct.calcsize(thunk)
    descriptors = bytearray()
    tail = bytearray()
    base = rva + 20 * (len(fake.imports) + 1)
    for dll, names in fake.imports.items():
        tables = 2 * width * (len(names) + 1)
        position = base + len(tail) + tables
        hints, strings = b"", b""
        for name in names:
            hints += struct.pack(thunk, position + len(strings))
            entry = b"\0\0" + name.encode() + b"\0"
            strings += entry + bytes(len(entry) % 2)
        hints += bytes(width)
        start = base + len(tail)
        descriptors += struct.pack("<IIIII", start, 0, 0, position + len(strings), start + len(hints))
        tail += hints * 2 + strings + dll.encode() + b"\0"
        tail += bytes(-len(tail) % 8)
    block = bytes(descriptors) + bytes(20) + bytes(tail)
    return (rva, len(descriptors) + 20), block


def _exports(fake: FakePe, rva: int, code: int) -> tuple[tuple[int, int], bytes]:
    """Export directory; every name leads to the one `ret`."""
    names = sorted(fake.exports)
    count = len(names)
    functions = rva + 40
    pointers = functions + 4 * count
    ordinals = pointers + 4 * count
    strings = ordinals + 2 * count
    text = fake.module_name.encode() + b"\0"
    addresses = b""
    for name in names:
        addresses += struct.pack("<I", strings + len(text))
        text += name.encode() + b"\0"
    header = struct.pack(
        "<IIHHIIIIIII", 0, fake.timestamp, 0, 0, strings, 1, count, count, functions, pointers, ordinals
    )
    block = header + struct.pack("<I", code) * count + addresses + struct.pack(f"<{count}H", *range(count)) + text
    return (rva, len(block)), block
