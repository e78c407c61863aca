"""What every kind of Windows event log gives: typed records, and a summary of how sound the log is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.model import UnixNs

Wanted = Mapping[int, Callable[[str], bool]]
"""Event ids that matter; the function may refuse a record from its undecoded text (JSON or XML), cheaply."""

STEPS_MAX = 100
GAPS_MAX = 1000
NAMES_MAX = 1000
_STEP = 60_000_000_000


def always(_text: str) -> bool:
    """Every record of this id matters."""
    return True


class LogRecord(NamedTuple):
    """One event.

    Attributes:
        record_id: its number in the log.
        when: when it was written.
        channel: `System`, `Security`, …; of old logs as the caller says.
        provider: source of the event.
        user: SID as text, empty for none.
        data: names to texts; values without a name are `param1`, `param2` …
        recovered: left by an earlier round of the log, which does not hold it any more.
    """

    record_id: int
    when: UnixNs
    channel: str
    provider: str
    event_id: int
    computer: str
    user: str
    data: Mapping[str, str]
    recovered: bool = False


class ClockStep(NamedTuple):
    """Two neighbouring records of which the later one was written at an earlier time."""

    record_id: int
    before: UnixNs
    after: UnixNs


class NumberGap(NamedTuple):
    """Record numbers that are missing, from first to last, both included.

    inside: between two records of one sound piece of the log, where nothing but a hand can have taken them away.
    """

    first: int
    last: int
    inside: bool


@dataclass(slots=True)
class LogSummary:
    """How sound a log is; complete once its records have been read.

    Attributes:
        records: how many were read, wanted or not.
        rescued: how many of them only after a repair or by a second reader.
        recovered: how many wanted ones were found besides, left by an earlier round of the log; in no other number.
        lost: how many are in the log but no reader could decode.
        damaged: chunks, or places in an old log, that hold something else than records.
        bad_checksums: chunks whose records are not what their checksum says.
        first_lost: bytes from the start of the log to the first damaged or lost place; None where there is none.
        dirty, full: flags of the header: not closed by Windows; no more room.
        oldest, newest: (number, time) of the first and the last record.
        channels, computers: names, in order of appearance.
        gaps: missing numbers, at most GAPS_MAX; missing: how many numbers in all.
        steps: clock steps of at least a minute back, at most STEPS_MAX.
    """

    records: int = 0
    rescued: int = 0
    recovered: int = 0
    lost: int = 0
    damaged: int = 0
    bad_checksums: int = 0
    first_lost: int | None = None
    dirty: bool = False
    full: bool = False
    oldest: tuple[int, UnixNs] | None = None
    newest: tuple[int, UnixNs] | None = None
    channels: dict[str, None] = field(default_factory=dict)
    computers: dict[str, None] = field(default_factory=dict)
    gaps: list[NumberGap] = field(default_factory=list)
    missing: int = 0
    steps: list[ClockStep] = field(default_factory=list)

    def follow(self, run: Sequence[tuple[int, UnixNs]], *, sound: bool) -> None:
        """Takes the next (number, time) pairs in order of numbers: notes gaps and clock steps.

        Args:
            run: at least one.
            sound: the run is one piece of the log whose checksum holds.
        """
        last, before = self.newest or (run[0][0] - 1, run[0][1])
        self.oldest = self.oldest or run[0]
        for index, (number, when) in enumerate(run):
            if number > last + 1:
                self.missing += number - last - 1
                if len(self.gaps) < GAPS_MAX:
                    self.gaps.append(NumberGap(last + 1, number - 1, sound and index > 0))
            when = when if when > 0 else before  # exported logs hold records without a time
            if when + _STEP <= before and len(self.steps) < STEPS_MAX:
                self.steps.append(ClockStep(number, before, when))
            last, before = number, when
        self.newest = last, before

    def name(self, record: LogRecord) -> None:
        """Keeps the names of a record's log and computer."""
        for kept, name in ((self.channels, record.channel), (self.computers, record.computer)):
            if name and len(kept) < NAMES_MAX:
                kept[name] = None

    def note_damage(self, at: int, *, lost: int = 0) -> None:
        """Counts records that no reader decoded, or a place without records, at byte `at` of the log."""
        self.lost += lost
        self.damaged += not lost
        self.first_lost = at if self.first_lost is None else min(self.first_lost, at)
