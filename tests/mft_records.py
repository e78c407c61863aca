"""Records of `$MFT` in the tests' own words: what a property or a test needs to say, and no more."""

from __future__ import annotations

import struct
from collections.abc import Iterable

IN_USE = 1
FIX_UP = b"\xa5\x5a"


def attribute(kind: int, content: bytes, *, non_resident: bool = False) -> bytes:
    """A resident attribute, or one that only says it is not."""
    body = content.ljust((len(content) + 7) & ~7, b"\0")
    return struct.pack("<IIBBHHHIHH", kind, 24 + len(body), non_resident, 0, 0, 0, 0, len(content), 24, 0) + body


def standard_information(times: tuple[int, int, int, int], bits: int = 0x20) -> bytes:
    return attribute(0x10, struct.pack("<4QI", *times, bits).ljust(72, b"\0"))


def file_name(times: tuple[int, int, int, int], name: str = "a.txt", *, space: int = 1) -> bytes:
    units = name.encode("utf-16-le")
    head = struct.pack("<Q4QQQIIBB", 5 | 5 << 48, *times, 0, 0, 0x20, 0, len(units) // 2, space)
    return attribute(0x30, head + units)


def reparse_point(tag: int) -> bytes:
    return attribute(0xC0, struct.pack("<IHH", tag, 8, 0) + b"somewhere")


def record(
    attributes: Iterable[bytes] = (), *, size: int = 1024, sequence: int = 1, flags: int = IN_USE, base: int = 0
) -> bytes:
    """A whole record as on disk, its sector ends replaced."""
    body = b"".join(attributes) + struct.pack("<II", 0xFFFFFFFF, 0)
    count = size // 512 + 1
    first = 48 + (2 * count + 7 & ~7)
    head = struct.pack("<4sHHQHHHH", b"FILE", 48, count, 0, sequence, 1, first, flags)
    head += struct.pack("<IIQHHI", first + len(body), size, base, 9, 0, 0)
    raw = bytearray((head + FIX_UP.ljust(first - 48, b"\0") + body).ljust(size, b"\0"))
    for number in range(1, count):
        end = number * 512
        raw[48 + 2 * number : 50 + 2 * number] = raw[end - 2 : end]
        raw[end - 2 : end] = FIX_UP
    return bytes(raw)
