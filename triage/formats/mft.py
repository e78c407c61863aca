"""What the library that walks NTFS does not give: `$FILE_NAME` times, attribute bits, reparse tags, exact times.

One pass over `$MFT` into flat tables of 75 bytes a record, before the walk.

Limits:
    Of several `$FILE_NAME` attributes the last one counts that is no DOS name, as The Sleuth Kit's `fls -m` shows it.
    Of several reparse points of one record, the last one.

References:
    libfsntfs, "New Technologies File System (NTFS)", MFT entry, fix-up values, attributes 0x10, 0x30, 0xC0.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable
from typing import NamedTuple

from triage.errors import FormatError

FILE_ATTRIBUTE_REPARSE_POINT = 0x400

STANDARD_INFORMATION = 0x10
FILE_NAME = 0x30
DATA = 0x80
REPARSE_POINT = 0xC0
DOS_NAME = 2

FIX_UP = 512
"""Bytes from one fix-up value to the next, whatever the sectors of the disk."""

_HEADER = struct.Struct("<4xHH8xH2xHH8xQ")  # fix-up offset and count, sequence, first attribute, flags, base record
_ATTRIBUTE = struct.Struct("<IIB11xH")  # type, length, non-resident, offset of the content
_CLUSTERS = struct.Struct("<9xB2xH34x2Q")  # name length, flags, size, how much of it was ever written
_ROW = struct.Struct("<4QI4QIB")  # $STANDARD_INFORMATION as it begins; $FILE_NAME times; reparse tag; data
_NAME, _TAG, _DATA = 36, 68, 72
PLAIN_DATA = 0x80
_MOST_DATA = 0x7F
_IN_USE = 1


class MftRow(NamedTuple):
    """What is kept of a record; times are FILETIMEs, 0 where there is none.

    data: how many `$DATA` attributes the record itself holds; PLAIN_DATA is added where the unnamed one lies in
    clusters as it is: written to its end, not compressed, sparse or encrypted.
    """

    born: int
    modified: int
    changed: int
    accessed: int
    attributes: int
    name_born: int
    name_modified: int
    name_changed: int
    name_accessed: int
    tag: int
    data: int


_ABSENT = MftRow._make(_ROW.unpack(bytes(_ROW.size)))


class MftIndex:
    """A row for each record of `$MFT`, to be filled by `add` and `finish`.

    Args:
        size: bytes of `$MFT`.
        record_size: bytes.

    Raises:
        FormatError: record_size is not one that NTFS uses.
    """

    def __init__(self, size: int, record_size: int) -> None:
        if not 256 <= record_size <= 65536 or record_size & (record_size - 1):
            raise FormatError(f"MFT record of {record_size} bytes", 0)
        self._record_size = record_size
        self._count = max(size, 0) // record_size
        self._rows = bytearray(self._count * _ROW.size)
        self._generations = array("H", bytes(self._count * 2))
        self._extensions: list[tuple[int, int, bytearray]] = []
        self._next = 0

    def __len__(self) -> int:
        return self._count

    def row(self, number: int) -> MftRow:
        """The row of a record; all zero for one that the table does not hold."""
        if 0 <= number < self._count:
            return MftRow._make(_ROW.unpack_from(self._rows, number * _ROW.size))
        return _ABSENT

    def add(self, chunk: bytes) -> None:
        """Takes the next records of `$MFT`, in order; what is no record is passed over."""
        records, size = bytearray(chunk), self._record_size
        first = self._next
        self._next = min(first + len(records) // size, self._count)
        for number, at in enumerate(range(0, (self._next - first) * size, size), first):
            if not records.startswith(b"FILE", at):
                continue
            _, _, sequence, _, flags, base = _HEADER.unpack_from(records, at)
            # freeing a record counts its sequence number up
            self._generations[number] = sequence if flags & _IN_USE else (sequence - 1) & 0xFFFF
            if base:
                row = bytearray(_ROW.size)
                _read(records, at, at + size, row, 0, REPARSE_POINT)
                self._extensions.append((base & 0xFFFFFFFFFFFF, base >> 48, row))
            else:
                _read(records, at, at + size, self._rows, number * _ROW.size, DATA)

    def finish(self) -> None:
        """Gives what extension records hold to their base records, where these still hold the same file."""
        for number, generation, found in self._extensions:
            if number < self._count and self._generations[number] == generation:
                row = number * _ROW.size
                for start, stop in ((_NAME, _TAG), (_TAG, _DATA)):
                    if any(found[start:stop]):
                        self._rows[row + start : row + stop] = found[start:stop]
        self._extensions.clear()


def _read(records: bytearray, at: int, end: int, rows: bytearray, row: int, last: int) -> None:
    """Reads one record's attributes, which are sorted by type, into a row.

    Args:
        records: records as on disk; what is read of this one is put right in place.
        at: where the record begins.
        end: where it ends.
        rows: where the row lies.
        row: where it begins.
        last: the last type to look for; a reparse point only where the attribute bits speak of one.
    """
    fixes, count, _, first, _, _ = _HEADER.unpack_from(records, at)
    where, whole = at + first, at + FIX_UP - 2
    while where + 24 <= end:
        kind, length, non_resident, start = _ATTRIBUTE.unpack_from(records, where)
        if where + max(length, 24) > whole:  # most records say all that is wanted before the first fix-up
            _fix_up(records, at, end, at + fixes, count)
            whole = end
            kind, length, non_resident, start = _ATTRIBUTE.unpack_from(records, where)
        content, behind = where + start, where + length
        if kind > last or length < 24 or behind > end:
            return
        if kind == DATA:
            if rows[row + _DATA] & _MOST_DATA < _MOST_DATA:
                rows[row + _DATA] += 1
            if non_resident and length >= _CLUSTERS.size:
                named, flags, size, written = _CLUSTERS.unpack_from(records, where)
                if not (named or flags) and size == written:
                    rows[row + _DATA] |= PLAIN_DATA
        elif non_resident:
            pass
        elif kind == FILE_NAME:
            if content + 66 <= behind and records[content + 65] != DOS_NAME:
                rows[row + _NAME : row + _TAG] = records[content + 8 : content + 40]
        elif kind == STANDARD_INFORMATION:
            if content + _NAME <= behind:
                rows[row : row + _NAME] = records[content : content + _NAME]
                if records[content + 33] & FILE_ATTRIBUTE_REPARSE_POINT >> 8:
                    last = REPARSE_POINT
        elif kind == REPARSE_POINT and content + 4 <= behind:
            rows[row + _TAG : row + _DATA] = records[content : content + 4]
        where = behind


def _fix_up(records: bytearray, at: int, end: int, fixes: int, count: int) -> None:
    """Puts back what stood at the sector ends. A torn sector is left: the walk's library reports such records."""
    if fixes + count * 2 > end:
        return
    number = records[fixes : fixes + 2]
    for stop in range(at + FIX_UP, min(end, at + (count - 1) * FIX_UP) + 1, FIX_UP):
        fixes += 2
        if records[stop - 2 : stop] == number:
            records[stop - 2 : stop] = records[fixes : fixes + 2]


def index_of(chunks: Iterable[bytes], size: int, record_size: int) -> MftIndex:
    """The index over a `$MFT` of size bytes, given in chunks of whole records.

    Raises:
        FormatError: record_size is not one that NTFS uses.
    """
    index = MftIndex(size, record_size)
    for chunk in chunks:
        index.add(chunk)
    index.finish()
    return index
