"""Every time of the case as one stream, in order: files' times, events, the true times of encryption.

Nothing is held but the malware's own files (`traces.py`): the database sorts, what comes from it is merged.

Limits:
    Times of a file on FAT or exFAT are what the clock of the machine showed, read as UTC.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Final

from triage.analysis.encryption_time import RENAME_EVENTS
from triage.analysis.phases import PhaseId, phase_of_event
from triage.analysis.shadow_copies import in_shadow_copy, live_events
from triage.analysis.traces import EXTENSION, Traces, gather
from triage.case import Case
from triage.model import Entry, Event, Json, Macb, UnixNs

EVENT: Final = "event"
STANDARD, NAME, PLAIN = "$SI", "$FN", "fs"

TIMES_OF_FILE = "Times of the file"
TIMES_OF_NAME = "Times of the file's name"
TIMES_OF_ORIGINAL = "Times of the original, copied by the malware"
HAPPENED = "Event"
ENCRYPTED = "File encrypted"

TITLES = (TIMES_OF_FILE, TIMES_OF_NAME, TIMES_OF_ORIGINAL, HAPPENED, ENCRYPTED)

EARLIEST, LATEST = UnixNs(-(2**63)), UnixNs(2**63 - 1)

_BATCH: Final = 500
_NOTHING: Final[Mapping[str, Json]] = {}
_GONE: Final[Mapping[str, Json]] = {"deleted": True}
_MACB: Final = tuple("".join(letter for bit, letter in enumerate("MACB") if bits >> bit & 1) for bits in range(16))
_COPIED_BITS: Final = 0b1011
"""SetFileTime sets M, A and B."""
_MODIFIED_BIT: Final = 0b0001
_ENCRYPTING: Final = (PhaseId.USER_FOLDERS, PhaseId.DRIVES)
_PLACED_BITS: Final = 0b1100
"""Birth and MFT-changed speak of the malware's act; later reading and writing may be anybody's."""

Times = Iterable[tuple[int, int, bool, int]]
Lookup = Callable[[Iterable[int]], Mapping[int, Entry]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A time, and what it means.

    Attributes:
        kind: which of the times M A C B it is, several where they are the same (`MB`), or EVENT.
        meaning: whose times they are, or that it is an event: a fixed English phrase.
        source: `$SI`, `$FN` or `fs`, or the artefact that tells an event.
        entry: the file, or the artefact.
        what: an event's phrase; for a file's times the title of its strongest finding, mostly empty.
        phase: of the attack, None where it belongs to none.
    """

    when: UnixNs
    kind: str
    meaning: str
    source: str
    entry: Entry
    what: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)
    phase: PhaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """All that an output of the timeline may know. rows are in time order, entries by volume and path.

    Attributes:
        host: name of the machine, empty where unknown.
        zone: time zone as Windows calls it, empty where unknown.
    """

    host: str
    zone: str
    start: UnixNs
    end: UnixNs
    rows: Callable[[], Iterator[Row]]
    events: Callable[[], Iterator[Row]]
    """Those rows that are events."""
    entries: Callable[[], Iterator[Entry]]
    copied: Callable[[Entry], bool]
    """The file's times are its original's."""


def chronicle(case: Case, start: UnixNs = EARLIEST, end: UnixNs = LATEST) -> Chronicle:
    """The timeline of a case, from start to end, both included."""
    traces = gather(
        ((finding, entry) for finding, entry, _ in case.findings() if not in_shadow_copy(finding)),
        live_events(case),
        case.deleted_originals(EXTENSION),
    )
    facts = {fact.name: fact.value for fact in case.facts()}

    def copied(entry: Entry) -> bool:
        mark = traces.marks.get(entry.id)
        return mark is not None and mark.copied

    def told(times: Times) -> Iterator[Row]:
        return rows(times, case.entries_by_id, _between(case.events(), start, end), traces, start, end)

    return Chronicle(
        host=facts.get("host.name", ""),
        zone=facts.get("time.zone", ""),
        start=start,
        end=end,
        rows=lambda: told(case.times(start, end)),
        events=lambda: told(()),
        entries=case.entries,
        copied=copied,
    )


def rows(
    times: Times,
    lookup: Lookup,
    events: Iterable[tuple[Entry, Event]],
    traces: Traces,
    start: UnixNs = EARLIEST,
    end: UnixNs = LATEST,
) -> Iterator[Row]:
    """One stream in time order; at the same time files' times first, then encryptions, then events.

    Args:
        times: as `Case.times` gives them.
        lookup: as `Case.entries_by_id`.
        events: in time order, of that span already.
        traces: of the whole case.
        start: of the span, included.
        end: of the span, included.
    """
    return heapq.merge(
        _files(times, lookup, traces),
        _encryptions(lookup, traces, start, end),
        event_rows(events, traces),
        key=attrgetter("when"),
    )


def _between(events: Iterable[tuple[Entry, Event]], start: UnixNs, end: UnixNs) -> Iterator[tuple[Entry, Event]]:
    return (told for told in events if start <= told[1].when <= end)


def _files(times: Times, lookup: Lookup, traces: Traces) -> Iterator[Row]:
    stream = iter(times)
    while batch := list(islice(stream, _BATCH)):
        entries = lookup({entry for _, entry, _, _ in batch})
        for when, number, is_name, bits in batch:
            yield from _file(UnixNs(when), entries[number], is_name, bits, traces)


def rows_of(entry: Entry, traces: Traces) -> Iterator[Row]:
    """All times of one file, in no order."""
    for is_name, times in ((False, entry.times), (True, entry.name_times)):
        if times is None:
            continue
        bits: dict[UnixNs, int] = {}
        for place, when in enumerate((times.modified, times.accessed, times.changed, times.born)):
            if when is not None:
                bits[when] = bits.get(when, 0) | 1 << place
        for when, which in bits.items():
            yield from _file(when, entry, is_name, which, traces)


def _file(when: UnixNs, entry: Entry, is_name: bool, bits: int, traces: Traces) -> Iterator[Row]:
    mark = traces.marks.get(entry.id)
    what = mark.title if mark else ""
    phase = mark.phase if mark and bits & _PLACED_BITS else None
    if phase in _ENCRYPTING and bits & _MODIFIED_BIT:
        phase = None  # as old as its content: not of the encryption
    known = _NOTHING if entry.allocated else _GONE
    own = bits
    if mark and mark.copied and (copied := _copied(when, entry.times, is_name, bits)):
        own = bits & ~copied
        source = NAME if is_name else STANDARD
        yield Row(
            when=when,
            kind=_MACB[copied],
            meaning=TIMES_OF_ORIGINAL,
            source=source,
            entry=entry,
            what=what,
            details=known,
        )
    if own:
        meaning = TIMES_OF_NAME if is_name else TIMES_OF_FILE
        source = NAME if is_name else STANDARD if entry.name_times else PLAIN
        yield Row(
            when=when,
            kind=_MACB[own],
            meaning=meaning,
            source=source,
            entry=entry,
            what=what,
            details=known,
            phase=phase,
        )


def _copied(when: UnixNs, times: Macb, is_name: bool, bits: int) -> int:
    """Which of the times are the original's: those that SetFileTime sets, and what a rename took over from them."""
    if is_name:
        return bits if when in (times.modified, times.accessed, times.born) else 0
    return bits & _COPIED_BITS


def _encryptions(lookup: Lookup, traces: Traces, start: UnixNs, end: UnixNs) -> Iterator[Row]:
    encrypted = traces.encrypted
    stream = (at for at in encrypted.in_order() if start <= encrypted.when[at] <= end)
    while batch := list(islice(stream, _BATCH)):
        entries = lookup({encrypted.entry[at] for at in batch})
        for at in batch:
            yield encryption_row(entries[encrypted.entry[at]], at, traces)


def encryption_row(entry: Entry, at: int, traces: Traces) -> Row:
    """That the entry was encrypted; at: its place in the columns of the traces."""
    encrypted = traces.encrypted
    return Row(
        when=UnixNs(encrypted.when[at]),
        kind=EVENT,
        meaning=HAPPENED,
        source=encrypted.source(at),
        entry=entry,
        what=ENCRYPTED,
        details={"original_size": encrypted.bytes[at]},
        phase=traces.marks[entry.id].phase,
    )


def event_rows(events: Iterable[tuple[Entry, Event]], traces: Traces) -> Iterator[Row]:
    """The events, without those that an encrypted file's own row tells better."""
    for entry, event in events:
        if event.what in RENAME_EVENTS and (entry.volume, event.details.get("record"), event.when) in traces.journalled:
            continue  # told as the encryption of that file
        yield Row(
            when=event.when,
            kind=EVENT,
            meaning=HAPPENED,
            source=event.source,
            entry=entry,
            what=event.what,
            details=event.details,
            phase=phase_of_event(entry, event),
        )
