"""What the case keeps beside the model's records: volumes, the plan, the journal, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from triage.model import EntryId, Event, Fact, Finding, Gap, Level, UnixNs


class Worth(Enum):
    """What a collected file is to the case; the first are the last to be left out for want of room."""

    KEY = "key"  # keys, state files, settings of the malware
    NOTE = "note"
    COMPONENT = "component"
    TRACE = "trace"  # of Windows' own, with a finding: prefetch, task, shortcut, hive, log
    ARTEFACT = "artefact"  # hives and logs that a second examination would begin with


class LeftOut(Enum):
    """Why a file that matters is not in the archive."""

    FILE_LIMIT = "file-limit"  # larger than one file may be
    LIMIT = "limit"  # larger than what was left of the limit on all
    DISK_FULL = "disk-full"  # the disk of the case
    UNREADABLE = "unreadable"
    LOST = "lost"  # its copy did not survive a power cut
    NOTHING_FOUND = "nothing-found"  # hives and logs of a machine without findings: nobody needs them


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
class Collected:
    """A file that matters: kept in the archive, or left out of it.

    Attributes:
        size: of the content, in bytes.
        sha256, md5: of the content; None where it was not read to the end.
        how: `as-examined`, the very bytes that the detectors saw; `copied-after`, read once more, in order, after
            them; empty where it was left out before it was read.
        why: None where it is kept.
        member: its name in the archive; the same for entries of the same content.
    """

    entry: EntryId
    worth: Worth
    size: int
    sha256: str | None
    md5: str | None
    how: str
    why: LeftOut | None = None
    member: str = ""


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
    collected: Sequence[Collected] = ()


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
