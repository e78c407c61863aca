"""Công văn: the letter that goes with a report, citing what was in force on the day of detection."""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.papers.materials import Materials, addressees, copies, letterhead, signature
from triage.outputs.papers.paper import Block, Bullets, Field, Paper, State, text_paragraph
from triage.outputs.papers.wording import words


def letter(materials: Materials) -> Paper:
    """The covering letter."""
    fixed = words("forms", materials.lang)
    return Paper(
        lang=materials.lang,
        letterhead=letterhead(materials, "", fixed["letter-subject"].format(incident=materials.incident.name)),
        addressees=addressees(materials),
        blocks=tuple(_blocks(materials)),
        recipients=copies(materials),
        signature=signature(materials, fixed["representative"]),
    )


def _blocks(materials: Materials) -> Iterator[Block]:
    fixed, clock, lang = words("forms", materials.lang), materials.clock, materials.lang
    organisation = materials.organisation.name or fixed["our-office"]
    if clock is None:
        yield Field(label=fixed["detected-day"], mandatory=True, state=State.UNKNOWN)
    else:
        day = clock.detected.date()
        firm = [row for row in clock.documents if row.doubted(day) is None and row.basis]
        for row in firm:
            cited = fixed["letter-document"].format(title=row.title.of(lang), number=row.number)
            yield text_paragraph(fixed["letter-basis"].format(documents=cited), italic=True)
        yield text_paragraph(
            fixed["letter-body"].format(
                organisation=organisation,
                incident=materials.incident.name,
                time=clock.detected.strftime("%H:%M"),
                day=day.strftime("%d/%m/%Y"),
            )
        )
        yield text_paragraph(_form(materials))
    yield text_paragraph(materials.incident.summary.replace("\n", " "))
    yield text_paragraph(fixed["letter-news"])
    if materials.answers.request:
        yield text_paragraph(fixed["letter-request"].format(request=materials.answers.request))
    yield text_paragraph(fixed["letter-enclosed"])
    form = materials.law.find_form(materials.form)
    report = f"{form.title.of(lang)} ({form.number})"
    yield Bullets(items=(report, *materials.answers.documents))
    yield text_paragraph(fixed["letter-ask"].format(organisation=organisation))


def _form(materials: Materials) -> str:
    fixed, clock = words("forms", materials.lang), materials.clock
    assert clock is not None
    row = materials.law.find_form(materials.form)
    document = materials.law.find(row.document)
    key = "letter-form" if document.doubted(clock.detected.date()) is None else "letter-form-doubt"
    return fixed[key].format(form=row.number, document=document.number)
