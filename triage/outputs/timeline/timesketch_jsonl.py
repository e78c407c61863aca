"""Timesketch JSONL: the same fields as its CSV, one object a line.

Limits:
    Timesketch's page for uploads reads the first 10,000 characters and wants the first three lines whole; where they
    are longer its command line takes the file.

References:
    Timesketch, `timesketch/lib/utils.py` (read_and_validate_jsonl) and `UploadForm.vue` (extractJSONLHeader).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from triage.analysis.timeline import EVENT, Chronicle, Row
from triage.outputs.escapes import to_json, visible
from triage.outputs.timeline.fields import data_type, description, details, iso, limited, message, tags

_LOOKED_AT: Final = 3
"""Lines that the page for uploads parses, an empty one behind the last end of line counted."""


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """A line for each row."""
    lines = (to_json(as_object(row, chronicle.host)).encode() for row in chronicle.rows())
    first = list(islice(lines, _LOOKED_AT))
    yield b"\n".join(first)
    if len(first) < _LOOKED_AT:
        return  # without an end of line: behind it the page would look for an object
    yield b"\n"
    for line in lines:
        yield line + b"\n"


def as_object(row: Row, host: str) -> dict[str, object]:
    """The fields, in their fixed order."""
    long, short = data_type(row.source)
    return {
        "message": message(row),
        "timestamp": row.when // 1000,
        "datetime": iso(row.when),
        "timestamp_desc": limited(visible(description(row.kind, row.what))),
        "data_type": long,
        "source_short": short,
        "host": visible(host),
        "source": limited(visible(row.source)),
        "meaning": row.meaning,
        "macb": "" if row.kind == EVENT else row.kind,
        "volume": row.entry.volume,
        "filename": limited(row.entry.path),
        # never a number alone: a field's type is that of the first rows, and others of it would be refused
        "inode": f"vol{row.entry.volume}:{row.entry.inode}" if row.entry.inode else "",
        "phase": row.phase.value if row.phase else "",
        "tag": tags(row),
        "details": details(row),
    }
