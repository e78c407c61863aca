"""How far the encryption got, and whether it goes on at the next start of Windows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from triage.analysis.course import Phase, Remark
from triage.analysis.phases import PhaseId
from triage.analysis.traces import Traces
from triage.model import Confidence, Json
from triage.times import from_isoformat

FINISHED = "The malware's own log tells the end of a full pass over the drives"
NOT_FINISHED = "The malware's own log tells of no full pass over the drives"
AFTER_PASS = "Traces of what it does only after a full pass"  # noqa: S105  a phrase
HALF_WRITTEN = "Files that it was still writing or had only staged"
STARTS_AGAIN = "It is set to start with Windows, and its program is in place"
NOTHING_STARTS = "No program of it is in place to be started"
NO_AUTOSTART = "Nothing that starts it with Windows was found in the registry"
PENDING = "At its next start Windows deletes originals that were moved away"
NOT_ENCRYPTED = "Traces of it, but no encrypted file"

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
)


class Outcome(Enum):
    """How far the encryption got."""

    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    NOT_BEGUN = "not-begun"
    UNDETERMINED = "undetermined"


def outcome_of(
    traces: Traces, phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]
) -> tuple[Outcome, Confidence, list[Remark]]:
    """How far it got, how sure that is, and why. facts: name to value."""
    if not traces.states and not any(phase in phases for phase in (PhaseId.USER_FOLDERS, PhaseId.DRIVES)):
        if phases:
            return Outcome.NOT_BEGUN, Confidence.MEDIUM, [Remark(text=NOT_ENCRYPTED, details={})]
        return Outcome.UNDETERMINED, Confidence.LOW, []
    reasons = []
    after: list[Json] = [phase.value for phase in (PhaseId.SHADOW_COPIES, PhaseId.FILLER) if phase in phases]
    half = sum(traces.states.get(state, 0) for state in ("partial", "staged"))
    finished = from_isoformat(facts.get("wannacry.pass_finished", ""))
    if finished is not None:
        reasons.append(Remark(text=FINISHED, when=finished, details={}))
    if after:
        reasons.append(Remark(text=AFTER_PASS, when=None, details={"phases": list(after)}))
    if reasons:
        return Outcome.FINISHED, Confidence.HIGH if len(reasons) > 1 else Confidence.MEDIUM, reasons
    if "wannacry.started" in facts:
        reasons.append(Remark(text=NOT_FINISHED, when=from_isoformat(facts.get("wannacry.heartbeat", "")), details={}))
    if half:
        reasons.append(Remark(text=HALF_WRITTEN, details={"files": half}))
    if reasons:
        return Outcome.INTERRUPTED, Confidence.HIGH if len(reasons) > 1 else Confidence.MEDIUM, reasons
    return Outcome.UNDETERMINED, Confidence.LOW, []


def resumes(
    traces: Traces, phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]
) -> tuple[bool | None, list[Remark]]:
    """Whether it goes on when Windows starts again (None: could not be judged), and why."""
    pending = [Remark(text=PENDING, details={})] if traces.pending_there else []
    if traces.loader_there and traces.autostart_there:
        return True, [Remark(text=STARTS_AGAIN, details={}), *pending]
    if phases and not traces.loader_there:
        return False, [Remark(text=NOTHING_STARTS, details={}), *pending]
    if phases and "os.build" in facts:
        return False, [Remark(text=NO_AUTOSTART, details={}), *pending]
    return None, pending
