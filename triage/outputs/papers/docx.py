"""A paper as DOCX, to edit: Times New Roman, the same blocks and measures as the PDF.

Limits:
    The number of a page is worked out by the word processor that opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from docx.document import Document as Docx
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.shared import Cm, Mm
from docx.table import _Cell as Cell

from triage.outputs.papers import layout
from triage.outputs.papers.docx_package import blank, packed
from triage.outputs.papers.docx_tables import grid, row_of
from triage.outputs.papers.docx_text import ALIGN, add_box, add_frame, add_gap, add_line, add_rule, add_text
from triage.outputs.papers.paper import (
    Block,
    Bullets,
    Checklist,
    Choice,
    Field,
    Heading,
    Letterhead,
    Note,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    Signature,
    Signatures,
    State,
    Table,
)
from triage.outputs.papers.wording import words

_TEXT_MM: Final = 210 - layout.MARGINS_MM["left"] - layout.MARGINS_MM["right"]


def render(paper: Paper) -> bytes:
    """One DOCX; the same paper gives the same bytes."""
    document = blank(paper.lang, layout.printed(paper.title), layout.printed(paper.footer))
    fixed = words("layout", paper.lang)
    if fixed["translation"]:
        add_frame(add_line(document, fixed["translation"], size=10, bold=True, align="center"))
    if paper.form:
        add_line(document, paper.form, size=12, bold=True, align="right")
    if paper.letterhead is not None:
        _letterhead(document, paper.letterhead, paper.lang)
    for mark in paper.marks:
        marked = add_line(document, mark, bold=True, align="center")
        marked.paragraph_format.right_indent = Mm(_TEXT_MM - 12 - 3 * len(mark))
        add_frame(marked)
    if paper.title:
        _title(document, paper)
    if paper.addressees:
        _addressees(document, paper.addressees, fixed["to"])
    for block in paper.blocks:
        _PRINTERS[type(block)](document, block, fixed)
    if paper.recipients or paper.signature is not None:
        if document.paragraphs:  # none of the signatures stands alone on a page
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        _closing(document, paper, fixed["recipients"])
    return packed(document)


# -- what stands around the blocks ----------------------------------------------------------------------------------


def _letterhead(document: Docx, head: Letterhead, lang: str) -> None:
    fixed = words("layout", lang)
    left, right = row_of(document, (Mm(65), Mm(_TEXT_MM - 65)))
    if head.authority:
        add_line(left, head.authority.upper(), size=12, align="center", after=0)
    add_line(left, head.organisation.upper() or layout.DOTS, size=12, align="center", after=1, bold=True)
    add_rule(left, Mm(24), Mm(65))
    if head.symbol is not None:
        add_line(left, layout.number_line(head, lang), align="center", after=2)
    if head.subject:
        add_line(left, f"{fixed['subject']} {head.subject}", size=12, align="center", after=2)
    add_line(right, fixed["nation"], size=12, align="center", after=0, bold=True)
    add_line(right, fixed["motto"], align="center", after=1, bold=True)
    add_rule(right, Mm(2.05 * len(fixed["motto"])), Mm(_TEXT_MM - 65))
    if head.place is not None:
        add_line(right, layout.date_line(head, lang), align="center", after=2, italic=True)
    _without_first(left)
    _without_first(right)
    add_gap(document)


def _without_first(cell: Cell) -> None:
    """A cell begins with a paragraph; once it has others, that one is only a gap."""
    first = cell.paragraphs[0]._p  # noqa: SLF001
    first.getparent().remove(first)


def _title(document: Docx, paper: Paper) -> None:
    add_line(document, paper.title, size=14, align="center", after=3, bold=True)
    if paper.about:
        about = add_line(document, paper.about, size=14, align="center", after=2, bold=True)
        about.paragraph_format.left_indent = about.paragraph_format.right_indent = Mm(5)
        add_rule(document, Mm(26), Mm(_TEXT_MM))
    add_gap(document)


def _addressees(document: Docx, names: Sequence[str], to: str) -> None:
    if len(names) == 1:
        add_line(document, f"{to} {names[0]}", align="center", after=12)
        return
    first = add_line(document, to, after=2)
    first.paragraph_format.left_indent = Mm(25)
    for place, name in enumerate(names):
        line = add_line(document, f"- {name}{_stop(place, names)}", after=2 if place < len(names) - 1 else 12)
        line.paragraph_format.left_indent = Mm(45)


def _stop(place: int, names: Sequence[str]) -> str:
    return "." if place == len(names) - 1 else ";"


def _closing(document: Docx, paper: Paper, recipients: str) -> None:
    add_gap(document).paragraph_format.keep_with_next = True
    left, right = row_of(document, (Mm(72), Mm(_TEXT_MM - 72)))
    if paper.recipients:
        add_line(left, recipients, size=12, after=1, bold=True, italic=True)
        for place, name in enumerate(paper.recipients):
            add_line(left, f"- {name}{_stop(place, paper.recipients)}", size=11, after=1)
        _without_first(left)
    if paper.signature is not None:
        _signature(right, paper.signature)
        _without_first(right)


def _signature(cell: Cell, signature: Signature) -> None:
    for title in signature.titles:
        add_line(cell, title, align="center", after=1, bold=True)
    if signature.note:
        add_line(cell, signature.note, size=12, align="center", after=1, italic=True)
    name = add_line(cell, signature.name, align="center", after=2, bold=True)
    name.paragraph_format.space_before = Mm(layout.ROOM_MM)


# -- blocks ---------------------------------------------------------------------------------------------------------

Words = dict[str, str]


def _heading(document: Docx, block: Heading, _fixed: Words) -> None:
    add_text(document.add_paragraph(style=f"Heading {block.level}"), block.text)


def _paragraph(document: Docx, block: Paragraph, _fixed: Words) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN[block.align]
    if block.indent and block.align == "justify":
        paragraph.paragraph_format.first_line_indent = Cm(layout.INDENT_CM)
    for run in block.runs:
        add_text(paragraph, run.text, bold=run.bold, italic=run.italic)


def _bullets(document: Docx, block: Bullets, fixed: Words) -> None:
    for place, item in enumerate(block.items, 1):
        _paragraph(document, Paragraph(runs=(Run(text=f"{f'{place}.' if block.numbered else '-'} {item}"),)), fixed)


def _field(document: Docx, block: Field, fixed: Words) -> None:
    paragraph = document.add_paragraph()
    add_text(paragraph, layout.label(block.label, mandatory=block.mandatory) + " ")
    if block.state is State.BLANK:
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(_TEXT_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        paragraph.add_run("\t")
    elif block.state is State.UNKNOWN:
        add_text(paragraph, fixed["unknown"], italic=True)
    elif "\n" in block.value:
        paragraph.paragraph_format.keep_with_next = True
        for text in block.value.split("\n"):
            _paragraph(document, Paragraph(runs=(Run(text=text),)), fixed)
    else:
        add_text(paragraph, block.value)


def _choice(document: Docx, block: Choice, fixed: Words) -> None:
    paragraph = document.add_paragraph()
    add_text(paragraph, layout.label(block.label, mandatory=block.mandatory) + " ")
    for place, option in enumerate(block.options):
        if place:
            add_text(paragraph, "   ")
        add_box(paragraph, ticked=option.ticked)
        add_text(paragraph, f"\u00a0{option.text}" + (f": {option.note}" if option.note else ""))
    if block.state is State.UNKNOWN:
        add_text(paragraph, f" {fixed['unknown']}", italic=True)


def _table(document: Docx, block: Table, _fixed: Words) -> None:
    share = _TEXT_MM / sum(block.widths)
    made = grid(document, [Mm(width * share) for width in block.widths])
    made.header(block.headers)
    for row in block.rows:
        made.row(row)
    if not block.rows:
        made.across(block.empty)
    made.end()


def _checklist(document: Docx, block: Checklist, _fixed: Words) -> None:
    extra = [text for text in (block.when, block.who) if text]
    made = grid(document, [Mm(8), Mm(_TEXT_MM - 8 - 27 * len(extra)), *(Mm(27) for _ in extra)])
    if extra:
        made.header(("", "", *extra))
    for item in block.items:
        texts = ["", f"{item.number} {item.text}".strip()]
        texts += [text for head, text in ((block.when, item.when), (block.who, item.who)) if head]
        cells = made.row(texts)
        add_box(cells[0].paragraphs[0], ticked=item.ticked)
        if item.note:
            add_line(cells[1], item.note, size=10.5, after=0, italic=True)
    made.end()


def _signatures(document: Docx, block: Signatures, _fixed: Words) -> None:
    for start in range(0, len(block.signatures), 3):
        part = block.signatures[start : start + 3]
        document.paragraphs[-1].paragraph_format.keep_with_next = True
        add_gap(document).paragraph_format.keep_with_next = True
        columns = min(3, len(block.signatures))
        cells = row_of(document, [Mm(_TEXT_MM / columns)] * columns)
        for cell, signature in zip(cells, part, strict=False):
            _signature(cell, signature)
            _without_first(cell)


def _note(document: Docx, block: Note, _fixed: Words) -> None:
    paragraph = add_line(document, block.text, size=9 if block.small else 11, align="justify", italic=True)
    if block.warning:
        add_frame(paragraph)


def _page_break(document: Docx, _block: PageBreak, _fixed: Words) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


_PRINTERS: Final[dict[type[Block], Callable[[Docx, Any, Words], None]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Bullets: _bullets,
    Field: _field,
    Choice: _choice,
    Checklist: _checklist,
    Table: _table,
    Signatures: _signatures,
    Note: _note,
    PageBreak: _page_break,
}
