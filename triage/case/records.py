"""What the case keeps beside the model's records: volumes, the plan, the journal, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.model import Event, Fact, Finding, Gap, Level, UnixNs


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeInfo:
    """One file system; offset and size in bytes from the start of the media; problem is one line, mostly empty.

    Attributes:
        parent: of a shadow copy the volume that it is a copy of, which is at the same offset.
        store: identifier of a shadow copy's store.
        taken: when a shadow copy was made.
    """

    index: int
    offset: int
    size: int
    filesystem: str
    label: str
    serial: str
    opened: bool
    problem: str = ""
    walked: bool = False
    entries: int = 0
    parent: int | None = None
    store: str = ""
    taken: UnixNs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One act on the case."""

    when: UnixNs
    who: str
    act: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPlan:
    """Entries that one worker reads in one go; cost in bytes, for progress."""

    id: int
    entries: Sequence[int]
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitResult:
    """What one unit gave.

    Attributes:
        examined: (entry, level value, type, sha256 or None) of the entries without a gap.
    """

    unit: int
    examined: Sequence[tuple[int, str, str, str | None]]
    records: Sequence[Finding | Event | Fact]
    gaps: Sequence[Gap]
    bytes_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """Counts over the whole case. gaps: entries by their first reason."""

    entries: int
    bytes_entries: int
    levels: Mapping[Level, int]
    gaps: Mapping[str, int]
    bytes_read: int
    severities: Mapping[str, int]
    open_units: int
    walking: int
