"""The journal as a hash chain: each line carries the SHA-256 over the link before and itself.

A line changed, taken out, put in or moved breaks the chain there. What the chain alone cannot show, a journal written
anew from some line on, the seal does: its manifest names the last link.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from triage.case.records import JournalLine

BEGINNING = hashlib.sha256(b"triage.journal/1").hexdigest()
"""What stands before the first line."""


def link(before: str, number: int, line: JournalLine) -> str:
    """The link of a line: hex SHA-256 over the link before, a line feed, and the line as a JSON array in ASCII."""
    canonical = json.dumps([number, line.when, line.who, line.act, line.detail], separators=(",", ":"), default=repr)
    return hashlib.sha256(f"{before}\n{canonical}".encode("ascii", "backslashreplace")).hexdigest()


def broken_at(lines: Iterable[tuple[int, JournalLine, str]]) -> int | None:
    """The number of the first line that does not follow from the one before; None where all do."""
    before = BEGINNING
    for place, (number, line, chain) in enumerate(lines, 1):
        if number != place or chain != link(before, number, line):
            return place
        before = chain
    return None
