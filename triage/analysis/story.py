"""What happened, in order: the phases of the attack, how fast it encrypted, whether it finished, what does not fit.

Limits:
    A phase without evidence is not denied: what would show it may not have been read, or may be gone.
    Offsets of `00000000.res` are not proven on a victim's file; what rests on it alone has medium confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from triage.analysis.phases import PhaseId, Trust, trust_of
from triage.analysis.rate import Rate, rate_of
from triage.analysis.traces import Evidence, Traces
from triage.model import Confidence, Event, Json, UnixNs
from triage.times import from_unix

_SECOND: Final = 1_000_000_000
_RANK: Final = tuple(Trust).index
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
TOLERANCE: Final = 60 * _SECOND
"""The malware's log is written every 25 s, a sweep of its drives begins every 60 s."""
OUTBREAK: Final = UnixNs(1_494_547_200 * _SECOND)
"""2017-05-12T00:00:00Z: nobody saw this malware before."""

FINISHED = "The malware's own log tells the end of a full pass over the drives"
NOT_FINISHED = "The malware's own log tells of no full pass over the drives"
AFTER_PASS = "Traces of what it does only after a full pass"  # noqa: S105  a phrase
HALF_WRITTEN = "Files that it was still writing or had only staged"
STARTS_AGAIN = "It is set to start with Windows, and its program is in place"
NOTHING_STARTS = "No program of it is in place to be started"
NO_AUTOSTART = "Nothing that starts it with Windows was found in the registry"
PENDING = "At its next start Windows deletes originals that were moved away"
NOT_ENCRYPTED = "Traces of it, but no encrypted file"

NOTES_FIRST = "Ransom notes are older than the program that writes them"
ENCRYPTED_FIRST = "Files were encrypted before the program came"
OUT_OF_ORDER = "Traces of what follows a full pass are older than the encryption"
AFTER_HEARTBEAT = "Files were encrypted after the malware's log says it last ran"
RAN_ON = "The malware ran on after the last file it encrypted"
LOG_LATE = "The malware's log begins after the first encrypted file"
COUNTS_DIFFER = "The malware's log counts other numbers of files than were found"
TOO_EARLY = "Times lie before this malware was first seen anywhere"
CLOCK_SET = "The clock was changed between the first and the last trace"
LOG_CLEARED = "An event log was cleared"
COPIED = "Encrypted files whose real time nothing tells"

TITLES = (
    FINISHED,
    NOT_FINISHED,
    AFTER_PASS,
    HALF_WRITTEN,
    STARTS_AGAIN,
    NOTHING_STARTS,
    NO_AUTOSTART,
    PENDING,
    NOT_ENCRYPTED,
    NOTES_FIRST,
    ENCRYPTED_FIRST,
    OUT_OF_ORDER,
    AFTER_HEARTBEAT,
    RAN_ON,
    LOG_LATE,
    COUNTS_DIFFER,
    TOO_EARLY,
    CLOCK_SET,
    LOG_CLEARED,
    COPIED,
)


class Outcome(Enum):
    """How far the encryption got."""

    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    NOT_BEGUN = "not-begun"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase that left evidence; evidence is never empty.

    Attributes:
        source: what tells its first time, empty where none does.
    """

    id: PhaseId
    first: UnixNs | None
    last: UnixNs | None
    source: str
    confidence: Confidence
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A fixed English phrase, when it was (where that is known), and what varies."""

    text: str
    when: UnixNs | None = None
    details: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The machine's clock.

    Attributes:
        zone: as Windows calls it, empty where unknown.
        bias: what local time is ahead of UTC (`+07:00`), empty where unknown.
        changes: when it was set, from the records of Windows.
    """

    zone: str
    bias: str
    changes: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened. phases: those with evidence, in the order in which the malware acts.

    Attributes:
        resumes: it goes on when Windows starts again; None where that could not be judged.
        reasons: for outcome and resumes.
        contradictions: what does not fit together, for the reader to weigh.
    """

    phases: tuple[Phase, ...]
    rate: Rate | None
    outcome: Outcome
    confidence: Confidence
    resumes: bool | None
    reasons: tuple[Remark, ...]
    contradictions: tuple[Remark, ...]
    clock: Clock

    def phase(self, phase: PhaseId) -> Phase | None:
        """The phase, None where it left no evidence."""
        return next((one for one in self.phases if one.id is phase), None)


def tell(traces: Traces, facts: Mapping[str, str]) -> Story:
    """The story. facts: name to value; of several values the last."""
    known = {name: value.rpartition(" | ")[2] for name, value in facts.items()}
    encrypted = traces.encrypted
    order = encrypted.in_order()
    rate = rate_of([encrypted.when[at] for at in order], [encrypted.bytes[at] for at in order])
    phases = {phase.id: phase for phase in _phases(traces.evidence())}
    if last := _last(phases):
        phases[PhaseId.LAST] = last
    ordered = tuple(phases[phase] for phase in PhaseId if phase in phases)
    outcome, confidence, reasons = _outcome(traces, phases, known)
    resumes, why = _resumes(traces, phases, known)
    return Story(
        phases=ordered,
        rate=rate,
        outcome=outcome,
        confidence=confidence,
        resumes=resumes,
        reasons=(*reasons, *why),
        contradictions=tuple(_contradictions(traces, phases, known)),
        clock=Clock(
            zone=known.get("time.zone", ""), bias=known.get("time.zone_bias", ""), changes=tuple(traces.clock_changes)
        ),
    )


def _phases(evidence: Iterable[Evidence]) -> Iterator[Phase]:
    by_phase: dict[PhaseId, list[Evidence]] = {}
    for one in evidence:
        by_phase.setdefault(one.phase, []).append(one)
    for phase, every in by_phase.items():
        yield _phase(phase, every)


def _phase(phase: PhaseId, every: list[Evidence]) -> Phase:
    """Weak times count only where there are no others."""
    dated = [one for one in every if one.first is not None]
    trusted = [one for one in dated if trust_of(one.source) is not Trust.WEAK] or dated
    first = min(trusted, key=lambda one: (one.first or 0, _RANK(trust_of(one.source)), one.source), default=None)
    lasts = [one.last for one in trusted if one.last is not None]
    return Phase(
        id=phase,
        first=first.first if first else None,
        last=max(lasts, default=None),
        source=first.source if first else "",
        confidence=_confidence(trusted),
        evidence=tuple(every),
    )


def _confidence(dated: list[Evidence]) -> Confidence:
    """High where Windows logged it or two kinds of source tell of it; low where names are all there is."""
    if not any(one.sure for one in dated):
        return Confidence.LOW
    ranks = {trust_of(one.source) for one in dated}
    if Trust.LOGGED in ranks or (Trust.KEPT in ranks and len({one.source for one in dated}) > 1):
        return Confidence.HIGH
    return Confidence.MEDIUM if Trust.KEPT in ranks else Confidence.LOW


def _last(phases: Mapping[PhaseId, Phase]) -> Phase | None:
    """The latest trace of all; the malware's own log stands beside it."""
    dated = [phase for phase in phases.values() if phase.last is not None]
    if not dated:
        return None
    latest = max(dated, key=lambda phase: phase.last or 0)
    proof = max((one for one in latest.evidence if one.last is not None), key=lambda one: one.last or 0)
    own = phases[PhaseId.LAST].evidence if PhaseId.LAST in phases else ()
    return Phase(
        id=PhaseId.LAST,
        first=latest.last,
        last=latest.last,
        source=proof.source,
        confidence=latest.confidence,
        evidence=own if proof in own else (proof, *own),
    )


def _outcome(
    traces: Traces, phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]
) -> tuple[Outcome, Confidence, list[Remark]]:
    if not traces.states and not any(phase in phases for phase in (PhaseId.USER_FOLDERS, PhaseId.DRIVES)):
        if phases:
            return Outcome.NOT_BEGUN, Confidence.MEDIUM, [Remark(text=NOT_ENCRYPTED, details={})]
        return Outcome.UNDETERMINED, Confidence.LOW, []
    reasons = []
    after: list[Json] = [phase.value for phase in (PhaseId.SHADOW_COPIES, PhaseId.FILLER) if phase in phases]
    half = sum(traces.states.get(state, 0) for state in ("partial", "staged"))
    finished = _moment(facts.get("wannacry.pass_finished", ""))
    if finished is not None:
        reasons.append(Remark(text=FINISHED, when=finished, details={}))
    if after:
        reasons.append(Remark(text=AFTER_PASS, when=None, details={"phases": list(after)}))
    if reasons:
        return Outcome.FINISHED, Confidence.HIGH if len(reasons) > 1 else Confidence.MEDIUM, reasons
    if "wannacry.started" in facts:
        reasons.append(Remark(text=NOT_FINISHED, when=_moment(facts.get("wannacry.heartbeat", "")), details={}))
    if half:
        reasons.append(Remark(text=HALF_WRITTEN, details={"files": half}))
    if reasons:
        return Outcome.INTERRUPTED, Confidence.HIGH if len(reasons) > 1 else Confidence.MEDIUM, reasons
    return Outcome.UNDETERMINED, Confidence.LOW, []


def _resumes(
    traces: Traces, phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]
) -> tuple[bool | None, list[Remark]]:
    pending = [Remark(text=PENDING, details={})] if traces.pending_there else []
    if traces.loader_there and traces.autostart_there:
        return True, [Remark(text=STARTS_AGAIN, details={}), *pending]
    if phases and not traces.loader_there:
        return False, [Remark(text=NOTHING_STARTS, details={}), *pending]
    if phases and "os.build" in facts:
        return False, [Remark(text=NO_AUTOSTART, details={}), *pending]
    return None, pending


def _contradictions(traces: Traces, phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]) -> Iterator[Remark]:
    drop = _earliest(phases, PhaseId.ARRIVAL, PhaseId.DROP)
    notes = _earliest(phases, PhaseId.NOTES)
    begun = min(traces.encrypted.when, default=None) or _earliest(phases, PhaseId.USER_FOLDERS, PhaseId.DRIVES)
    ended = max(traces.encrypted.when, default=None)
    after = _earliest(phases, PhaseId.SHADOW_COPIES, PhaseId.FILLER)
    started, heartbeat, passed = (
        _moment(facts.get(f"wannacry.{name}", "")) for name in ("started", "heartbeat", "pass_finished")
    )
    for text, earlier, later in (
        (NOTES_FIRST, notes, drop),
        (ENCRYPTED_FIRST, begun, drop),
        (OUT_OF_ORDER, after, begun),
        (AFTER_HEARTBEAT, heartbeat, ended),
        (RAN_ON, ended if passed is None else None, heartbeat),  # after a full pass it waits for new files
        (LOG_LATE, begun, started),
    ):
        if earlier is not None and later is not None and earlier < later - TOLERANCE:
            yield Remark(text=text, when=UnixNs(earlier), details={"seconds": (later - earlier) // _SECOND})
    counted, found = facts.get("wannacry.files_encrypted", ""), len(traces.encrypted)
    if counted.isdecimal() and found and abs(int(counted) - found) > max(10, found // 20):
        yield Remark(text=COUNTS_DIFFER, details={"counted": int(counted), "found": found})
    if (untold := sum(traces.states.values()) - found - traces.states.get("staged", 0)) > 0:
        yield Remark(text=COPIED, details={"files": untold})
    yield from _of_the_clock(traces, phases)


def _of_the_clock(traces: Traces, phases: Mapping[PhaseId, Phase]) -> Iterator[Remark]:
    times = [when for phase in phases.values() for when in (phase.first, phase.last) if when is not None]
    if not times:
        return
    if min(times) < OUTBREAK:
        yield Remark(text=TOO_EARLY, when=min(times), details={})
    for event in traces.clock_changes:
        if min(times) - TOLERANCE <= event.when <= max(times) + TOLERANCE:
            yield Remark(text=CLOCK_SET, when=event.when, details=event.details)
    for event in traces.cleared:
        if event.when >= min(times) - TOLERANCE:
            yield Remark(text=LOG_CLEARED, when=event.when, details=event.details)


def _earliest(phases: Mapping[PhaseId, Phase], *wanted: PhaseId) -> UnixNs | None:
    times = (phases[phase].first for phase in wanted if phase in phases)
    return min((when for when in times if when is not None), default=None)


def _moment(text: str) -> UnixNs | None:
    """UnixNs of what `times.isoformat` writes, to the last digit; None of any other text."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    try:
        whole = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return from_unix(seconds, int((match[2] or "").ljust(9, "0")))
