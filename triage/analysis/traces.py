"""What findings and events say of the course of an attack, gathered in one pass over each.

Memory grows with the malware's own files alone, not with the entries of the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from triage.analysis.encrypted import SOURCE_OF, Encrypted
from triage.analysis.encryption_time import RENAME_EVENTS, Renames, Witness, encryption_time, renames
from triage.analysis.phases import (
    PhaseId,
    Trust,
    is_clock_change,
    is_log_cleared,
    phase_of_encrypted,
    phase_of_event,
    phase_of_finding,
    trust_of,
    weak_phase_of_event,
)
from triage.model import Entry, EntryId, Event, Finding, Severity, UnixNs

EXTENSION: Final = ".WNCRY"
"""What the malware adds to the name of a file that it encrypted."""

ORIGINAL = "Original of an encrypted file, deleted"

TITLES = (ORIGINAL,)

_STATES: Final = frozenset(("valid", "truncated", "partial"))
_BEFORE: Final = tuple(PhaseId).index
_STRENGTH: Final = tuple(Severity).index
_AT_HOME: Final = frozenset(("loader", "archive-member", "progress", "configuration"))
"""Names that lie in the folder the malware works from."""
_STARTED_BY: Final = frozenset(("service-worm", "service-loader", "registry-run"))
_HOUR: Final = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks of a phase: one text of one source, however often it was said.

    Attributes:
        text: a finding's title or an event's phrase.
        source: what its times were read from, empty where it has none.
        sure: more than a name or an ordinary event speaks of it.
        gone: how many of them are files that are deleted: their names are left, or their records.
        example: path of the first.
    """

    phase: PhaseId
    text: str
    source: str
    count: int
    first: UnixNs | None
    last: UnixNs | None
    sure: bool
    example: str
    gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is known of an entry: the title of its strongest finding, its phase, whether its times are copied."""

    title: str
    phase: PhaseId | None
    copied: bool = False


@dataclass(slots=True)
class _Tally:
    example: str
    count: int = 0
    first: UnixNs | None = None
    last: UnixNs | None = None
    sure: bool = False
    gone: int = 0

    def add(self, when: UnixNs | None, path: str, *, sure: bool, gone: bool) -> None:
        self.count += 1
        self.sure |= sure
        self.gone += gone
        if when is None:
            return
        if self.first is None or when < self.first:
            self.first, self.example = when, path
        if self.last is None or when > self.last:
            self.last = when


@dataclass(frozen=True, slots=True)
class _Piece:
    phase: PhaseId
    text: str
    source: str
    when: UnixNs | None
    path: str
    sure: bool = True
    gone: bool = False


@dataclass(slots=True)
class Traces:
    """All that the story is told from.

    Attributes:
        marks: of entries with a finding that means something.
        journalled: (volume, MFT record, time) of renames that an encrypted file accounts for.
        states: encrypted files by state.
        loader_there: a program of the malware is still in place.
        autostart_there: the registry in use starts it.
        pending_there: the registry in use deletes moved originals at the next start.
    """

    marks: dict[EntryId, Mark] = field(default_factory=dict)
    encrypted: Encrypted = field(default_factory=Encrypted)
    journalled: set[tuple[int, int, int]] = field(default_factory=set)
    states: dict[str, int] = field(default_factory=dict)
    loader_there: bool = False
    autostart_there: bool = False
    pending_there: bool = False
    clock_changes: list[Event] = field(default_factory=list)
    cleared: list[Event] = field(default_factory=list)
    tallies: dict[tuple[PhaseId, str, str], _Tally] = field(default_factory=dict)

    def add(self, piece: _Piece) -> None:
        """Takes one piece of evidence."""
        key = (piece.phase, piece.text, piece.source)
        self.tallies.setdefault(key, _Tally(piece.path)).add(piece.when, piece.path, sure=piece.sure, gone=piece.gone)

    def evidence(self) -> tuple[Evidence, ...]:
        """Everything gathered, by phase and time."""
        every = (
            Evidence(
                phase=p,
                text=t,
                source=s,
                count=y.count,
                first=y.first,
                last=y.last,
                sure=y.sure,
                example=y.example,
                gone=y.gone,
            )
            for (p, t, s), y in self.tallies.items()
        )
        return tuple(sorted(every, key=lambda e: (_BEFORE(e.phase), e.first is None, e.first or 0, e.text, e.source)))


def gather(
    findings: Iterable[tuple[Finding, Entry]],
    events: Iterable[tuple[Entry, Event]],
    originals: Iterable[EntryId] = (),
) -> Traces:
    """One pass over each.

    Args:
        findings: by entry.
        events: in time order.
        originals: deleted files that are called as encrypted ones were.
    """
    traces = Traces()
    weak: list[_Piece] = []
    notes: list[tuple[str, _Piece]] = []
    homes: set[str] = set()
    told = list(_told(traces, events, weak, notes, homes))
    known = renames(told)
    for _, group in groupby(findings, key=lambda pair: pair[1].id):
        pairs = list(group)
        entry, every = pairs[0][1], [finding for finding, _ in pairs]
        folder = f"{entry.volume}{entry.path.rpartition('/')[0]}"
        _hints(traces, entry, every)
        mark = _marked(entry, every)
        if mark is None:
            continue
        traces.marks[entry.id] = mark
        encrypted = next((one for one in every if one.severity is Severity.ENCRYPTED and "state" in one.details), None)
        if encrypted is not None:
            _encrypted(traces, encrypted, entry, known)
        elif mark.phase is not None:
            moved = any(one.indicator == "moved-original" for one in every)
            source, when = moved_at(entry) if moved else placed_at(entry)
            sure = any(one.severity is Severity.INFECTED for one in every)
            piece = _Piece(mark.phase, mark.title, source, when, entry.path, sure, not entry.allocated)
            if mark.phase is PhaseId.NOTES:
                notes.append((folder, piece))
            else:
                traces.add(piece)
            if any(one.indicator in _AT_HOME for one in every):
                homes.add(folder)
    for deleted in originals:
        traces.marks.setdefault(deleted, Mark(title=ORIGINAL, phase=None))
    for folder, piece in notes:  # its own copies, in the folder it works from, are dropped with it
        traces.add(replace(piece, phase=PhaseId.DROP) if folder in homes else piece)
    if not traces.states:
        for journal, event in told:
            traces.add(_Piece(PhaseId.DRIVES, event.what, event.source, event.when, journal.path))
    _add_weak(traces, weak)
    return traces


def _told(
    traces: Traces,
    events: Iterable[tuple[Entry, Event]],
    weak: list[_Piece],
    notes: list[tuple[str, _Piece]],
    homes: set[str],
) -> Iterator[tuple[Entry, Event]]:
    """Sorts events into the traces; gives back the renames, for the files they speak of tell them better."""
    for entry, event in events:
        if is_clock_change(event):
            traces.clock_changes.append(event)
        elif is_log_cleared(event):
            traces.cleared.append(event)
        elif event.what in RENAME_EVENTS:
            yield entry, event
        elif phase := phase_of_event(entry, event):
            piece = _Piece(phase, event.what, event.source, event.when, entry.path)
            folder = _folder_of(entry, event)
            if event.details.get("indicator") in _AT_HOME:
                homes.add(folder)
            if folder and phase is PhaseId.NOTES:
                notes.append((folder, piece))
            else:
                traces.add(piece)
        elif phase := weak_phase_of_event(entry, event):
            weak.append(_Piece(phase, event.what, event.source, event.when, entry.path, sure=False))


def _folder_of(journal: Entry, event: Event) -> str:
    """Where a change journal says that something happened: the number of the folder; empty for other events."""
    parent = event.details.get("parent")
    return f"{journal.volume}#{parent}" if isinstance(parent, int) else ""


def _add_weak(traces: Traces, weak: list[_Piece]) -> None:
    """Of ordinary events those within the attack; before it, the last hour."""
    sure = [(source, tally) for (_, _, source), tally in traces.tallies.items() if tally.sure]
    firm = [one for one in sure if trust_of(one[0]) is not Trust.WEAK] or sure
    times = [when for _, tally in firm for when in (tally.first, tally.last) if when]
    if not times:
        return
    begin, end = min(times), max(times)
    for piece in weak:
        until = begin if piece.phase is PhaseId.ARRIVAL else end
        if piece.when is not None and begin - _HOUR <= piece.when <= until:
            traces.add(piece)


def _hints(traces: Traces, entry: Entry, every: list[Finding]) -> None:
    for one in every:
        if one.detector == "registry" and one.severity is Severity.INFECTED and _in_force(one):
            traces.autostart_there |= one.indicator in _STARTED_BY
            traces.pending_there |= one.indicator == "registry-pending"
        traces.loader_there |= one.indicator in ("loader", "worm") and one.detector == "names" and entry.allocated


def _in_force(finding: Finding) -> bool:
    """Of the hive that Windows uses, and not deleted from it."""
    return finding.details.get("live") is not False and finding.details.get("deleted") is not True


def _marked(entry: Entry, every: list[Finding]) -> Mark | None:
    # of equals the detector that knows what the file is, before the one that knows which rule matched
    strong = min(every, key=lambda one: (_STRENGTH(one.severity), one.detector == "yara"))
    if strong.severity is Severity.INFO:
        return None
    phases = (phase_of_finding(one) for one in every)
    phase = phase_of_encrypted(entry) if strong.severity is Severity.ENCRYPTED else None
    return Mark(title=strong.title, phase=phase or next((one for one in phases if one), None))


def _encrypted(traces: Traces, finding: Finding, entry: Entry, known: Renames) -> None:
    state = str(finding.details["state"])
    traces.states[state] = traces.states.get(state, 0) + 1
    phase = phase_of_encrypted(entry)
    told = encryption_time(entry, known)
    if told is None:
        traces.add(_Piece(phase, finding.title, "", None, entry.path))
        return
    traces.add(_Piece(phase, finding.title, SOURCE_OF[told.witness], told.when, entry.path))
    if told.original_modified is not None:
        traces.marks[entry.id] = Mark(title=finding.title, phase=phase, copied=True)
    if told.witness is Witness.USN:
        traces.journalled.add((entry.volume, int(entry.inode.partition("-")[0]), told.when))
    if state in _STATES:
        size = finding.details.get("original_size")
        traces.encrypted.add(told, entry, size if isinstance(size, int) else entry.size)


def placed_at(entry: Entry) -> tuple[str, UnixNs | None]:
    """When a file came to its place, and who says so.

    A program that sets times sets those of `$STANDARD_INFORMATION`, and back; so the later birth is the truer one.
    """
    born, named = entry.times.born, entry.name_times.born if entry.name_times else None
    if named is not None and (born is None or named >= born):
        return "$FN", named
    if born is None:
        return "fs", entry.times.modified
    return ("$SI born" if entry.name_times else "fs"), born


def moved_at(entry: Entry) -> tuple[str, UnixNs | None]:
    """When a file got its present name: it kept its birth, NTFS alone writes down the change."""
    return ("$SI changed", entry.times.changed) if entry.name_times else ("", None)
