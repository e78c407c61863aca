"""JSONL with the names of the Elastic Common Schema, one object a line; what it has no name for is under `triage`.

References:
    Elastic Common Schema 9.0; ATT&CK technique ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.phases import PhaseId
from triage.analysis.timeline import EVENT, Chronicle, Row
from triage.model import Entry, Json, Kind, UnixNs
from triage.outputs.escapes import to_json, visible, visible_json
from triage.outputs.timeline.fields import data_type, description, iso, limited, message, tags

ECS: Final = "9.0.0"
_CATEGORIES: Final = {"FILE": ["file"], "REG": ["registry"], "EVT": ["host"], "LOG": ["process"], "LNK": ["file"]}
_TYPES: Final = {"M": "change", "A": "access", "C": "change", "B": "creation"}
_TECHNIQUES: Final = {
    PhaseId.ARRIVAL: "T1210",
    PhaseId.PERSISTENCE: "T1543.003",
    PhaseId.USER_FOLDERS: "T1486",
    PhaseId.DRIVES: "T1486",
    PhaseId.SHADOW_COPIES: "T1490",
}
_KINDS: Final = {Kind.FOLDER: "dir", Kind.LINK: "symlink"}


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """A line for each row."""
    for row in chronicle.rows():
        yield to_json(as_object(row, chronicle.host)).encode() + b"\n"


def as_object(row: Row, host: str) -> dict[str, object]:
    """One document."""
    long, short = data_type(row.source)
    document: dict[str, object] = {
        "@timestamp": iso(row.when),
        "ecs": {"version": ECS},
        "message": message(row),
        "event": {
            "kind": "event",
            "category": _CATEGORIES[short] if long != "triage:event" else ["malware"],
            "type": _types(row),
            "action": visible(description(row.kind, row.what)),
            "dataset": f"triage.{long.replace(':', '_')}",
            "provider": visible(row.source),
        },
        "file": _file(row.entry),
        "triage": {
            "meaning": row.meaning,
            "macb": "" if row.kind == EVENT else row.kind,
            "volume": row.entry.volume,
            "phase": row.phase.value if row.phase else None,
            "details": visible_json(dict(row.details)),
        },
    }
    if host:
        document["host"] = {"name": visible(host)}
    if row.phase:
        document["tags"] = tags(row)
        if technique := _TECHNIQUES.get(row.phase):
            document["threat"] = {"technique": {"id": [technique]}}
    return document


def _types(row: Row) -> list[str]:
    return ["info"] if row.kind == EVENT else sorted({_TYPES[letter] for letter in row.kind})


def _file(entry: Entry) -> dict[str, Json]:
    folder, _, name = entry.path.rpartition("/")
    times = entry.times
    given: dict[str, Json] = {
        "path": limited(entry.path),
        "name": limited(name),
        "directory": limited(folder or "/"),
        "extension": name.rpartition(".")[2].lower() if "." in name.strip(".") else None,
        "type": _KINDS.get(entry.kind, "file"),
        "size": entry.size,
        "inode": entry.inode or None,
        "mtime": _iso(times.modified),
        "accessed": _iso(times.accessed),
        "ctime": _iso(times.changed),
        "created": _iso(times.born),
    }
    return {key: value for key, value in given.items() if value is not None}


def _iso(when: UnixNs | None) -> str | None:
    return None if when is None else iso(when)
