"""Timesketch JSONL: the same fields as its CSV, one object a line."""

from __future__ import annotations

from collections.abc import Iterator

from triage.analysis.timeline import EVENT, Chronicle, Row
from triage.outputs.escapes import to_json, visible
from triage.outputs.timeline.fields import data_type, description, details, iso, limited, message, tags


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """A line for each row."""
    for row in chronicle.rows():
        yield to_json(as_object(row, chronicle.host)).encode() + b"\n"


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
        "inode": row.entry.inode,
        "phase": row.phase.value if row.phase else "",
        "tag": tags(row),
        "details": details(row),
    }
