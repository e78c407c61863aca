"""Windows' shadow copies: which exist and from when, and stores whose deleted names are still there.

Limits:
    Windows deletes the oldest copies by itself where room is short: a deleted store is no sign of an attack alone.
    On a mounted file system the catalogue reads as zeros: there only the names of the stores tell that copies exist.

References:
    ATT&CK T1490 Inhibit System Recovery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.errors import FormatError
from triage.formats import vss
from triage.model import Confidence, Content, Entry, Event, Fact, Finding, Json, Kind, Record, Severity
from triage.times import isoformat

GONE = "Shadow copy that was deleted"

TITLES = (GONE,)

CREATED = "Shadow copy was made"

EVENTS = (CREATED,)

OBSERVED = "observed.shadow-copy"
"""A fact of each shadow copy: when it was made; or UNKNOWN, or NONE of a catalogue that lists none."""
NONE, UNKNOWN = "none", "unknown"

STORE_NAME = re.compile(r"\{([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}" + re.escape(vss.IDENTIFIER))
"""Of the file of a store, in lower case."""


class ShadowCopies:
    """The catalogue, and the deleted files of stores."""

    name = "shadow-copies"

    def wants(self, entry: Entry) -> bool:
        return entry.path.lower().endswith(vss.IDENTIFIER) and entry.kind is Kind.FILE

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        store = STORE_NAME.fullmatch(entry.name.lower())
        if store and not entry.allocated:
            yield self._gone(entry, store[1])
        elif entry.name.lower() == vss.IDENTIFIER and entry.allocated:
            with content.file() as file:
                yield from self._listed(entry, file.read(vss.CATALOGUE_MAX))

    def _listed(self, entry: Entry, data: bytes) -> Iterator[Record]:
        if not any(data):
            yield self._observed(entry, UNKNOWN)
            return
        try:
            copies = vss.parse_catalogue(data)
        except FormatError:
            yield self._observed(entry, UNKNOWN)
            raise
        if not copies:
            yield self._observed(entry, NONE)
        for copy in copies:
            details: dict[str, Json] = {
                "volume": entry.volume,
                "store": copy.identifier,
                "stored_here": copy.stored_here,
            }
            yield self._observed(entry, f"{isoformat(copy.created)} {copy.identifier}")
            yield Event(
                detector=self.name, entry=entry.id, when=copy.created, what=CREATED, source="VSS", details=details
            )

    def _gone(self, entry: Entry, identifier: str) -> Finding:
        born = entry.times.born
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
            title=GONE,
            indicator=identifier,
            attack=("T1490",),
            details={"store": identifier, "made": None if born is None else isoformat(born)},
        )

    def _observed(self, entry: Entry, value: str) -> Fact:
        return Fact(detector=self.name, entry=entry.id, name=OBSERVED, value=value)
