"""A paper before it is typeset: what an office writes, signs and sends. DOCX and PDF are made of the same blocks.

Texts may hold anything: the renderers print them literally, characters that hide or reorder as escapes. A line feed
in a text begins a new line.

References:
    Nghị định 30/2020/NĐ-CP, Phụ lục I (thể thức và kỹ thuật trình bày văn bản hành chính).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Literal

Align = Literal["justify", "left", "center", "right"]


class State(Enum):
    """What is known of a field."""

    KNOWN = "known"
    UNKNOWN = "unknown"  # somebody must find it out: printed as such, never left out
    BLANK = "blank"  # filled in by hand: a dotted line


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A numbered or unnumbered heading; level 1 bold, 2 bold and 3 bold italic."""

    text: str
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text.

    Attributes:
        indent: first line set in by 1.27 cm.
    """

    runs: tuple[Run, ...]
    align: Align = "justify"
    indent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list with dashes, or with numbers (`1.`)."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A labelled line of a form.

    Attributes:
        mandatory: the form marks it with (*).
        value: one line beside the label; several lines stand below it.
    """

    label: str
    value: str = ""
    mandatory: bool = False
    state: State = State.KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One box to tick; note is printed after it (`khác: …`)."""

    text: str
    ticked: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A labelled row of boxes.

    Attributes:
        state: UNKNOWN where a box must be ticked and none could be.
    """

    label: str
    options: tuple[Option, ...]
    mandatory: bool = False
    state: State = State.KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A thing to do, with its box and room to write when and who.

    Attributes:
        number: as printed before the text (`3.`), may be empty.
        note: printed small below.
    """

    text: str
    number: str = ""
    note: str = ""
    ticked: bool = False
    when: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Things to do, one a row; `when` and `who` head the two columns to write in, which are left out where empty."""

    items: tuple[Check, ...]
    when: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header that is repeated on every page.

    Attributes:
        widths: relative, one for each header.
        empty: printed in place of rows where there are none.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    empty: str = "–"

    def __post_init__(self) -> None:
        if len(self.widths) != len(self.headers) or any(len(row) != len(self.headers) for row in self.rows):
            raise ValueError("a row or the widths do not fit the headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs: titles (`KT. GIÁM ĐỐC`, `PHÓ GIÁM ĐỐC`), a note in brackets below, room to sign, the name."""

    titles: tuple[str, ...]
    note: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """Several that sign side by side, at most three in a row."""

    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark to the reader, smaller and in italics; a warning stands in a frame. small: sources, at the end."""

    text: str
    warning: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins a page."""


Block = Heading | Paragraph | Bullets | Field | Choice | Checklist | Table | Signatures | Note | PageBreak


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What stands above the title.

    Attributes:
        authority: cơ quan chủ quản trực tiếp, may be empty.
        organisation: the office that issues the paper; empty prints the blank to fill.
        number: `15`, empty leaves room; never invented.
        symbol: `BC-STC`, what follows the number; None where the paper has no number at all.
        subject: what a công văn is about (`V/v …`), printed below the number.
        place: for the line of place and date; None where the paper has no such line.
        day: None leaves room for day, month and year.
    """

    authority: str = ""
    organisation: str = ""
    number: str = ""
    symbol: str | None = None
    subject: str = ""
    place: str | None = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole paper.

    Attributes:
        lang: of the fixed words (`Kính gửi:`, `Nơi nhận:`); a paper in English says that it is a translation.
        title: tên loại (`BÁO CÁO`), empty for a công văn.
        about: trích yếu, below the title.
        form: printed at the top right (`Mẫu số 03`).
        marks: `KHẨN`, `LƯU HÀNH NỘI BỘ`.
        addressees: kính gửi.
        recipients: nơi nhận, with the line of archiving (`Lưu: VT.`).
        signature: None where Signatures among the blocks stand for it.
        footer: at the foot of every page, small.
    """

    lang: str = "vi"
    title: str = ""
    about: str = ""
    form: str = ""
    marks: tuple[str, ...] = ()
    letterhead: Letterhead | None = None
    addressees: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    recipients: tuple[str, ...] = ()
    signature: Signature | None = None
    footer: str = ""


def text_paragraph(text: str, *, bold: bool = False, italic: bool = False, align: Align = "justify") -> Paragraph:
    """A paragraph in one style."""
    return Paragraph(runs=(Run(text=text, bold=bold, italic=italic),), align=align)


def known(label: str, value: str | None, *, mandatory: bool = False) -> Field:
    """A field that is UNKNOWN where there is no value."""
    state = State.KNOWN if value else State.UNKNOWN
    return Field(label=label, value=value or "", mandatory=mandatory, state=state)


def choice(
    label: str, options: Sequence[str], ticked: Sequence[str], *, mandatory: bool = False, note: str = ""
) -> Choice:
    """Boxes, some of them ticked; the note belongs to the last. UNKNOWN where a box must be ticked and none is."""
    boxes = tuple(
        Option(text=text, ticked=text in ticked, note=note if text == options[-1] else "") for text in options
    )
    missing = mandatory and not any(box.ticked for box in boxes)
    return Choice(label=label, options=boxes, mandatory=mandatory, state=State.UNKNOWN if missing else State.KNOWN)
