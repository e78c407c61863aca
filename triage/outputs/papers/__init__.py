"""Papers that an office writes, signs and sends: forms, letter, minutes, as DOCX to edit and PDF to send.

To add one: a function from Materials to Paper, and its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from triage.analysis.redaction import is_redacted
from triage.outputs.papers import docx, pdf
from triage.outputs.papers.forms import closing, initial
from triage.outputs.papers.letter import letter
from triage.outputs.papers.mail import mail
from triage.outputs.papers.materials import FormId, Materials, missing
from triage.outputs.papers.minutes import minutes
from triage.outputs.papers.paper import Block, Choice, Field, Paper, State
from triage.outputs.papers.wording import words

PAPERS: Final[dict[str, Callable[[Materials], Paper]]] = {
    "bao-cao-mau-03": initial,
    "bao-cao-mau-04": closing,
    "cong-van": letter,
    "bien-ban": minutes,
}
"""File name without its ending, to what makes the paper."""

RENDERERS: Final[dict[str, Callable[[Paper], bytes]]] = {"docx": docx.render, "pdf": pdf.render}

MAIL: Final = "thu-dien-tu.txt"
REPORTS: Final[dict[FormId, str]] = {"mau-03": "bao-cao-mau-03", "mau-04": "bao-cao-mau-04"}
"""The paper that holds a form."""


def make(materials: Materials, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of the papers called names in both forms; the mail too where a report is among them.

    A redacted copy goes without the mail, which is the office's own, and says on every paper what it is.
    """
    papers = {name: PAPERS[name](materials) for name in names}
    if is_redacted(materials.dossier):
        papers = {name: _as_copy(paper) for name, paper in papers.items()}
    for name, paper in papers.items():
        for ending, render in RENDERERS.items():
            yield f"{name}.{ending}", render(paper)
    if REPORTS[materials.form] in papers and not is_redacted(materials.dossier):
        files = [f"{name}.pdf" for name in papers if name in (REPORTS[materials.form], "cong-van")]
        yield MAIL, mail(materials, files, missing(papers.values()))


def lacking(materials: Materials, names: Sequence[str]) -> list[str]:
    """Labels of what is mandatory in these papers and not known."""
    return missing([PAPERS[name](materials) for name in names])


def _as_copy(paper: Paper) -> Paper:
    """Marked as redacted; what is not told in it is not said to be unknown."""
    fixed = words("layout", paper.lang)
    blocks = tuple(_left_out(block, fixed["left-out"]) for block in paper.blocks)
    return replace(paper, marks=(*paper.marks, fixed["redacted"]), blocks=blocks)


def _left_out(block: Block, text: str) -> Block:
    match block:
        case Field(state=State.UNKNOWN):
            return replace(block, value=text, state=State.KNOWN)
        case Choice(state=State.UNKNOWN):
            return replace(block, state=State.KNOWN)
    return block
