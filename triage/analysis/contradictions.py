"""What does not fit together between the sources, for the reader to weigh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from triage.analysis.course import TOLERANCE, Phase, Remark, earliest
from triage.analysis.phases import PhaseId
from triage.analysis.traces import Traces
from triage.model import UnixNs
from triage.times import from_isoformat

_SECOND: Final = 1_000_000_000
OUTBREAK: Final = UnixNs(1_494_547_200 * _SECOND)
"""2017-05-12T00:00:00Z: nobody saw this malware before."""

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


def contradictions(traces: Traces, phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]) -> Iterator[Remark]:
    """What earlier and later, counted and found, do not agree on. facts: name to value."""
    drop = earliest(phases, PhaseId.ARRIVAL, PhaseId.DROP)
    notes = earliest(phases, PhaseId.NOTES)
    begun = min(traces.encrypted.when, default=None) or earliest(phases, PhaseId.USER_FOLDERS, PhaseId.DRIVES)
    ended = max(traces.encrypted.when, default=None)
    after = earliest(phases, PhaseId.SHADOW_COPIES, PhaseId.FILLER)
    started, heartbeat, passed = (
        from_isoformat(facts.get(f"wannacry.{name}", "")) for name in ("started", "heartbeat", "pass_finished")
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
