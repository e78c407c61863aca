"""Damaged hive bins (a bad sector, a torn write, a cut copy) made readable again, so that the rest is not lost too.

Windows heals such bins as well; the reader gives up a bin for one impossible cell, and all bins behind a lost header.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from triage.formats.regf_log import SECTOR

_BIN = 4096
_HEADER = struct.Struct("<4sII")
_FIRST_CELL = 32
_SMALLEST_CELL = 8
_SEARCHED = 1 << 20
"""Bytes of a bin in which the next cell is looked for behind a damaged place."""


def healed_bins(read: Callable[[int, int], bytes], size: int) -> tuple[dict[int, bytes], int]:
    """(sector of the hive bins, from 0, to its bytes; how many bins were healed).

    A bin without a header gets the one it must have had; where no cell can be, a free one is put.

    Args:
        read: (offset in the hive bins, size) to bytes.
        size: of all hive bins, in bytes.
    """
    sectors: dict[int, bytes] = {}
    healed = 0
    at = 0
    while at + _BIN <= size:
        length = _bin_length(read, at, size)
        changes: list[tuple[int, bytes]] = []
        if not length:
            end = at + _BIN
            while end + _BIN <= size and not _bin_length(read, end, size):
                end += _BIN
            length = end - at
            changes.append((0, _HEADER.pack(b"hbin", at, length)))
        changes += _free_cells(read(at, length))
        for place, data in changes:
            _write(sectors, read, at + place, data)
        healed += bool(changes)
        at += length
    return sectors, healed


def _bin_length(read: Callable[[int, int], bytes], at: int, size: int) -> int:
    """Bytes of the bin that begins here; 0 where none does."""
    raw = read(at, _HEADER.size)
    if len(raw) < _HEADER.size:
        return 0
    mark, offset, length = _HEADER.unpack(raw)
    return length if mark == b"hbin" and offset == at and length and not length % _BIN and at + length <= size else 0


def _free_cells(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Sizes to be written where the row of cells breaks: a free cell up to the next place from which it holds."""
    at = _broken(data, _FIRST_CELL)
    while at < len(data):
        end = min(len(data), at + _SEARCHED)
        following = next((start for start in range(at + 8, end, 8) if _broken(data, start) == len(data)), len(data))
        yield at, struct.pack("<i", following - at)
        at = _broken(data, following)


def _broken(data: bytes, at: int) -> int:
    """The first place, from a cell on, where no cell can be; the bin's end where there is none."""
    end = len(data)
    unpack = struct.Struct("<i").unpack_from
    while at < end:
        length = abs(unpack(data, at)[0])
        if length < _SMALLEST_CELL or length % _SMALLEST_CELL or at + length > end:
            return at
        at += length
    return at


def _write(sectors: dict[int, bytes], read: Callable[[int, int], bytes], at: int, data: bytes) -> None:
    """Puts bytes that lie within one sector over what is there."""
    number, place = divmod(at, SECTOR)
    sector = sectors.get(number) or read(number * SECTOR, SECTOR).ljust(SECTOR, b"\0")
    sectors[number] = sector[:place] + data + sector[place + len(data) :]
