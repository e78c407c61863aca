"""What happened, in order: the phases of the attack, how fast it encrypted, whether it finished, what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.analysis.clock import Clock, clock_of
from triage.analysis.contradictions import contradictions
from triage.analysis.course import Phase, Remark, course_of
from triage.analysis.outcome import Outcome, outcome_of, resumes
from triage.analysis.phases import PhaseId
from triage.analysis.rate import Rate, rate_of
from triage.analysis.traces import Traces
from triage.model import Confidence


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
    phases = course_of(traces.evidence())
    outcome, confidence, reasons = outcome_of(traces, phases, known)
    again, why = resumes(traces, phases, known)
    return Story(
        phases=tuple(phases.values()),
        rate=rate_of([encrypted.when[at] for at in order], [encrypted.bytes[at] for at in order]),
        outcome=outcome,
        confidence=confidence,
        resumes=again,
        reasons=(*reasons, *why),
        contradictions=tuple(contradictions(traces, phases, known)),
        clock=clock_of(traces.clock_changes, phases, known),
    )
