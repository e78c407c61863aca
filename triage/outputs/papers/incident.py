"""What the examination tells of the incident, in sentences for the forms. Says only what the case holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triage.analysis.course import Phase
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.outcome import Outcome
from triage.analysis.phases import PhaseId
from triage.analysis.story import Story
from triage.outputs import figures
from triage.outputs.catalogue import translate
from triage.outputs.papers.wording import words
from triage.times import in_vietnam

_LONGEST: Final = 120
_MALWARE: Final = (VerdictLevel.ENCRYPTED, VerdictLevel.INFECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The incident as the case tells it.

    Attributes:
        name: one line, for titles and subjects.
        summary, risk: sentences, one a line; risk is empty where nothing speaks of one.
        course: phase, first, last, source, confidence.
        os: empty where unknown.
        host: as printed, a phrase where unknown.
    """

    name: str
    host: str
    summary: str
    risk: str
    course: tuple[tuple[str, ...], ...]
    os: str


def incident_of(dossier: Dossier, lang: str) -> Incident:
    """What the story and the facts tell, in words."""
    story = dossier.story
    fixed = words("forms", lang)
    level = dossier.verdict.level
    host = figures.shortened(dossier.facts.get("host.name", ""), _LONGEST) or fixed["no-host"]
    known = level not in _MALWARE or any(found.finding.family == "wannacry" for found in dossier.findings())
    key = f"incident-{level.value}" if known else f"incident-{level.value}-other"
    return Incident(
        name=fixed[key].format(host=host),
        host=host,
        summary="\n".join(_summary(dossier, story, host, lang)),
        risk="\n".join(_risk(dossier, story, lang)),
        course=tuple(_row(phase, lang) for phase in story.phases),
        os=_os(dossier),
    )


def _summary(dossier: Dossier, story: Story, host: str, lang: str) -> Iterator[str]:
    fixed, number = words("forms", lang), figures.number
    level = dossier.verdict.level
    yield fixed["told-verdict"].format(host=host, verdict=_lowered(translate(level.value, lang, "verdict")))
    if dossier.inventory.files:
        yield fixed["told-files"].format(
            files=number(dossier.inventory.files, lang), size=figures.size(dossier.inventory.bytes, lang)
        )
    dated = [phase for phase in story.phases if phase.first is not None and phase.id is not PhaseId.LAST]
    if dated:
        first = min(dated, key=lambda phase: phase.first or 0)
        assert first.first is not None
        yield fixed["told-first"].format(when=in_vietnam(first.first), source=_named(first.source, lang))
    last = story.phase(PhaseId.LAST)
    if last is not None and last.last is not None:
        yield fixed["told-last"].format(when=in_vietnam(last.last), source=_named(last.source, lang))
    if story.outcome is not Outcome.UNDETERMINED:
        yield fixed["told-outcome"].format(
            outcome=translate(story.outcome.value, lang, "outcome"),
            confidence=translate(story.confidence.value, lang, "confidence"),
        )
    coverage = dossier.coverage
    yield fixed["told-coverage"].format(
        examined=number(coverage.examined, lang),
        entries=number(coverage.entries, lang),
        gaps=number(coverage.gaps, lang),
    )
    if not dossier.finished:
        yield fixed["told-unfinished"]
    if level is VerdictLevel.NOTHING_FOUND:
        yield fixed["told-nothing"]


def _risk(dossier: Dossier, story: Story, lang: str) -> Iterator[str]:
    fixed, facts = words("forms", lang), dossier.facts
    patch = facts.get("patch.ms17_010")
    if patch in ("vulnerable", "undetermined"):
        yield fixed[f"risk-{patch}"]
    if facts.get("smb1.server") == "enabled":
        yield fixed["risk-smb1"]
    if story.resumes:
        yield fixed["risk-resumes"]
    if dossier.inventory.files:
        yield fixed["risk-keys"]


def _row(phase: Phase, lang: str) -> tuple[str, ...]:
    return (
        _raised(translate(phase.id.value, lang, "phase")),
        in_vietnam(phase.first) if phase.first is not None else "–",
        in_vietnam(phase.last) if phase.last is not None else "–",
        _named(phase.source, lang) or "–",
        translate(phase.confidence.value, lang, "confidence"),
    )


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _raised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _named(source: str, lang: str) -> str:
    return figures.shortened(translate(source, lang), _LONGEST)


def _os(dossier: Dossier) -> str:
    facts = dossier.facts
    build = facts.get("os.build", "")
    parts = [facts.get("os.product", ""), facts.get("os.service_pack", ""), f"(build {build})" if build else ""]
    return figures.shortened(" ".join(part for part in parts if part), _LONGEST)
