"""A list as a paper: boxes, columns for time and person, signatures; what was ticked on screen is printed ticked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from triage.outputs import figures
from triage.outputs.checklist.page import HEAD, SIGNED_BY
from triage.outputs.checklist.saved import Saved
from triage.outputs.checklist.sheet import Row, Sheet
from triage.outputs.papers.paper import (
    Block,
    Check,
    Checklist,
    Choice,
    Field,
    Heading,
    Letterhead,
    Note,
    Option,
    Paper,
    Signature,
    Signatures,
    State,
    Table,
)
from triage.outputs.papers.wording import words

_LONGEST: Final = 600
"""Of a note on paper, so that a row fits a page; the page on screen keeps all of it."""


def paper(sheet: Sheet, saved: Saved, letterhead: Letterhead) -> Paper:
    """The list, to print and sign. letterhead: of the office; the certificate alone is an official paper."""
    fixed = words("checklist", sheet.lang)
    official = sheet.kind == "reconnection"
    blocks = (
        *_head(sheet, saved, fixed),
        *(_certificate(sheet, saved, fixed) if official else _list(sheet, saved, fixed)),
        _signatures(sheet, saved, fixed),
        Note(text=f"{fixed['sources']}: {'; '.join(sheet.sources)}.", small=True),
    )
    return Paper(
        lang=sheet.lang,
        title=fixed["minutes-title"] if official else fixed["list-title"],
        about=fixed[f"{sheet.kind}-about"],
        marks=(sheet.mark,) if sheet.mark else (),
        letterhead=letterhead if official else None,
        blocks=blocks,
        footer=sheet.made_by,
    )


def _head(sheet: Sheet, saved: Saved, fixed: Mapping[str, str]) -> Iterator[Block]:
    official = sheet.kind == "reconnection"
    if official:
        for key in ("began", "place", "present"):
            yield _field(fixed[key], _kept(saved, f"head.{key}"))
        yield Heading(text=f"1. {fixed['general']}")
    else:
        yield Note(text=sheet.lead)
        for key in HEAD[sheet.kind]:
            yield _field(fixed[key], _kept(saved, f"head.{key}"))
    for label, value in sheet.subject:
        yield Field(label=label, value=value)
    if sheet.questions:
        yield Heading(text=fixed["questions"])
        for question, answer in sheet.questions:
            yield _field(question.rstrip("?"), "" if answer == fixed["unknown"] else answer)
    for note in sheet.notes:
        yield Note(text=note, warning=sheet.kind == "isolation")


def _list(sheet: Sheet, saved: Saved, fixed: Mapping[str, str]) -> Iterator[Block]:
    for part in sheet.parts:
        if part.title:
            yield Heading(text=part.title)
        yield Checklist(
            items=tuple(_check(row, saved, fixed) for row in part.rows), when=fixed["when"], who=fixed["who"]
        )


def _check(row: Row, saved: Saved, fixed: Mapping[str, str]) -> Check:
    return Check(
        text=row.text,
        number=f"{row.number}.",
        note="\n".join(_beside(row, saved, fixed)),
        ticked=saved.fields.get(f"{row.id}.done") is True,
        when=_kept(saved, f"{row.id}.at"),
        who=_kept(saved, f"{row.id}.by"),
    )


def _beside(row: Row, saved: Saved, fixed: Mapping[str, str]) -> Iterator[str]:
    if row.said:
        yield f"{fixed['state']}: {row.said}"
    if row.condition:
        yield row.condition
    for label, value in row.evidence:
        yield f"{label}: {value}" if value else label
    if row.hand:
        yield f"{fixed['by-hand']}: {row.hand}"
    yield f"{fixed['why']}: {row.why} [{row.keys}]"
    if note := _kept(saved, f"{row.id}.note"):
        yield f"{fixed['note']}: {note}"


def _certificate(sheet: Sheet, saved: Saved, fixed: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(text=f"2. {fixed['result']}")
    yield Note(text=sheet.lead, warning=True)
    yield Heading(text=f"3. {fixed['criteria']}")
    yield Table(
        headers=(fixed["number"], fixed["criterion"], fixed["state"], fixed["evidence-column"], fixed["hand-column"]),
        rows=tuple(_criterion(row, saved, fixed) for row in sheet.rows),
        widths=(0.9, 3, 1.7, 4.9, 2.4),
    )
    yield Heading(text=f"4. {fixed['decision']}")
    yield Choice(label=fixed["result"], options=(Option(text=fixed["decision-yes"]), Option(text=fixed["decision-no"])))
    yield Field(label=fixed["note"], state=State.BLANK)
    yield Field(label=fixed["ended"], state=State.BLANK)


def _criterion(row: Row, saved: Saved, fixed: Mapping[str, str]) -> tuple[str, ...]:
    evidence = [f"{label}: {value}" if value else label for label, value in row.evidence]
    evidence += [f"{fixed['by-hand']}: {row.hand}"] if row.hand else []
    by_hand = [_kept(saved, f"{row.id}.{key}") for key in ("note", "at", "by")]
    return row.number, row.text, row.said, "\n".join(evidence), "\n".join(text for text in by_hand if text)


def _signatures(sheet: Sheet, saved: Saved, fixed: Mapping[str, str]) -> Signatures:
    return Signatures(
        signatures=tuple(
            Signature(
                titles=(fixed[key],),
                note=fixed["sign-head-note"] if key == "sign-head" else fixed["sign-note"],
                name=_kept(saved, f"{key}.name"),
            )
            for key in SIGNED_BY[sheet.kind]
        )
    )


def _field(label: str, value: str) -> Field:
    return Field(label=label, value=value, state=State.KNOWN if value else State.BLANK)


def _kept(saved: Saved, name: str) -> str:
    value = saved.fields.get(name, "")
    return figures.shortened(value, _LONGEST) if isinstance(value, str) else ""
