"""What one event of a log tells, before it becomes records: an event of the timeline, and perhaps a finding.

Events that come by the thousand (network logons, connections, encrypted files) are told once for each stretch of time,
with how many they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from triage.formats.logrecord import LogRecord
from triage.model import Confidence, Json, Severity, UnixNs
from triage.times import isoformat

MINUTE = 60_000_000_000
HOUR = 60 * MINUTE

_STRETCHES_MAX = 4096
_MEMBERS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """The part of a finding that an event gives."""

    title: str
    severity: Severity
    confidence: Confidence
    indicator: str
    family: str | None = None
    attack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How events of one kind are drawn together.

    Attributes:
        key: events of the same key belong together.
        within: length of a stretch from its first event, nanoseconds.
        member: what is counted as different within a stretch (addresses, files).
        least: a stretch of fewer events is not told.
        members_for_sign, events_for_sign: how many there must be for the sign; 0 for always.
    """

    key: tuple[str, ...]
    within: int
    member: str = ""
    least: int = 1
    members_for_sign: int = 0
    events_for_sign: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """what: the event's phrase, empty where another has told the event; details: what varies."""

    what: str
    details: Mapping[str, Json] = field(default_factory=dict)
    sign: Sign | None = None
    repeats: Repeats | None = None
    when: UnixNs | None = None
    """When it happened, where the record says so itself and not by its own time."""


@dataclass(slots=True)
class _Stretch:
    first: LogRecord
    last: LogRecord
    told: Told
    repeats: Repeats
    count: int = 1
    members: set[str] = field(default_factory=set)

    def close(self) -> tuple[LogRecord, Told] | None:
        if self.count < self.repeats.least:
            return None
        more: dict[str, Json] = {"count": self.count, "until": isoformat(self.last.when)}
        if self.repeats.member:
            more["different"] = len(self.members)
        enough = len(self.members) >= self.repeats.members_for_sign and self.count >= self.repeats.events_for_sign
        return self.first, Told(
            what=self.told.what,
            details={**self.told.details, **more},
            sign=self.told.sign if enough else None,
        )


class Stretches:
    """Events that repeat, by key; bounded."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, ...], _Stretch] = {}

    def add(self, record: LogRecord, told: Told, repeats: Repeats) -> Iterator[tuple[LogRecord, Told]]:
        """Takes an event; gives what it brings to an end."""
        key = (told.what, *repeats.key)
        stretch = self._open.get(key)
        if stretch is not None and 0 <= record.when - stretch.first.when <= repeats.within:
            stretch.count += 1
            stretch.last = record
        else:
            if stretch is not None:
                yield from self._close(key)
            elif len(self._open) >= _STRETCHES_MAX:
                yield from self._close(next(iter(self._open)))
            stretch = self._open[key] = _Stretch(record, record, told, repeats)
        if len(stretch.members) < _MEMBERS_MAX:
            stretch.members.add(repeats.member)

    def rest(self) -> Iterator[tuple[LogRecord, Told]]:
        """What has not come to an end with the log."""
        for key in list(self._open):
            yield from self._close(key)

    def _close(self, key: tuple[str, ...]) -> Iterator[tuple[LogRecord, Told]]:
        closed = self._open.pop(key).close()
        if closed is not None:
            yield closed
