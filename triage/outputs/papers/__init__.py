"""Papers that an office writes, signs and sends: forms, letter, minutes, as DOCX to edit and PDF to send.

To add one: a function from Materials to Paper, and its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from triage.outputs.papers import docx, pdf
from triage.outputs.papers.forms import closing, initial
from triage.outputs.papers.letter import letter
from triage.outputs.papers.mail import mail
from triage.outputs.papers.materials import FormId, Materials, missing
from triage.outputs.papers.minutes import minutes
from triage.outputs.papers.paper import Paper

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
    """(file name, bytes) of the papers called names in both forms; the mail too where a report is among them."""
    papers = {name: PAPERS[name](materials) for name in names}
    for name, paper in papers.items():
        for ending, render in RENDERERS.items():
            yield f"{name}.{ending}", render(paper)
    if REPORTS[materials.form] in papers:
        files = [f"{name}.pdf" for name in papers if name in (REPORTS[materials.form], "cong-van")]
        yield MAIL, mail(materials, files, missing(papers.values()))


def lacking(materials: Materials, names: Sequence[str]) -> list[str]:
    """Labels of what is mandatory in these papers and not known."""
    return missing([PAPERS[name](materials) for name in names])
