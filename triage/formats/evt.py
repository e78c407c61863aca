"""Event logs of Windows NT to 2003 (`.evt`): typed records, found by their own mark, whatever the header says.

The header of a log that was not closed is out of date, and a full log goes on at its start: so every record is looked
for, taken where its length stands at both ends, and given in order of numbers.

Limits:
    A log larger than SIZE_MAX is not read. The log's name (System, Security …) is not in the file.

References:
    [MS-EVEN] 2.2.3 (EVENTLOGRECORD); Microsoft, "Event Log File Format" (ELF_LOGFILE_HEADER).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from triage.errors import FormatError
from triage.formats.logrecord import LogRecord, LogSummary, Wanted
from triage.times import from_unix

MAGIC = b"LfLe"
SIZE_MAX = 128 << 20

_HEADER = 48
_DIRTY, _FULL = 1, 4
_RECORD = struct.Struct("<I4sIIIIHHHHIIIIII")
_RECORD_MAX = 1 << 18
_STRINGS_MAX = 256


class _Place(NamedTuple):
    number: int
    at: int
    size: int


class EvtLog:
    """One log.

    Args:
        file: the whole log, seekable.
        channel: what the log is called.

    Raises:
        FormatError: no event log, or too large.
        OSError: it cannot be read.
    """

    def __init__(self, file: BinaryIO, channel: str) -> None:
        file.seek(0)
        data = file.read(SIZE_MAX + 1)
        if data[4:8] != MAGIC or len(data) < _HEADER:
            raise FormatError("ELF_LOGFILE_HEADER", 0)
        if len(data) > SIZE_MAX:
            raise FormatError("event log size", len(data))
        (flags,) = struct.unpack_from("<I", data, 36)
        self.summary = LogSummary(dirty=bool(flags & _DIRTY), full=bool(flags & _FULL))
        self._channel = channel
        self._data = data
        self._size = len(data)

    def records(self, wanted: Wanted) -> Iterator[LogRecord]:
        """The wanted records in order of their numbers; `summary` is complete afterwards."""
        summary = self.summary
        data = self._data + self._data[_HEADER : _HEADER + _RECORD_MAX]  # the record at the end goes on at the start
        before = b""
        for place in sorted(set(_places(data, self._size))):
            whole = data[place.at : place.at + place.size]
            if whole == before:  # an earlier round of the log may have left a copy
                continue
            before = whole
            fields = _RECORD.unpack_from(data, place.at)
            summary.records += 1
            summary.follow([(place.number, from_unix(fields[4]))], sound=False)
            refine = wanted.get(fields[5] & 0xFFFF)
            if refine is None and summary.computers:
                continue
            record = _record(data, place, self._channel, fields)
            if record is None:
                summary.records -= 1
                summary.note_damage(place.at % self._size, lost=1)
                continue
            summary.name(record)
            if refine is not None and refine("\n".join(record.data.values())):
                yield record


def _places(data: bytes, end: int) -> Iterator[_Place]:
    at = _HEADER
    while (mark := data.find(MAGIC, at + 4, end)) >= 0:
        at = mark - 4
        size, _, number = struct.unpack_from("<I4sI", data, at) if at + 12 <= len(data) else (0, b"", 0)
        stored = data[at + size - 4 : at + size]
        if _RECORD.size <= size <= _RECORD_MAX and at + size <= len(data) and stored == data[at : at + 4]:
            yield _Place(number, at, size)
            at += size
        else:
            at += 4


def _record(data: bytes, place: _Place, channel: str, fields: tuple[int, ...]) -> LogRecord | None:
    end = place.at + place.size - 4
    names = place.at + _RECORD.size
    provider, names = _text(data, names, end)
    computer, _ = _text(data, names, end)
    strings, where = min(fields[7], _STRINGS_MAX), place.at + fields[11]
    sid = data[place.at + fields[13] : min(place.at + fields[13] + fields[12], end)] if fields[12] else b""
    if not provider or (strings and not place.at < where <= end):
        return None
    values = {}
    for index in range(1, strings + 1):
        values[f"param{index}"], where = _text(data, where, end)
    return LogRecord(
        record_id=place.number,
        when=from_unix(fields[3]),
        channel=channel,
        provider=provider,
        event_id=fields[5] & 0xFFFF,
        computer=computer,
        user=_sid(sid),
        data=values,
    )


def _text(data: bytes, at: int, end: int) -> tuple[str, int]:
    """UTF-16 up to its zero, and where the next begins."""
    stop = at
    while (stop := data.find(b"\0\0", stop, end)) >= 0 and (stop - at) % 2:
        stop += 1
    if stop < 0:
        stop = end
    return data[at:stop].decode("utf-16-le", "replace"), stop + 2


def _sid(data: bytes) -> str:
    """[MS-DTYP] 2.4.2.2; empty where it is cut."""
    if len(data) < 8 or len(data) < 8 + 4 * data[1]:
        return ""
    parts = struct.unpack_from(f"<{data[1]}I", data, 8)
    return "-".join(map(str, ("S", data[0], int.from_bytes(data[2:8], "big"), *parts)))
