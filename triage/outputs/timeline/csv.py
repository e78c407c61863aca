"""A table for people, in their language: opens in a spreadsheet, both clocks side by side.

Begins with a byte order mark, or Excel would not read Vietnamese.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from triage.analysis.timeline import EVENT, Chronicle
from triage.outputs.catalogue import translate
from triage.outputs.timeline.fields import cell, csv_line, details
from triage.times import in_vietnam, isoformat

_BOM: Final = b"\xef\xbb\xbf"
COLUMNS: Final = (
    "Time (UTC)",
    "Time (UTC+7)",
    "MACB",
    "Meaning",
    "Source",
    "Volume",
    "Path",
    "What",
    "Phase",
    "Details",
)


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:
    """The header, then a line for each row."""
    say = partial(translate, lang=lang)
    yield _BOM + csv_line(say(column) for column in COLUMNS)
    for row in chronicle.rows():
        yield csv_line(
            (
                isoformat(row.when),
                in_vietnam(row.when),
                "" if row.kind == EVENT else row.kind,
                say(row.meaning),
                cell(row.source),
                row.entry.volume,
                cell(row.entry.path),
                cell(say(row.what)),
                say(row.phase.value, kind="phase") if row.phase else "",
                details(row),
            )
        )
