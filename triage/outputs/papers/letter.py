"""Công văn: the letter that goes with a report, citing what was in force on the day of detection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.dossier import VerdictLevel
from triage.intel.law import LegalDocument
from triage.outputs.papers.materials import Materials, addressees, copies, letterhead, signature
from triage.outputs.papers.paper import Block, Bullets, Field, Paper, State, text_paragraph
from triage.outputs.papers.wording import words

_NO_INCIDENT: Final = (VerdictLevel.INCONCLUSIVE, VerdictLevel.NOTHING_FOUND)
_BELOW_A_LAW: Final = {
    "NĐ-CP": ("Nghị định", "Chính phủ"),
    "QĐ-TTg": ("Quyết định", "Thủ tướng Chính phủ"),
    "TT-BTTTT": ("Thông tư", "Bộ trưởng Bộ Thông tin và Truyền thông"),
}
"""How the number of a document ends, to its kind and who issues it; the highest first."""


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
        for row in sorted(firm, key=_rank):
            yield text_paragraph(fixed["letter-basis"].format(documents=_cited(row, lang)), italic=True)
        body = "letter-checked" if materials.dossier.verdict.level in _NO_INCIDENT else "letter-body"
        yield text_paragraph(
            fixed[body].format(
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
    yield Bullets(items=_stopped((report, *materials.answers.documents)))
    yield text_paragraph(fixed["letter-ask"].format(organisation=organisation))


def _rank(row: LegalDocument) -> int:
    """A law before a decree, a decree before what ministers made; the order of a kind is that of the clock."""
    return next((place for place, end in enumerate(_BELOW_A_LAW, 1) if row.number.endswith(end)), 0)


def _cited(row: LegalDocument, lang: str) -> str:
    """`Nghị định số 331/2026/NĐ-CP ngày 19 tháng 8 năm 2026 của Chính phủ quy định về …`; a law's name goes first."""
    fixed, title = words("forms", lang), row.title.of(lang)
    kind, issuer = _BELOW_A_LAW.get(row.number.rpartition("/")[2], ("", ""))
    inner = bool(kind) and title.startswith(f"{kind} ")
    month = f"{row.issued.month:02}" if row.issued.month < 3 else str(row.issued.month)
    return fixed["letter-decree" if inner else "letter-document"].format(
        title=kind if inner else title,
        number=row.number,
        day=fixed["long-day"].format(day=f"{row.issued.day:02}", month=month, year=row.issued.year),
        issuer=issuer,
        about=title.removeprefix(kind).strip(),
    )


def _stopped(items: tuple[str, ...]) -> tuple[str, ...]:
    """Items of a list as a sentence ends them."""
    return tuple(f"{text}{'.' if text is items[-1] else ';'}" for text in items)


def _form(materials: Materials) -> str:
    fixed, clock = words("forms", materials.lang), materials.clock
    assert clock is not None
    row = materials.law.find_form(materials.form)
    document = materials.law.find(row.document)
    key = "letter-form" if document.doubted(clock.detected.date()) is None else "letter-form-doubt"
    return fixed[key].format(form=row.number, document=document.number)
