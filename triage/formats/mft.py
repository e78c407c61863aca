"""What the library that walks NTFS does not give: `$FILE_NAME` times, attribute bits and reparse tags, from `$MFT`.

One pass over the table into flat arrays, 40 bytes a record, before the walk.

Limits:
    Of several `$FILE_NAME` attributes the last one counts, as The Sleuth Kit's `istat` and `fls -m` show it.

References:
    libfsntfs, "New Technologies File System (NTFS)", MFT entry, attributes 0x10, 0x30, 0xC0.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable

from triage.errors import FormatError

FILE_ATTRIBUTE_REPARSE_POINT = 0x400
FILE_ATTRIBUTE_ENCRYPTED = 0x4000

STANDARD_INFORMATION = 0x10
FILE_NAME = 0x30
REPARSE_POINT = 0xC0
END = 0xFFFFFFFF

_TIMES = struct.Struct("<4Q")
_ATTRIBUTE = struct.Struct("<IIB")


class MftIndex:
    """Per record number: four `$FILE_NAME` FILETIMEs (born, modified, changed, accessed), bits and reparse tag.

    Args:
        records: how many records the table holds.
    """

    def __init__(self, records: int) -> None:
        self._times = array("Q", bytes(records * 32))
        self._bits = array("I", bytes(records * 4))
        self._tags = array("I", bytes(records * 4))
        self._next = 0

    def __len__(self) -> int:
        return len(self._bits)

    def name_times(self, number: int) -> tuple[int, int, int, int] | None:
        """FILETIMEs (born, modified, MFT-changed, accessed) of `$FILE_NAME`; None where the record has none."""
        if not 0 <= number < len(self._bits):
            return None
        at = number * 4
        times = self._times[at : at + 4]
        return (times[0], times[1], times[2], times[3]) if any(times) else None

    def attributes(self, number: int) -> int:
        """FILE_ATTRIBUTE_* bits of `$STANDARD_INFORMATION`."""
        return self._bits[number] if 0 <= number < len(self._bits) else 0

    def reparse_tag(self, number: int) -> int:
        """IO_REPARSE_TAG_* of the record, 0 where it is no reparse point."""
        return self._tags[number] if 0 <= number < len(self._tags) else 0

    def add(self, chunk: bytes, record_size: int, sector: int = 512) -> None:
        """Takes the next whole records of `$MFT`, in order.

        Raises:
            FormatError: record_size is not one that NTFS uses.
        """
        if record_size < 256 or record_size % 256 or record_size > 65536:
            raise FormatError("MFT record size", 0)
        first = self._next
        self._next = min(first + len(chunk) // record_size, len(self._bits))
        for number in range(first, self._next):
            at = (number - first) * record_size
            if chunk[at : at + 4] == b"FILE":
                self._read(bytearray(chunk[at : at + record_size]), number, sector)

    def _read(self, record: bytearray, number: int, sector: int) -> None:
        size = len(record)
        _restore_sector_ends(record, sector)
        base = int.from_bytes(record[32:38], "little")
        owner = base if 0 < base < len(self._bits) else number
        at = int.from_bytes(record[20:22], "little")
        while at + 24 <= size:
            kind, length, non_resident = _ATTRIBUTE.unpack_from(record, at)
            if kind == END or kind > REPARSE_POINT or length < 16 or at + length > size:
                return
            if not non_resident:
                start = at + int.from_bytes(record[at + 20 : at + 22], "little")
                if kind == FILE_NAME and start + 66 <= size:
                    self._times[owner * 4 : owner * 4 + 4] = array("Q", _TIMES.unpack_from(record, start + 8))
                elif kind == STANDARD_INFORMATION and start + 36 <= size:
                    self._bits[owner] = int.from_bytes(record[start + 32 : start + 36], "little")
                elif kind == REPARSE_POINT and start + 4 <= size:
                    self._tags[owner] = int.from_bytes(record[start : start + 4], "little")
            at += length


def _restore_sector_ends(record: bytearray, sector: int) -> None:
    """Undoes the update sequence. A torn sector is left as it is: the walk's library reports such records."""
    offset = int.from_bytes(record[4:6], "little")
    count = int.from_bytes(record[6:8], "little")
    if offset + count * 2 > len(record):
        return
    for index in range(1, count):
        end = index * sector
        if end <= len(record):
            record[end - 2 : end] = record[offset + index * 2 : offset + index * 2 + 2]


def index_of(chunks: Iterable[bytes], size: int, record_size: int) -> MftIndex:
    """The index over a `$MFT` of size bytes, given in chunks of whole records."""
    index = MftIndex(size // max(record_size, 1))
    for chunk in chunks:
        index.add(chunk, record_size)
    return index
