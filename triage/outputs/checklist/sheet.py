"""What a list says, in one language, before it becomes a page or a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from triage.analysis.checklist import Line, choose
from triage.analysis.criteria import Judged, Proof, State
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.machine import Answers, Machine, machine_of
from triage.analysis.prevention import measures
from triage.analysis.reconnection import Reconnection, may_reconnect
from triage.analysis.redaction import is_redacted
from triage.intel.checklists import Checklist, Criteria, Source
from triage.intel.words import Words
from triage.outputs import figures
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible
from triage.outputs.facts import decoded, wording
from triage.outputs.papers.wording import words

Kind = Literal["isolation", "prevention", "reconnection"]

_LONGEST: Final = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing to tick.

    Attributes:
        condition: what it depends on while that is not known.
        evidence: (label, value) read from the disk.
        state: of a criterion, empty for a thing to do; said: its wording.
        hand: how a person finds out what the disk does not tell.
        origin: its sources, date and confidence in one line; keys: its sources alone.
    """

    id: str
    number: str
    text: str
    why: str
    origin: str
    keys: str
    condition: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    state: str = ""
    said: str = ""
    hand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows under a heading, which may be empty."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole list.

    Attributes:
        lead: the one line above all others; tone colours it: `plain`, `bad`, `open` or `good`.
        about: the machine in a few words, below the title.
        subject: (label, value) of the machine and the examination.
        questions: (question, answer) of what no disk can answer.
        notes: warnings, before the rows.
        sources: one a line.
        mark: of a redacted copy.
    """

    kind: Kind
    lang: str
    title: str
    lead: str
    tone: str
    about: tuple[str, ...]
    subject: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    sources: tuple[str, ...]
    made_by: str
    mark: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row in order."""
        return tuple(row for part in self.parts for row in part.rows)


# -- the three lists -------------------------------------------------------------------------------------------------


def isolation_sheet(dossier: Dossier, answers: Answers, checklist: Checklist, lang: str) -> Sheet:
    """What to do at this machine, in order."""
    machine = machine_of(dossier, answers)
    fixed = words("checklist", lang)
    lines = choose(checklist, machine.traits, dossier.facts)
    numbers = {line.item.id: str(number) for number, line in enumerate(lines, 1)}
    parts = tuple(
        Part(
            title=stage.title.of(lang),
            rows=tuple(
                _row(line, numbers[line.item.id], checklist, lang) for line in lines if line.item.stage == stage.id
            ),
        )
        for stage in checklist.stages
    )
    return Sheet(
        kind="isolation",
        lang=lang,
        title=checklist.title.of(lang),
        lead=fixed["isolation-lead"],
        tone="plain",
        about=_about(dossier, lang),
        subject=(*_subject(dossier, lang), *_encryption(dossier, machine, lang)),
        questions=tuple(_questions(checklist, answers, lang)),
        notes=tuple(translate(remark, lang) for remark in machine.remarks),
        parts=tuple(part for part in parts if part.rows),
        sources=_sources(checklist.references, {key for line in lines for key in line.item.source}),
        made_by=_made_by(dossier, checklist, fixed),
        mark=_mark(dossier, lang),
    )


def prevention_sheet(dossier: Dossier, criteria: Criteria, lang: str) -> Sheet:
    """What the letters order, each answered from the disk where it can be."""
    judged = measures(dossier, criteria)
    lead = words("checklist", lang)["prevention-lead"].format(all=len(judged), **_counts(judged))
    tone = "good" if all(one.state is State.MET for one in judged) else "open"
    return _criteria_sheet("prevention", dossier, criteria, judged, lead, tone, lang)


def reconnection_sheet(dossier: Dossier, criteria: Criteria, lang: str) -> Sheet:
    """Whether the machine may go back on the network, criterion by criterion."""
    answer = may_reconnect(dossier)
    tone = {"yes": "good", "no": "bad", "undetermined": "open"}[answer.answer.value]
    return _criteria_sheet("reconnection", dossier, criteria, answer.criteria, lead_of(answer, lang), tone, lang)


def lead_of(answer: Reconnection, lang: str) -> str:
    """The answer in one sentence."""
    return words("checklist", lang)[f"reconnection-{answer.answer.value}"].format(**_counts(answer.criteria))


# -- their pieces ----------------------------------------------------------------------------------------------------


def _criteria_sheet(
    kind: Literal["prevention", "reconnection"],
    dossier: Dossier,
    criteria: Criteria,
    judged: Iterable[Judged],
    lead: str,
    tone: str,
    lang: str,
) -> Sheet:
    fixed = words("checklist", lang)
    by_id = {one.id: one for one in judged}
    rows = tuple(
        Row(
            id=item.id,
            number=str(number),
            text=item.text.of(lang),
            why=item.why.of(lang),
            origin=_origin(item.source, criteria.references, item.confidence, str(item.reviewed), lang),
            keys=", ".join(item.source),
            evidence=tuple(_told(proof, lang) for proof in by_id[item.id].proofs),
            state=by_id[item.id].state.value,
            said=fixed[f"{kind}-{by_id[item.id].state.value}"],
            hand="" if by_id[item.id].state is State.MET else item.hand.of(lang),
        )
        for number, item in enumerate(criteria.items, 1)
    )
    return Sheet(
        kind=kind,
        lang=lang,
        title=criteria.title.of(lang),
        lead=lead,
        tone=tone,
        about=_about(dossier, lang),
        subject=tuple(_subject(dossier, lang)),
        questions=(),
        notes=tuple(note.of(lang) for note in criteria.notes),
        parts=(Part(title="", rows=rows),),
        sources=_sources(criteria.references, {key for item in criteria.items for key in item.source}),
        made_by=_made_by(dossier, criteria, fixed),
        mark=_mark(dossier, lang),
    )


def _counts(judged: Iterable[Judged]) -> dict[str, int]:
    states = [one.state for one in judged]
    return {state.value.replace("-", "_"): states.count(state) for state in State}


def _row(line: Line, number: str, checklist: Checklist, lang: str) -> Row:
    item = line.item
    return Row(
        id=item.id,
        number=number,
        text=item.text.of(lang),
        why=item.why.of(lang),
        origin=_origin(item.source, checklist.references, item.confidence, str(item.reviewed), lang),
        keys=", ".join(item.source),
        condition=_condition(line.depends, checklist.labels, lang),
        evidence=tuple(_fact(name, value, lang) for name, value in line.evidence),
    )


def _condition(depends: tuple[tuple[str, ...], ...], labels: Mapping[str, Words], lang: str) -> str:
    if not depends:
        return ""
    fixed = words("checklist", lang)
    said = fixed["and"].join(fixed["or"].join(labels[key].of(lang) for key in keys) for keys in depends)
    return fixed["if"].format(labels=said)


def _origin(keys: tuple[str, ...], references: tuple[Source, ...], confidence: str, reviewed: str, lang: str) -> str:
    published = {reference.key: reference.published for reference in references}
    named = "; ".join(f"{key} ({_day(published[key])})" for key in keys)
    fixed = words("checklist", lang)
    level = translate(confidence, lang, "confidence")
    return f"{named}; {fixed['confidence']}: {level}; {fixed['reviewed']} {_day(reviewed)}"


def _day(iso: str) -> str:
    """`2017-05-13` as `13/5/2017`; a year or a month as far as it goes."""
    return "/".join(part.lstrip("0") for part in reversed(iso.split("-")))


def _sources(references: tuple[Source, ...], used: set[str]) -> tuple[str, ...]:
    return tuple(
        f"{one.key}: {one.title} ({_day(one.published)})" + (f", {one.url}" if one.url else "")
        for one in references
        if one.key in used
    )


def _made_by(dossier: Dossier, given: Checklist | Criteria, fixed: Mapping[str, str]) -> str:
    return fixed["made-by"].format(version=visible(dossier.tool_version), day=_day(str(given.reviewed)))


def _mark(dossier: Dossier, lang: str) -> str:
    return words("layout", lang)["redacted"] if is_redacted(dossier) else ""


def _about(dossier: Dossier, lang: str) -> tuple[str, ...]:
    name = dossier.facts.get("host.name") or dossier.evidence.name
    verdict = translate(dossier.verdict.level.value, lang, "verdict")
    said = (_mark(dossier, lang), name, dossier.facts.get("os.product", ""), verdict)
    return tuple(_shown(text) for text in said if text)


def _subject(dossier: Dossier, lang: str) -> list[tuple[str, str]]:
    fixed, facts, coverage, evidence = words("checklist", lang), dossier.facts, dossier.coverage, dossier.evidence
    counts = {
        name: figures.number(value, lang)
        for name, value in (("examined", coverage.examined), ("entries", coverage.entries), ("gaps", coverage.gaps))
    }
    size = f", {figures.size(evidence.size, lang)}" if evidence.size else ""
    windows = " ".join(facts[name] for name in ("os.product", "os.service_pack") if facts.get(name))
    rows = [
        (fixed["machine"], facts.get("host.name", "")),
        (fixed["windows"], windows),
        (fixed["evidence"], f"{evidence.name} ({evidence.format}{size})"),
        (fixed["fingerprint"], evidence.fingerprint_after or evidence.fingerprint_before),
        (fixed["verdict"], translate(dossier.verdict.level.value, lang, "verdict")),
        (fixed["coverage"], fixed["coverage-value"].format(**counts)),
    ]
    return [(label, _shown(value)) for label, value in rows if value]


def _encryption(dossier: Dossier, machine: Machine, lang: str) -> list[tuple[str, str]]:
    if dossier.verdict.level not in (VerdictLevel.ENCRYPTED, VerdictLevel.INFECTED):
        return []
    return [(words("checklist", lang)["encryption"], translate(machine.story.outcome.value, lang, "outcome"))]


def _questions(checklist: Checklist, answers: Answers, lang: str) -> list[tuple[str, str]]:
    fixed = words("checklist", lang)
    day = answers.backup_date.strftime("%d/%m/%Y") if answers.backup_date else fixed["unknown"]
    more = {"running": fixed[answers.rebooted], "network": answers.neighbours or fixed["unknown"], "backup": day}
    first = {"running": answers.running, "network": answers.network, "backup": answers.backup}
    pairs = []
    for question in checklist.questions:
        said = first[question.id]
        pairs.append((question.text.of(lang), fixed[said]))
        if said != "no" or question.id == "network":
            pairs.append((question.more.of(lang), _shown(more[question.id])))
    return pairs


def _told(proof: Proof, lang: str) -> tuple[str, str]:
    return _fact(proof.text, proof.value, lang) if proof.fact else (translate(proof.text, lang), _shown(proof.value))


def _fact(name: str, value: str, lang: str) -> tuple[str, str]:
    """A fact's name and values for people; several values one after the other."""
    parts = (part for line in value.splitlines() for part in line.split(" | "))
    word = decoded if wording(name) == "code" else _worded
    said = "; ".join(figures.moment(word(part, lang)) for part in parts)
    return visible(translate(name, lang, "fact")), _shown(said)


def _worded(part: str, lang: str) -> str:
    worded = translate(part, lang, "value")
    return worded if worded != part else translate(part, lang)


def _shown(text: str) -> str:
    return figures.shortened(visible(text), _LONGEST)
