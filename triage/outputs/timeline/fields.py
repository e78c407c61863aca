"""What several forms of the timeline share: moments, words for MACB, kinds of source, cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from triage.analysis.timeline import EVENT, Row
from triage.model import UnixNs
from triage.outputs.escapes import to_json, visible, visible_json

LONGEST: Final = 32_000
"""Bytes of one text: Timesketch's index refuses 32,766."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: formatted as UTC below
_WORDS: Final = {
    "M": "Content Modification Time",
    "A": "Last Access Time",
    "C": "Metadata Modification Time",
    "B": "Creation Time",
}
_DATA_TYPES: Final = (
    (re.compile(r"^(?:\$SI|\$FN|fs)$"), "fs:stat", "FILE"),
    (re.compile(r"\$usnjrnl", re.IGNORECASE), "fs:ntfs:usn_change", "FILE"),
    (re.compile(r"\.evtx$", re.IGNORECASE), "windows:evtx:record", "EVT"),
    (re.compile(r"\.evt$", re.IGNORECASE), "windows:evt:record", "EVT"),
    (re.compile(r"\.pf$", re.IGNORECASE), "windows:prefetch:execution", "LOG"),
    (re.compile(r"\.lnk$", re.IGNORECASE), "windows:lnk:link", "LNK"),
    (
        re.compile(r"^(?:system|software|sam|security|ntuser\.dat|usrclass\.dat|amcache\.hve)\b", re.IGNORECASE),
        "windows:registry:key_value",
        "REG",
    ),
    (re.compile(r"^\$(?:SI|FN) ?"), "fs:stat", "FILE"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def moment(when: UnixNs) -> datetime:
    """The UTC day and time, naive, to the microsecond; 64 bits of nanoseconds never leave the years 1677 to 2262."""
    return _EPOCH + timedelta(microseconds=when // 1000)


def iso(when: UnixNs) -> str:
    """ISO 8601 to the microsecond, with its offset."""
    return f"{moment(when).isoformat(timespec='microseconds')}+00:00"


@lru_cache(maxsize=32)
def description(kind: str, what: str = "") -> str:
    """What the time is, as other tools word it."""
    return "; ".join(_WORDS[letter] for letter in kind) if kind != EVENT else what


@lru_cache(maxsize=1024)
def data_type(source: str) -> tuple[str, str]:
    """(Timesketch's and Plaso's data type, log2timeline's short name) of a row's source."""
    found = (names for pattern, *names in _DATA_TYPES if pattern.search(source))
    long, short = next(found, ("triage:event", "LOG"))
    return long, short


def place(row: Row) -> str:
    """Volume and path: `vol0:/Users/…`."""
    return f"vol{row.entry.volume}:{row.entry.path}"


def message(row: Row) -> str:
    """One line that says it all."""
    said = row.what if row.kind == EVENT else row.meaning
    text = f"{visible(said)}: {place(row)}"
    if row.kind != EVENT and row.what:
        text += f" ({visible(row.what)})"
    if row.details:
        text += f" {details(row)}"
    return limited(text)


def details(row: Row) -> str:
    """The details as JSON, empty where there are none."""
    return limited(to_json(visible_json(dict(row.details)))) if row.details else ""


def tags(row: Row) -> list[str]:
    """Labels a reader may filter by."""
    return [f"phase:{row.phase.value}"] if row.phase else []


def limited(text: str) -> str:
    """At most LONGEST bytes, cut between characters."""
    if len(text) * 4 <= LONGEST:
        return text
    raw = text.encode()
    return text if len(raw) <= LONGEST else raw[:LONGEST].decode("utf-8", "ignore")


def cell(text: str) -> str:
    """A text that a spreadsheet does not take for a formula, and that stays on its line."""
    return guarded(limited(visible(text)))


def guarded(text: str) -> str:
    """A visible text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Bytes:
    """What a `csv.writer` writes to; its `writerow` gives back what this gives."""

    def write(self, line: str) -> bytes:
        return line.encode()


_WRITER: Final = csv.writer(_Bytes())


def csv_line(values: Iterable[object]) -> bytes:
    """One line of a CSV file (RFC 4180)."""
    line: bytes = _WRITER.writerow(values)
    return line
