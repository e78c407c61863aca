"""log2timeline's CSV of 17 columns.

References:
    Plaso, "l2tcsv output format".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.timeline import EVENT, Chronicle, Row
from triage.outputs.timeline.fields import (
    cell,
    csv_line,
    data_type,
    description,
    details,
    iso,
    message,
    place,
)

COLUMNS: Final = (
    "date",
    "time",
    "timezone",
    "MACB",
    "source",
    "sourcetype",
    "type",
    "user",
    "host",
    "short",
    "desc",
    "version",
    "filename",
    "inode",
    "notes",
    "format",
    "extra",
)
_VERSION: Final = 2
_SHORT: Final = 80


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """The header, then a line for each row."""
    yield csv_line(COLUMNS)
    for row in chronicle.rows():
        yield csv_line(_values(row, chronicle.host))


def _values(row: Row, host: str) -> tuple[object, ...]:
    when, said = iso(row.when), cell(message(row))
    return (
        f"{when[5:7]}/{when[8:10]}/{when[:4]}",
        when[11:19],
        "UTC",
        "...." if row.kind == EVENT else "".join(one if one in row.kind else "." for one in "MACB"),
        data_type(row.source)[1],
        cell(row.source),
        cell(description(row.kind, row.what)),
        "-",
        cell(host) or "-",
        said[:_SHORT],
        said,
        _VERSION,
        cell(place(row)),
        row.entry.inode or "-",
        row.phase.value if row.phase else "-",
        "triage",
        details(row) or "-",
    )
