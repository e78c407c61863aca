"""Tables of a DOCX: with borders and a header on every page, and rows without borders that only place things."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Pt
from docx.table import Table as DocxTable
from docx.table import _Cell as Cell
from docx.table import _Row as Row
from docx.text.paragraph import Paragraph as DocxParagraph

from triage.outputs.papers.docx_package import element
from triage.outputs.papers.layout import printed

_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_CELL_PT = 11
_ONE_PAGE = 900
"""Characters of a row that is kept on one page."""


class Grid:
    """A table with borders that grows row by row; a word too long for a cell is broken by the word processor."""

    def __init__(self, table: DocxTable, widths: Sequence[Length], document: Docx) -> None:
        self._table = table
        self._widths = widths
        self._document = document

    def header(self, texts: Sequence[str]) -> None:
        """Repeated on every page."""
        row = _row(self._table)
        row._tr.get_or_add_trPr().append(element("tblHeader"))  # noqa: SLF001 - not in python-docx
        for cell, text in zip(row.cells, texts, strict=True):
            paragraph = _fill(cell, text)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            for run in paragraph.runs:
                run.bold = True
        self._wide(row)

    def row(self, texts: Sequence[str]) -> Sequence[Cell]:
        """One row; its cells."""
        row = _row(self._table)
        cells = row.cells
        for cell, text in zip(cells, texts, strict=True):
            _fill(cell, text)
        if sum(map(len, texts)) < _ONE_PAGE:
            row._tr.get_or_add_trPr().append(element("cantSplit"))  # noqa: SLF001
        self._wide(row)
        return cells

    def across(self, text: str) -> None:
        """One row of a single cell."""
        cells = _row(self._table).cells
        _fill(cells[0].merge(cells[-1]), text).alignment = WD_ALIGN_PARAGRAPH.CENTER

    def end(self) -> None:
        """A gap below: two tables in a row would become one."""
        self._document.add_paragraph().paragraph_format.space_after = Pt(0)

    def _wide(self, row: Row) -> None:
        for cell, width in zip(row.cells, self._widths, strict=True):
            cell.width = width


def grid(document: Docx, widths: Sequence[Length]) -> Grid:
    """An empty table with borders."""
    table = _table(document, 0, widths)
    bordered(table)
    return Grid(table, widths, document)


def row_of(document: Docx, widths: Sequence[Length]) -> Sequence[Cell]:
    """Cells side by side without borders, kept on one page."""
    table = _table(document, 1, widths)
    row = table.rows[0]
    row._tr.get_or_add_trPr().append(element("cantSplit"))  # noqa: SLF001
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = width
    return row.cells


def bordered(table: DocxTable) -> None:
    """Thin black lines around every cell."""
    borders = element("tblBorders")
    for side in _SIDES:
        borders.append(element(side, val="single", sz="4", space="0", color="000000"))
    properties = table._tbl.tblPr  # noqa: SLF001 - python-docx has no borders
    properties.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _row(table: DocxTable) -> Row:
    row: Row = table.add_row()  # type: ignore[no-untyped-call]
    return row


def _table(document: Docx, rows: int, widths: Sequence[Length]) -> DocxTable:
    table: DocxTable = document.add_table(rows=rows, cols=len(widths))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    return table


def _fill(cell: Cell, text: str) -> DocxParagraph:
    paragraph: DocxParagraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(printed(text)).font.size = Pt(_CELL_PT)
    return paragraph
