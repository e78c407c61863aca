"""`$UsnJrnl:$J`: every change that NTFS wrote down, in order. USN_RECORD_V2, V3 and V4.

A journal begins with a hole as large as all it has forgotten: of a large one only the part behind the hole is read.

Limits:
    A record never crosses a page of 4096 bytes. A hole larger than 4 MiB in the middle of a journal of more than
    256 MiB hides what stands before it. Of the 128-bit references of V3 and V4 the lower half is kept: NTFS uses
    no more.

References:
    [MS-FSCC] 2.3.62 USN_RECORD_V2 and V3; Windows SDK winioctl.h, USN_RECORD_V4, USN_REASON_*.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import FILETIME_UNIX_EPOCH

DATA_OVERWRITE = 0x1
DATA_EXTEND = 0x2
DATA_TRUNCATION = 0x4
FILE_CREATE = 0x100
FILE_DELETE = 0x200
RENAME_OLD_NAME = 0x1000
RENAME_NEW_NAME = 0x2000
BASIC_INFO_CHANGE = 0x8000
CLOSE = 0x80000000

PAGE = 4096
"""Bytes; no record crosses a boundary of this size."""

_CHUNK = 1 << 20
_SEARCHED = 256 << 20
"""Largest journal, in bytes, whose hole is read as zeros rather than searched for its end."""
_HOLE = 4 << 20
_TAIL = 64 << 20

_RECORD_V2 = struct.Struct("<IHHQQqqIIIIHH")
_RECORD_V3 = struct.Struct("<IHHQ8xQ8xqqIIIIHH")
_RECORD_V4 = struct.Struct("<IHHQ8xQ8xqIIIHH")
_EXTENT = 16
_NUMBER = 0xFFFFFFFFFFFF

# Length below one page, version 2 to 4, minor version 0: how a record begins.
_BEGIN = re.compile(rb"[\x38-\xff\x00][\x00-\x10]\0\0[\x02-\x04]\0\0\0", re.DOTALL)
_SOMETHING = re.compile(rb"[^\0]")
_ZEROS = bytes(_CHUNK)


class UsnRecord(NamedTuple):
    """One change.

    Attributes:
        usn: the record's own place in the journal, in bytes since its beginning.
        when: None in a V4 record, which tells only what part of a file a V3 record before it means.
        file, parent: file references: the record in `$MFT`, and its sequence number in the upper 16 bits.
        reason: USN_REASON_* bits, gathered since the file was opened.
        name: without its folder; empty in V4.
        attributes: FILE_ATTRIBUTE_* bits, 0 in V4.
    """

    usn: int
    when: UnixNs | None
    file: int
    parent: int
    reason: int
    name: str
    attributes: int


def record_number(reference: int) -> int:
    """The record in `$MFT` of a file reference."""
    return reference & _NUMBER


class UsnJournal:
    """The records of a journal, in order, read once.

    Args:
        file: seekable, of size bytes.

    Attributes:
        skipped: bytes so far that are neither a record nor zeros.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self.skipped = 0
        self._used = 0

    def __iter__(self) -> Iterator[UsnRecord]:
        """Every record; what lies between them is passed over, and counted unless it is zeros.

        Raises:
            FormatError: there is no record, and yet something.
            OSError: the file cannot be read.
        """
        offset = _behind_hole(self._file, self._size) if self._size > _SEARCHED else 0
        self._file.seek(offset)
        found = False
        kept = b""
        while data := self._file.read(_CHUNK):
            offset += len(data)
            last = offset >= self._size or len(data) < _CHUNK
            if kept or data != _ZEROS[: len(data)]:
                kept += data
                for record in self._records(kept, last):
                    found = True
                    yield record
                kept = kept[self._used :]
        if self.skipped and not found:
            raise FormatError("USN_RECORD", 0)

    def _records(self, data: bytes, last: bool) -> Iterator[UsnRecord]:
        """The records of data; if more follows it, what could be the beginning of one is left for later."""
        at, size = 0, len(data)
        stop = size if last else size - PAGE
        unpack, make, header = _RECORD_V2.unpack_from, UsnRecord._make, _RECORD_V2.size
        while at < stop:
            if at + header > size:
                self.skipped += len(data[at:].strip(b"\0"))
                at = size
                break
            length, major, _, file, parent, usn, ticks, reason, _, _, attributes, count, start = unpack(data, at)
            after = at + length
            if (
                major == 2
                and start == header
                and start + count <= length <= PAGE
                and after <= size
                and not (length & 7 or count & 1)
                and ticks >= 0
            ):
                name = data[at + header : at + header + count].decode("utf-16-le", "surrogatepass")
                when = (ticks - FILETIME_UNIX_EPOCH) * 100
                at = after
                yield make((usn, when, file, parent, reason, name, attributes))
            elif (newer := _newer(data, at, length, major)) is not None:
                at = after
                yield newer
            else:
                at = self._resume(data, at, stop)
        self._used = at

    def _resume(self, data: bytes, at: int, stop: int) -> int:
        """Where the next record may begin: behind zeros, or behind what is none."""
        something = _SOMETHING.search(data, at, stop)
        if something is None:
            return stop
        behind = something.start() & ~7
        if behind > at:
            return behind
        begin = next((m.start() for m in _BEGIN.finditer(data, at + 8, stop + 8) if not m.start() & 7), stop)
        self.skipped += len(data[at:begin].rstrip(b"\0"))
        return begin


def _newer(data: bytes, at: int, length: int, major: int) -> UsnRecord | None:
    """The V3 or V4 record at this place, if there is one."""
    after = at + length
    if length > PAGE or length & 7 or after > len(data):
        return None
    if major == 3 and length >= _RECORD_V3.size:
        _, _, _, file, parent, usn, ticks, reason, _, _, attributes, count, start = _RECORD_V3.unpack_from(data, at)
        if start != _RECORD_V3.size or start + count > length or count & 1 or ticks < 0:
            return None
        name = data[at + start : at + start + count].decode("utf-16-le", "surrogatepass")
        when = UnixNs((ticks - FILETIME_UNIX_EPOCH) * 100)
        return UsnRecord(usn, when, file, parent, reason, name, attributes)
    if major == 4 and length >= _RECORD_V4.size:
        _, _, _, file, parent, usn, reason, _, _, extents, size = _RECORD_V4.unpack_from(data, at)
        if size == _EXTENT and _RECORD_V4.size + extents * size <= length:
            return UsnRecord(usn, None, file, parent, reason, "", 0)
    return None


def _behind_hole(file: BinaryIO, size: int) -> int:
    """Bytes before the first page that is stored: found by halving, for the hole may be terabytes.

    Raises:
        FormatError: the end of the journal is empty too.
    """

    def stored(page: int) -> bool:
        file.seek(page * PAGE)
        return any(file.read(PAGE))

    high = _last_stored(file, size) // PAGE
    while high:
        low = -1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if stored(middle) else (middle, high)
        # an empty page amid the records ends the halving too early
        before = max(0, high - _HOLE // PAGE)
        earlier = next((page for page in range(before, high) if stored(page)), high)
        if earlier == high:
            break
        high = earlier
    return high * PAGE


def _last_stored(file: BinaryIO, size: int) -> int:
    """The place of some byte of the last stored chunk that is not zero."""
    for start in range(size - _CHUNK, max(0, size - _TAIL), -_CHUNK):
        file.seek(start)
        data = file.read(_CHUNK)
        if data != _ZEROS[: len(data)]:
            return start + len(data.rstrip(b"\0")) - 1
    raise FormatError(f"USN_RECORD in the last {_TAIL >> 20} MiB", size)
