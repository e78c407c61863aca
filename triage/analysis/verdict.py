"""What findings and gaps, together, allow to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from triage.analysis.dossier import Coverage, EvidenceInfo, Found, Reason, Verdict, VerdictLevel
from triage.analysis.shadow_copies import MARK as SHADOW_COPY
from triage.model import Confidence, GapReason, Severity

REASONS_SHOWN = 8

_LEVELS = {
    Severity.ENCRYPTED: VerdictLevel.ENCRYPTED,
    Severity.INFECTED: VerdictLevel.INFECTED,
    Severity.SUSPICIOUS: VerdictLevel.SUSPICIOUS,
}
_ORDER = tuple(VerdictLevel)


class Claims:
    """Findings, counted as they stream past: by weight and title, with one example of each."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[VerdictLevel, str, bool]] = Counter()
        self._examples: dict[tuple[VerdictLevel, str, bool], str] = {}

    def add(self, found: Found) -> None:
        """Takes one finding. A claim of low confidence never weighs more than suspicious; info weighs nothing."""
        finding = found.finding
        level = _LEVELS.get(finding.severity)
        if level is None:
            return
        if finding.confidence is Confidence.LOW:
            level = VerdictLevel.SUSPICIOUS
        copy = finding.details.get(SHADOW_COPY)
        key = (level, finding.title, copy is not None)
        self._counts[key] += 1
        self._examples.setdefault(key, found.entry.path if copy is None else f"[VSS {copy}] {found.entry.path}")

    def reasons(self) -> tuple[tuple[VerdictLevel, Reason], ...]:
        """Strongest first, what is there now before what is in a shadow copy, then the most frequent."""
        weighed = ((_ORDER.index(key[0]), key[2], -count, key[1]) for key, count in self._counts.items())
        ordered = [(_ORDER[place], title, copy, -negative) for place, copy, negative, title in sorted(weighed)]
        return tuple(
            (level, Reason(text=title, count=count, example=self._examples[level, title, copy]))
            for level, title, copy, count in ordered
        )


def judge(claims: Claims, coverage: Coverage) -> Verdict:
    """There is no "clean": the best that can be said is that everything was looked at and nothing was found."""
    reasons = claims.reasons()
    if reasons:
        shown = tuple(reason for _level, reason in reasons[:REASONS_SHOWN])
        return Verdict(level=reasons[0][0], reasons=shown)
    if coverage.gaps or not coverage.entries:
        return Verdict(level=VerdictLevel.INCONCLUSIVE, reasons=_gap_reasons(coverage))
    return Verdict(
        level=VerdictLevel.NOTHING_FOUND,
        reasons=(Reason(text="No indicator matched in what was examined", count=coverage.examined),),
    )


def with_doubts(verdict: Verdict, evidence: EvidenceInfo) -> Verdict:
    """The same verdict; where the image is not what its maker stored, a reason more says so."""
    if not evidence.mismatched:
        return verdict
    doubt = Reason(text="The image does not match the hash stored in it", count=0, example=evidence.name)
    return replace(verdict, reasons=(*verdict.reasons, doubt))


def _gap_reasons(coverage: Coverage) -> tuple[Reason, ...]:
    by_reason: Iterable[tuple[GapReason, int]] = coverage.gaps_by_reason.items()
    ordered = sorted(by_reason, key=lambda item: (-item[1], item[0].value))
    return tuple(Reason(text=reason.value, count=count) for reason, count in ordered) or (
        Reason(text="Nothing could be examined", count=0),
    )


def exit_code(verdict: Verdict, coverage: Coverage, *, finished: bool) -> int:
    """0 nothing found and everything examined, 1 findings, 3 nothing found but not everything was examined."""
    if verdict.level in _LEVELS.values():
        return 1
    return 0 if finished and not coverage.gaps and coverage.entries else 3


def counts_by_severity(counts: Mapping[str, int]) -> dict[str, int]:
    """All four severities, zero where there is none."""
    return {severity.value: counts.get(severity.value, 0) for severity in Severity}
