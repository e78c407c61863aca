"""tong-hop.xlsx: machines, offices and what was not examined as sheets of a workbook.

No cell is a formula, whatever its text begins with. The same overview gives the same bytes.

References:
    ECMA-376 Part 1, 18.3.1.4 (`c`), 18.18.11 (types of cells).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from triage.analysis.overview import Overview
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible
from triage.outputs.overview.columns import MACHINE, OFFICE, Cell, office_wording, title

_NO_TIME: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the earliest a ZIP can hold, naive there
_BOLD: Final = Font(bold=True)
_WHOLE: Final = "#,##0"
_LONGEST: Final = 32_000
"""Characters of one cell; Excel takes 32,767."""

Head = tuple[tuple[str, int], ...]


def render(overview: Overview, lang: str) -> Iterator[bytes]:
    """The workbook."""
    book = Workbook(write_only=True)
    book.properties.creator = "triage"
    book.properties.created = book.properties.modified = _NO_TIME
    machines: Head = tuple((title(text, lang), width) for text, width, _value in MACHINE)
    _sheet(
        book,
        translate("Machines", lang),
        machines,
        ([value(one, lang) for _text, _width, value in MACHINE] for one in overview.machines),
    )
    offices: Head = ((translate("Office", lang), 30), *((title(text, lang), width) for text, width, _value in OFFICE))
    rows = [
        *((office_wording(office, lang), totals) for office, totals in overview.offices.items()),
        (translate("Total", lang), overview.total),
    ]
    _sheet(
        book,
        translate("Offices", lang),
        offices,
        ([name, *(value(totals, lang) for _text, _width, value in OFFICE)] for name, totals in rows),
        last_is_total=True,
    )
    yield _archived(book)


def _sheet(book: Workbook, name: str, head: Head, rows: Iterable[list[Cell]], *, last_is_total: bool = False) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    for number, (_text, width) in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    every = list(rows)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(every) + 1 - last_is_total}"
    sheet.append([_titled(sheet, text) for text, _width in head])
    for number, row in enumerate(every, 1):
        is_total = last_is_total and number == len(every)
        sheet.append([_cell(sheet, value, bold=is_total) for value in row])


def _titled(sheet: Any, text: str) -> WriteOnlyCell:  # noqa: ANN401 - openpyxl tells no types
    cell = _cell(sheet, text, bold=True)
    cell.fill = PatternFill("solid", fgColor="DBE6F3")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: Any, value: Cell, *, bold: bool = False) -> WriteOnlyCell:  # noqa: ANN401
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = visible(value)[:_LONGEST]
        cell.data_type = "s"  # a text that begins with "=" would be a formula
    elif value is not None:
        cell.value = value
        cell.number_format = _WHOLE
    if bold:
        cell.font = _BOLD
    return cell


def _archived(book: Workbook) -> bytes:
    """The workbook with no time of ours in its archive."""
    written, told = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        ExcelWriter(book, archive).write_data()
    with zipfile.ZipFile(written) as given, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _NO_TIME.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, given.read(name))
    return told.getvalue()
