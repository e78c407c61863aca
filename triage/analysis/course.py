"""The course of an attack: each phase that left evidence, its first and last time, and how sure they are.

Limits:
    A phase without evidence is not denied: what would show it may not have been read, or may be gone.
    Offsets of `00000000.res` are not proven on a victim's file; what rests on it alone has medium confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from triage.analysis.phases import PhaseId, Trust, trust_of
from triage.analysis.traces import Evidence
from triage.model import Confidence, Json, UnixNs

_RANK: Final = tuple(Trust).index
TOLERANCE: Final = 60_000_000_000
"""The malware's log is written every 25 s, a sweep of its drives begins every 60 s."""


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


def course_of(evidence: Iterable[Evidence]) -> dict[PhaseId, Phase]:
    """The phases, in the order in which the malware acts; the last trace of all stands at the end."""
    by_phase: dict[PhaseId, list[Evidence]] = {}
    for one in evidence:
        by_phase.setdefault(one.phase, []).append(one)
    phases = {phase: _phase(phase, every) for phase, every in by_phase.items()}
    if last := _last(phases):
        phases[PhaseId.LAST] = last
    return {phase: phases[phase] for phase in PhaseId if phase in phases}


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


def earliest(phases: Mapping[PhaseId, Phase], *wanted: PhaseId) -> UnixNs | None:
    """The first time of any of the phases, None where nothing tells one."""
    times = (phases[phase].first for phase in wanted if phase in phases)
    return min((when for when in times if when is not None), default=None)
