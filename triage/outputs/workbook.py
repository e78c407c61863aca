"""What can be saved of each encrypted file, as a workbook to tick what is needed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from triage.analysis.dossier import Dossier
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible
from triage.outputs.savable import COLUMNS, rows

TICK: Final = "Needed"
_WIDTHS: Final = (9, 36, 44, 8, 12, 16, 8, 22, 22, 40, 12, 50, 60)
_ROWS_MAX: Final = 1_048_575
"""Of a sheet, without its header."""
_MADE: Final = (1980, 1, 1, 0, 0, 0)


def render(dossier: Dossier, lang: str) -> Iterator[bytes]:
    """A workbook: a column to tick, a filter on every other; files beyond a sheet's rows go on in the next sheet."""
    say = partial(translate, lang=lang)
    book = Workbook(write_only=True)
    sheet, left = None, 0
    for row in rows(dossier, lang):
        if not left:
            sheet, left = _sheet(book, lang), _ROWS_MAX
        assert sheet is not None
        left -= 1
        values = []
        for value in ("", *row):
            one = WriteOnlyCell(sheet, value=_plain(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                one.data_type = "s"  # never a formula, whatever a file is called
            values.append(one)
        sheet.append(values)
    if sheet is None:
        _sheet(book, lang).append([say("No encrypted file was found in what was examined.")])
    made = io.BytesIO()
    book.save(made)
    yield _settled(made)


def _sheet(book: Workbook, lang: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the library names no type
    sheet = book.create_sheet(f"{translate('What can be saved', lang)} {len(book.worksheets) + 1}")
    sheet.freeze_panes = "B2"
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions[chr(65 + place)].width = width
    head = []
    for column in (TICK, *COLUMNS):
        one = WriteOnlyCell(sheet, value=translate(column, lang))
        one.font, one.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        head.append(one)
    sheet.append(head)
    sheet.auto_filter.ref = f"A1:{chr(64 + len(head))}1"
    return sheet


def _plain(text: str) -> str:
    """What hides or reorders is written out; a cell holds no more than 32,767 characters."""
    return visible(text)[:32_000]


def _settled(made: io.BytesIO) -> bytes:
    """The same book without the times of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(made) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as settled:
        for name in sorted(book.namelist()):
            data = book.read(name)
            if name == "docProps/core.xml":
                data = _without_times(data)
            settled.writestr(zipfile.ZipInfo(name, _MADE), data)
    return out.getvalue()


def _without_times(core: bytes) -> bytes:
    for tag in (b"created", b"modified"):
        start = core.find(b"<dcterms:" + tag)
        if start >= 0:
            end = core.index(b"</dcterms:" + tag + b">", start) + len(tag) + 11
            core = core[:start] + core[end:]
    return core
