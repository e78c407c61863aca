"""Harmless fakes: bytes that carry an indicator and nothing else, built from what a family writes down.

A fake PE is headers and data: its entry point is a single `ret`, it imports nothing and does nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

_FILE_ALIGNMENT = 0x200
_SECTION_ALIGNMENT = 0x1000
_RET = b"\xc3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of bytes, given one way: ASCII or UTF-8 `text`, UTF-16LE `wide`, `hex`, or a number of `zeros`."""

    text: str = ""
    wide: str = ""
    hex: str = ""
    zeros: int = 0

    def __post_init__(self) -> None:
        if sum(map(bool, (self.text, self.wide, self.hex, self.zeros))) != 1:
            raise ValueError("a part is exactly one of text, wide, hex, zeros")
        bytes.fromhex(self.hex)

    @property
    def bytes(self) -> bytes:
        return self.text.encode() + self.wide.encode("utf-16-le") + bytes.fromhex(self.hex) + bytes(self.zeros)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fake:
    """A harmless entry that must be found.

    Attributes:
        path: from the root of a volume, as evidence gives it.
        deleted: its name is left, its record is free.
        text: the whole content, instead of parts.
        parts: the content, piece by piece.
        pe: wraps the content in a PE of so many bits.
        exports: names that the fake PE exports.
    """

    path: str
    kind: Literal["file", "folder"] = "file"
    hidden: bool = False
    deleted: bool = False
    text: str = ""
    parts: tuple[Part, ...] = ()
    pe: Literal[32, 64] | None = None
    exports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError(f"path {self.path!r} must begin with /")
        if self.text and self.parts:
            raise ValueError("text and parts cannot both be given")
        if self.exports and not self.pe:
            raise ValueError("exports need pe")

    def content(self) -> bytes:
        """The fake's bytes."""
        body = self.text.encode() + b"".join(part.bytes for part in self.parts)
        return build_pe(body, self.pe, self.exports) if self.pe else body


def build_pe(body: bytes, bits: Literal[32, 64] = 32, exports: tuple[str, ...] = ()) -> bytes:
    """A PE with one section that holds a `ret`, an export table for `exports` and then `body`.

    References:
        Microsoft, "PE Format": MS-DOS stub, COFF header, optional header, section table, .edata.
    """
    table = _export_table(exports, _SECTION_ALIGNMENT + 16) if exports else b""
    raw = _padded(_RET.ljust(16, b"\0") + table + body, _FILE_ALIGNMENT)
    directories = struct.pack("<II", _SECTION_ALIGNMENT + 16, len(table)) if exports else bytes(8)
    machine, magic, optional_size = (0x8664, 0x20B, 112 + 128) if bits == 64 else (0x14C, 0x10B, 96 + 128)
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", machine, 1, 0, 0, 0, optional_size, 0x2102 if exports else 0x102)
    size_of_image = _SECTION_ALIGNMENT * 2 + len(raw) // _SECTION_ALIGNMENT * _SECTION_ALIGNMENT
    optional = struct.pack("<HBBIIIII", magic, 6, 0, len(raw), 0, 0, _SECTION_ALIGNMENT, _SECTION_ALIGNMENT)
    optional += struct.pack("<Q", 0x140000000) if bits == 64 else struct.pack("<II", 0, 0x400000)
    optional += struct.pack("<II6HI", _SECTION_ALIGNMENT, _FILE_ALIGNMENT, 4, 0, 0, 0, 4, 0, 0)
    optional += struct.pack("<IIIHH", size_of_image, _FILE_ALIGNMENT, 0, 2, 0)
    optional += struct.pack("<4Q" if bits == 64 else "<4I", 0x100000, 0x1000, 0x100000, 0x1000)
    optional += struct.pack("<II", 0, 16) + directories + bytes(15 * 8)
    section = struct.pack("<8sIIII12xI", b".text", len(raw), _SECTION_ALIGNMENT, len(raw), _FILE_ALIGNMENT, 0xE0000020)
    return _padded(dos + coff + optional + section, _FILE_ALIGNMENT) + raw


def _export_table(names: tuple[str, ...], rva: int) -> bytes:
    """IMAGE_EXPORT_DIRECTORY, address, name-pointer and ordinal tables, names; every name leads to the `ret`."""
    count = len(names)
    addresses, pointers, ordinals = rva + 40, rva + 40 + 4 * count, rva + 40 + 8 * count
    text, offsets = b"", []
    for name in ("fake.dll", *names):
        offsets.append(ordinals + 2 * count + len(text))
        text += name.encode() + b"\0"
    table = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, offsets[0], 1, count, count, addresses, pointers, ordinals)
    table += struct.pack(f"<{count}I", *[_SECTION_ALIGNMENT] * count)
    table += struct.pack(f"<{count}I", *offsets[1:]) + struct.pack(f"<{count}H", *range(count)) + text
    return _padded(table, 16)


def _padded(data: bytes, alignment: int) -> bytes:
    return data + bytes(-len(data) % alignment)
