"""Event logs of Windows Vista and later (`.evtx`): typed records, read chunk by chunk, and what was lost is counted.

The fast reader (`evtx`) drops what it cannot decode. So each chunk's records are counted beforehand, and where one
is missing the chunk is read again: with its header repaired, then by a second, independent reader (`libevtx`).

What earlier rounds of the log left in the slack of chunks is read too, where it is whole: the record's size stands at
both ends, its template was not written over, its number and time are said twice alike, its log is the same.

Limits:
    At most SLACK_MAX records of the slack are kept; those whose number and time the log itself still covers are not.
    Texts of messages are not made: they lie in the programs that wrote the events. A record's time is the one of
    its header; providers that forward events name another one in their data.

References:
    [MS-EVEN6] 2.2.12 to 2.2.17 (BinXml); libevtx, "Windows XML Event Log (EVTX) format".
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple
from xml.etree.ElementTree import ParseError

import pyevtx
from evtx import PyEvtxParser

from triage.errors import FormatError
from triage.formats import evtx_text
from triage.formats.evtx_chunks import (
    CHUNK_HEADER,
    CHUNK_SIZE,
    FILE_HEADER,
    ONE_CHUNK,
    RECORD_MAGIC,
    RecordPlace,
    checksum_holds,
    is_unused,
    numbers_claimed,
    parse_header,
    places,
    repaired,
    slack_places,
)
from triage.formats.logrecord import LogRecord, LogSummary, Wanted
from triage.times import from_filetime

_JSON_ID = re.compile(r'"EventID":(?:\{"#attributes":\{[^}]*\},"#text":)?"?(\d{1,10})')
_XML_ID = re.compile(r"<EventID[^>]*>\s*(\d{1,10})")
_FILETIME_MAX = 1 << 63
_RECORDS_MAX = CHUNK_SIZE // 28
_SECOND = 1_000_000_000

SLACK_MAX = 20_000


class _Chunk(NamedTuple):
    """Where a chunk lies, and the number of its first record (0 where there is none)."""

    at: int
    first: int


class EvtxLog:
    """One log.

    Args:
        file: the whole log, seekable; read piece by piece.

    Raises:
        FormatError: no event log at all.
        OSError: its first bytes cannot be read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unreadable: OSError | None = None
        self.summary = LogSummary()
        self._slack: dict[tuple[int, int], LogRecord] = {}
        file.seek(0)
        header = parse_header(file.read(FILE_HEADER))
        end = file.seek(0, io.SEEK_END)
        self._chunks = self._order(end)
        if header is not None:
            self.summary.dirty, self.summary.full, known = header
            if end < FILE_HEADER + known * CHUNK_SIZE:
                self.summary.note_damage(end)
        elif any(chunk.first for chunk in self._chunks):
            self.summary.note_damage(0)
        else:
            raise FormatError("EVTX file header", 0)

    def records(self, wanted: Wanted) -> Iterator[LogRecord]:
        """The wanted records in order of their numbers, recovered ones last; `summary` is complete afterwards.

        Raises:
            OSError: part of the log could not be read; raised at the end.
        """
        for chunk in self._chunks:
            data = self._read(chunk.at, CHUNK_SIZE).ljust(CHUNK_SIZE, b"\0")
            if is_unused(data):
                continue
            found = [place for place in places(data) if place.written < _FILETIME_MAX]
            if found:
                yield from self._chunk(chunk.at, data, found, wanted)
            else:
                self.summary.note_damage(chunk.at)
        yield from self._older()
        if self._unreadable is not None:
            raise self._unreadable

    def _older(self) -> Iterator[LogRecord]:
        """What was found in the slack and is not in the log itself."""
        oldest = self.summary.oldest
        channels = self.summary.channels
        for (number, _), record in sorted(self._slack.items()):
            absent = oldest is None or number < oldest[0] or record.when < oldest[1] or self._is_missing(number)
            if absent and record.channel in channels:
                self.summary.recovered += 1
                yield record

    def _is_missing(self, number: int) -> bool:
        return any(gap.first <= number <= gap.last for gap in self.summary.gaps)

    def _order(self, end: int) -> list[_Chunk]:
        """Chunks in order of their first record: a full log goes on at its start."""
        chunks = []
        for at in range(FILE_HEADER, end, CHUNK_SIZE):
            head = self._read(at + CHUNK_HEADER, 16)
            first = int.from_bytes(head[8:16], "little") if head.startswith(RECORD_MAGIC) else 0
            chunks.append(_Chunk(at, first))
        return sorted(chunks, key=lambda chunk: chunk.first)

    def _read(self, at: int, size: int) -> bytes:
        try:
            self._file.seek(at)
            return self._file.read(size)
        except OSError as error:
            self._unreadable = self._unreadable or error
            self.summary.note_damage(at)
            return b""

    def _chunk(self, at: int, data: bytes, found: list[RecordPlace], wanted: Wanted) -> Iterator[LogRecord]:
        summary = self.summary
        sound = checksum_holds(data)
        summary.bad_checksums += not sound
        summary.follow([(place.number, from_filetime(place.written)) for place in found], sound=sound)
        if not sound and (absent := numbers_claimed(data) - len(found)) > 0:
            summary.note_damage(at, lost=absent)
        texts = _texts(data)
        if missing := {place.number for place in found}.difference(texts):
            rescued = _rescued(data, found, missing)
            summary.rescued += len(rescued)
            texts.update(rescued)
        self._gather_slack(data, found, wanted)
        for index, place in enumerate(found):
            text = texts.get(place.number)
            chosen = text is not None and _is_wanted(text, wanted)
            record = None
            if text is not None and (chosen or index in (0, len(found) - 1)):
                record = _decode(text, place)
                text = text if record else None
            if text is None:
                summary.note_damage(at + place.at, lost=1)
                continue
            summary.records += 1
            if record is not None:
                summary.name(record)
                if chosen:
                    yield record

    def _gather_slack(self, data: bytes, found: list[RecordPlace], wanted: Wanted) -> None:
        slack = [place for place in slack_places(data, found) if place.written < _FILETIME_MAX]
        if not slack or len(self._slack) >= SLACK_MAX:
            return
        texts = _texts(repaired(data, [*found, *slack], kept_from=found[-1].at + found[-1].size))
        for place in slack:
            text = texts.get(place.number)
            if text is not None and _is_wanted(text, wanted) and (record := _decode(text, place, twice=True)):
                self._slack[place.number, place.written] = record._replace(recovered=True)


def _is_wanted(text: str, wanted: Wanted) -> bool:
    """Undecoded, by the id's own place in the text; a record whose id is not seen there is decoded to be sure."""
    match = (_JSON_ID if text.startswith("{") else _XML_ID).search(text)
    if match is None:
        return True
    refine = wanted.get(int(match[1]))
    return refine is not None and refine(text)


def _texts(chunk: bytes) -> dict[int, str]:
    """The records of a chunk as JSON, by number; those that the fast reader cannot decode are absent."""
    try:
        rows = PyEvtxParser(io.BytesIO(ONE_CHUNK + chunk), 1).records_json()
    except (RuntimeError, OSError, ValueError):
        return {}
    texts: dict[int, str] = {}
    for _ in range(_RECORDS_MAX):
        try:
            for row in filter(None, rows):
                texts[row["event_record_id"]] = row["data"]
        except RuntimeError:  # one record; the next one may be sound
            continue
        break
    return texts


def _rescued(chunk: bytes, found: list[RecordPlace], missing: set[int]) -> dict[int, str]:
    """What a repaired copy of the chunk, then the second reader, give of the missing records."""
    copy = repaired(chunk, found)
    texts = {number: text for number, text in _texts(copy).items() if number in missing}
    if len(texts) < len(missing):
        texts.update(_second_reader(copy, missing - texts.keys()))
    return texts


def _second_reader(chunk: bytes, missing: set[int]) -> dict[int, str]:
    """The missing records as XML."""
    log = pyevtx.file()
    try:
        log.open_file_object(io.BytesIO(ONE_CHUNK + chunk))
    except OSError:
        return {}
    texts = {}
    for index in range(log.number_of_records):
        try:
            record = log.get_record(index)
            if record.identifier in missing:
                texts[record.identifier] = record.xml_string
        except OSError:
            continue
    log.close()
    return texts


def _decode(text: str, place: RecordPlace, *, twice: bool = False) -> LogRecord | None:
    """A record of its JSON or XML; None where that does not hold an event.

    twice: the event itself must give the number and the time of the record's header, to the second.
    """
    try:
        event: Any = json.loads(text) if text.startswith("{") else evtx_text.from_xml(text)
        when = from_filetime(place.written)
        if twice:
            number, created = evtx_text.said(event)
            if number != place.number or abs(created - when) > _SECOND:
                return None
        return evtx_text.record(event, place.number, when)
    except (ValueError, RecursionError, ParseError, FormatError):
        return None
