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
    message,
    moment,
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


def _values(row: Row, host: str) -> Iterator[object]:
    when, said = moment(row.when), cell(message(row))
    yield f"{when:%m/%d/%Y}"
    yield f"{when:%H:%M:%S}"
    yield "UTC"
    yield "...." if row.kind == EVENT else "".join(one if one in row.kind else "." for one in "MACB")
    yield data_type(row.source)[1]
    yield cell(row.source)
    yield cell(description(row.kind, row.what))
    yield "-"
    yield cell(host) or "-"
    yield said[:_SHORT]
    yield said
    yield _VERSION
    yield cell(place(row))
    yield row.entry.inode or "-"
    yield row.phase.value if row.phase else "-"
    yield "triage"
    yield details(row) or "-"
