"""What the library that walks NTFS does not give: `$FILE_NAME` times, attribute bits, reparse tags, exact times.

One pass over `$MFT` into a flat table of 72 bytes a record, before the walk.

Limits:
    Of several `$FILE_NAME` attributes the last one counts that is no DOS name, as The Sleuth Kit's `istat` and
    `fls -m` show it. A reparse tag counts where `$STANDARD_INFORMATION` says that there is one, as Windows has it.

References:
    libfsntfs, "New Technologies File System (NTFS)", MFT entry, fix-up values, attributes 0x10, 0x30, 0xC0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

from triage.errors import FormatError

FILE_ATTRIBUTE_REPARSE_POINT = 0x400
FILE_ATTRIBUTE_ENCRYPTED = 0x4000

STANDARD_INFORMATION = 0x10
FILE_NAME = 0x30
REPARSE_POINT = 0xC0
DOS_NAME = 2

SECTOR = 512
"""Bytes between two fix-up values, whatever the sectors of the disk."""

_HEADER = struct.Struct("<4xHH12xH10xQ")  # offset and count of fix-up values, first attribute, base record
_ATTRIBUTE = struct.Struct("<IIB11xH")  # type, length, non-resident, offset of the content
_ROW = struct.Struct("<4QI4QI")  # as $STANDARD_INFORMATION begins; then $FILE_NAME times, reparse tag
_INFORMATION = 36
_TIMES = 32
_TAG = _ROW.size - 4
_ABSENT = bytes(_ROW.size)


class MftRow(NamedTuple):
    """What is kept of a record; times are FILETIMEs, 0 where there is none."""

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


class MftIndex:
    """A row for each record of `$MFT`.

    Args:
        size: bytes of `$MFT`.
        record_size: bytes.

    Raises:
        FormatError: record_size is not one that NTFS uses.
    """

    def __init__(self, size: int, record_size: int) -> None:
        if not 256 <= record_size <= 65536 or record_size & (record_size - 1):
            raise FormatError(f"MFT record size {record_size}", 0)
        self._record_size = record_size
        self._count = max(size, 0) // record_size
        self._rows = bytearray(self._count * _ROW.size)
        self._next = 0

    def __len__(self) -> int:
        return self._count

    def row(self, number: int) -> MftRow:
        """The row of a record; all zero for one that the table does not hold."""
        if 0 <= number < self._count:
            return MftRow._make(_ROW.unpack_from(self._rows, number * _ROW.size))
        return MftRow._make(_ROW.unpack(_ABSENT))

    def add(self, chunk: bytes) -> None:
        """Takes the next records of `$MFT`, in order; what is no record is passed over."""
        records, size = bytearray(chunk), self._record_size
        first = self._next
        self._next = min(first + len(records) // size, self._count)
        for number, at in enumerate(range(0, (self._next - first) * size, size), first):
            if records.startswith(b"FILE", at):
                self._read(records, at, number)

    def _read(self, records: bytearray, at: int, number: int) -> None:
        """Reads the attributes up to the last one of interest. Those of an extension record belong to its base."""
        end = at + self._record_size
        fixes, count, first, base = _HEADER.unpack_from(records, at)
        base &= 0xFFFFFFFFFFFF
        row = (base if 0 < base < self._count else number) * _ROW.size
        rows = self._rows
        last = REPARSE_POINT if base else FILE_NAME
        where, fixed = at + first, at + SECTOR - 2
        while where + 24 <= end:
            kind, length, non_resident, start = _ATTRIBUTE.unpack_from(records, where)
            if where + length > fixed:  # most records tell what is wanted of them in their first sector
                _restore_sector_ends(records, at, end, at + fixes, count)
                fixed = end
                kind, length, non_resident, start = _ATTRIBUTE.unpack_from(records, where)
            if kind > last or length < 24 or where + length > end:
                return
            content, behind = where + start, where + length
            if non_resident:
                pass
            elif kind == FILE_NAME:
                if content + 66 <= behind and records[content + 65] != DOS_NAME:
                    rows[row + _INFORMATION : row + _TAG] = records[content + 8 : content + 8 + _TIMES]
            elif kind == STANDARD_INFORMATION and content + _INFORMATION <= behind:
                rows[row : row + _INFORMATION] = records[content : content + _INFORMATION]
                if records[content + 33] & FILE_ATTRIBUTE_REPARSE_POINT >> 8:
                    last = REPARSE_POINT
            elif kind == REPARSE_POINT and content + 4 <= behind:
                rows[row + _TAG : row + _ROW.size] = records[content : content + 4]
            where = behind


def _restore_sector_ends(records: bytearray, at: int, end: int, fixes: int, count: int) -> None:
    """Undoes the update sequence. A torn sector is left as it is: the walk's library reports such records."""
    if fixes + count * 2 > end:
        return
    number = records[fixes : fixes + 2]
    for stop in range(at + SECTOR, min(end, at + (count - 1) * SECTOR) + 1, SECTOR):
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
    return index
