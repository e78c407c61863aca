"""Timesketch CSV: `message,timestamp,datetime,timestamp_desc` first, then what can be filtered by.

Limits:
    Timesketch leaves out rows before the year 1700, and takes cells like `NULL` or `NaN` for empty ones.

References:
    Timesketch, "Create timeline from JSONL or CSV file"; `timesketch/lib/utils.py` (read_and_validate_csv).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.timeline import Chronicle
from triage.outputs.escapes import to_json
from triage.outputs.timeline.fields import csv_line, guarded
from triage.outputs.timeline.timesketch_jsonl import as_object

COLUMNS: Final = (
    "message",
    "timestamp",
    "datetime",
    "timestamp_desc",
    "data_type",
    "source_short",
    "host",
    "source",
    "meaning",
    "macb",
    "volume",
    "filename",
    "inode",
    "phase",
    "tag",
    "details",
)


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """The header, then a line for each row."""
    yield csv_line(COLUMNS)
    for row in chronicle.rows():
        yield csv_line(_cell(value) for value in as_object(row, chronicle.host).values())


def _cell(value: object) -> object:
    match value:
        case str():
            return guarded(value)  # visible already
        case list():
            return to_json(value)
        case _:
            return value
