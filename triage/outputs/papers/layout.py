"""What DOCX and PDF share: texts made printable, the words of letterhead and date, measures of the page.

References:
    Nghị định 30/2020/NĐ-CP, Phụ lục I: margins, sizes, positions.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from triage.outputs.escapes import visible
from triage.outputs.papers.paper import Letterhead
from triage.outputs.papers.wording import words

MARGINS_MM: Final = {"top": 20, "bottom": 20, "left": 30, "right": 20}
INDENT_CM: Final = 1.27
BODY_PT: Final = 13
ROOM_MM: Final = 22
"""Left free for a signature and a seal."""
DOTS: Final = "……"
TICKED: Final = "☑"
UNTICKED: Final = "☐"


def printed(text: str) -> str:
    """Nothing that hides or reorders; line feeds are kept, tabs are spaces."""
    return "\n".join(map(visible, text.replace("\r\n", "\n").replace("\t", " ").split("\n")))


def label(text: str, *, mandatory: bool) -> str:
    """`Tên tổ chức(*):`."""
    return printed(f"{text}(*):" if mandatory else f"{text}:")


def date_line(head: Letterhead, lang: str) -> str:
    """Place and date; days below 10 and January and February with their zero, as the decree wants it."""
    day = head.day
    return words("layout", lang)["date"].format(
        place=printed(head.place or "") or DOTS,
        day=f"{day.day:02}" if day else DOTS,
        month=_month(day) if day else DOTS,
        year=str(day.year) if day else DOTS,
    )


def number_line(head: Letterhead, lang: str) -> str:
    """`Số: 15/BC-STC`, room where there is no number yet."""
    number = head.number.zfill(2) if head.number.isdecimal() else head.number
    return f"{words('layout', lang)['number']} {printed(number) or DOTS}/{printed(head.symbol or '') or DOTS}"


def _month(day: date) -> str:
    return f"{day.month:02}" if day.month < 3 else str(day.month)
