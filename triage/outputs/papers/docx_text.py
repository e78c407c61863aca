"""Paragraphs of a DOCX: runs in one style, boxes to tick, frames and rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Pt
from docx.table import _Cell as Cell
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run as DocxRun

from triage.outputs.papers import layout
from triage.outputs.papers.docx_package import element

ALIGN: Final = {
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_BOX_FONT: Final = "Segoe UI Symbol"

Place = Docx | Cell
"""What takes paragraphs."""


def add_text(paragraph: DocxParagraph, text: str, **style: bool) -> DocxRun:
    """A run; line feeds begin new lines."""
    run = paragraph.add_run()
    for place, part in enumerate(layout.printed(text).split("\n")):
        if place:
            run.add_break()
        run.add_text(part)
    run.bold, run.italic = style.get("bold") or None, style.get("italic") or None
    return run


def add_line(
    place: Place,
    text: str,
    *,
    size: float = layout.BODY_PT,
    align: str = "left",
    after: float = 6,
    **style: bool,
) -> DocxParagraph:
    """A paragraph of one run; align is a key of ALIGN, size and after are points."""
    paragraph = place.add_paragraph()
    paragraph.alignment = ALIGN[align]
    paragraph.paragraph_format.space_after = Pt(after)
    add_text(paragraph, text, **style).font.size = Pt(size)
    return paragraph


def add_box(paragraph: DocxParagraph, *, ticked: bool) -> None:
    """A box to tick."""
    run = paragraph.add_run(layout.TICKED if ticked else layout.UNTICKED)
    run.font.name = _BOX_FONT


def add_gap(document: Docx) -> DocxParagraph:
    """An empty line, half as high."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(8)
    return paragraph


def add_frame(paragraph: DocxParagraph) -> None:
    """Lines around a paragraph."""
    _borders(paragraph, ("top", "left", "bottom", "right"))


def add_rule(place: Place, width: Length, whole: Length) -> None:
    """A short line in the middle: an empty paragraph's upper border."""
    paragraph = place.add_paragraph()
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Length(max(0, (whole - width) // 2))
    form.space_after, form.line_spacing = Pt(2), Pt(4)
    _borders(paragraph, ("top",))


def _borders(paragraph: DocxParagraph, sides: Sequence[str]) -> None:
    frame = element("pBdr")
    for side in sides:
        frame.append(element(side, val="single", sz="6", space="1", color="000000"))
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - python-docx has no borders
    properties.insert_element_before(
        frame, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
