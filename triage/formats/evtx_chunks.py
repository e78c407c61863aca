"""The frame of an event log (`.evtx`): file header, chunks, where each record lies. What records say is read elsewhere.

Records behind a chunk's free-space mark that continue its numbers belong to the log (it was cut off by a power
failure). What an earlier round of the log left there is slack, and found by its own marks.

References:
    libevtx, "Windows XML Event Log (EVTX) format": file header, chunk, event record.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
RECORD_MAGIC = b"**\0\0"

FILE_HEADER = 4096
CHUNK_SIZE = 65536
CHUNK_HEADER = 512

_DIRTY, _FULL, _NO_CHECKSUM = 1, 2, 4
_RECORD = struct.Struct("<4sIQQ")
_NUMBERS = struct.Struct("<8sQQQQIII")  # magic, record numbers, record ids, header size, last record, free space
_CHUNKS_AT = 42
_CHECKSUM_AT, _FLAGS_AT = 52, 120
_TABLES = slice(128, CHUNK_HEADER)
_RECORD_MIN = _RECORD.size + 4
_INSTANCE = struct.Struct("<4sBx4sI")
_TEMPLATE = (b"\x0f\x01\x01\x00", 0x0C)
"""How BinXml of a record begins: a fragment's header, then an instance of a template."""

ONE_CHUNK = struct.pack("<8sQQQIHHHH", FILE_MAGIC, 0, 0, 1, 128, 1, 3, FILE_HEADER, 1).ljust(FILE_HEADER, b"\0")
"""A file header for a log of one chunk."""


class FileHeader(NamedTuple):
    """dirty: not closed by Windows; full: no more room; chunks: how many there were when the header was written."""

    dirty: bool
    full: bool
    chunks: int


class RecordPlace(NamedTuple):
    """Where a record lies in its chunk; written: FILETIME."""

    at: int
    size: int
    number: int
    written: int


def parse_header(data: bytes) -> FileHeader | None:
    """The file header; None where it is damaged, which does not keep chunks from being read."""
    if not data.startswith(FILE_MAGIC) or len(data) < 128:
        return None
    (flags,) = struct.unpack_from("<I", data, _FLAGS_AT)
    (chunks,) = struct.unpack_from("<H", data, _CHUNKS_AT)
    return FileHeader(bool(flags & _DIRTY), bool(flags & _FULL), chunks)


def places(chunk: bytes) -> list[RecordPlace]:
    """Every record of a chunk. Behind a damaged one the next whole record is looked for."""
    found: list[RecordPlace] = []
    free = _free_space(chunk)
    at, number = CHUNK_HEADER, 0
    unpack = _RECORD.unpack_from
    while at >= 0:
        follows, magic, size = number + 1, b"", 0
        if at + _RECORD_MIN <= CHUNK_SIZE:
            magic, size, number, written = unpack(chunk, at)
        if magic != RECORD_MAGIC or not _RECORD_MIN <= size <= CHUNK_SIZE - at:
            at = _next_record(chunk, at, free)
        elif at >= free and not (found and number == follows):
            break
        else:
            found.append(RecordPlace(at, size, number, written))
            at += size
    return found


def slack_places(chunk: bytes, found: Sequence[RecordPlace]) -> list[RecordPlace]:
    """Whole records that an earlier round of the log left behind the last one, whose template is still there.

    Args:
        chunk: all of it.
        found: its own records, as `places` gives them; at least one.
    """
    free = max(_free_space(chunk), found[-1].at + found[-1].size)
    slack: list[RecordPlace] = []
    if chunk.find(RECORD_MAGIC, free) < 0:
        return slack
    own = {place.number for place in found}
    at = free - 1
    while (at := _next_record(chunk, at, CHUNK_SIZE)) >= 0:
        _, size, number, written = _RECORD.unpack_from(chunk, at)
        if number and number not in own and _template_is_there(chunk, at + _RECORD.size):
            own.add(number)
            slack.append(RecordPlace(at, size, number, written))
            at += size - 1
    return slack


def _template_is_there(chunk: bytes, at: int) -> bool:
    """What a record's first bytes name as their template bears the same identifier, and was not written over."""
    if at + _INSTANCE.size > CHUNK_SIZE:
        return False
    fragment, token, identifier, place = _INSTANCE.unpack_from(chunk, at)
    return (fragment, token) == _TEMPLATE and chunk[place + 4 : place + 8] == identifier


def _free_space(chunk: bytes) -> int:
    if chunk.startswith(CHUNK_MAGIC):
        *_, free = _NUMBERS.unpack_from(chunk)
        if CHUNK_HEADER <= free <= CHUNK_SIZE:
            return int(free)
    return CHUNK_SIZE


def _next_record(chunk: bytes, at: int, free: int) -> int:
    """Offset of the next record that is whole (its size stands at both ends), -1 where there is none."""
    while (at := chunk.find(RECORD_MAGIC, at + 1, free)) >= 0:
        if at % 8 == 0 and at + _RECORD_MIN <= CHUNK_SIZE:
            size = int.from_bytes(chunk[at + 4 : at + 8], "little")
            if size >= _RECORD_MIN and chunk[at + size - 4 : at + size] == chunk[at + 4 : at + 8]:
                return at
    return -1


def numbers_claimed(chunk: bytes) -> int:
    """How many records the chunk's header says there are; 0 where it says nothing sensible."""
    _, first, last, *_ = _NUMBERS.unpack_from(chunk)
    count = last - first + 1
    return count if chunk.startswith(CHUNK_MAGIC) and 0 < count <= CHUNK_SIZE // _RECORD_MIN else 0


def is_unused(chunk: bytes) -> bool:
    """Nothing was ever written here."""
    return not chunk.strip(b"\0")


def checksum_holds(chunk: bytes) -> bool:
    """The records are what they were when the chunk was written; True where the log keeps no checksums."""
    (stored,) = struct.unpack_from("<I", chunk, _CHECKSUM_AT)
    (flags,) = struct.unpack_from("<I", chunk, _FLAGS_AT)
    return bool(flags & _NO_CHECKSUM) or stored == zlib.crc32(memoryview(chunk)[CHUNK_HEADER : _free_space(chunk)])


def repaired(chunk: bytes, found: Sequence[RecordPlace], kept_from: int = CHUNK_SIZE) -> bytes:
    """A copy whose header fits its records and whose chain of records has no hole.

    Readers take names and templates through tables in the header that only save time: they are emptied. What lies
    between two records becomes a record without content, number 0, so that readers go on behind it.

    Args:
        chunk: all of it.
        found: its records, in order of place.
        kept_from: offset from which a hole keeps its content: templates may lie in it.
    """
    copy = bytearray(chunk)
    first, last = found[0], found[-1]
    numbers = (first.number, last.number) * 2
    end = last.at + last.size
    _NUMBERS.pack_into(copy, 0, CHUNK_MAGIC, *numbers, 128, last.at, end)
    copy[_TABLES] = bytes(CHUNK_HEADER - 128)
    for at, size in _holes(found):
        _RECORD.pack_into(copy, at, RECORD_MAGIC, size, 0, 0)
        if at < kept_from:
            copy[at + _RECORD.size : at + size - 4] = bytes(size - _RECORD_MIN)
        struct.pack_into("<I", copy, at + size - 4, size)
    return bytes(copy)


def _holes(found: Sequence[RecordPlace]) -> Iterator[tuple[int, int]]:
    at = CHUNK_HEADER
    for place in found:
        if place.at - at >= _RECORD_MIN:
            yield at, place.at - at
        at = place.at + place.size
