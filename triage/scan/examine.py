"""One entry past every detector. The only place in the house that catches everything: it becomes a Gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from triage.case import Collected
from triage.errors import gap_reason
from triage.model import (
    Content,
    Detector,
    Entry,
    Event,
    Fact,
    Finding,
    Gap,
    Kind,
    Level,
    NoContentError,
    Source,
    Stream,
)
from triage.scan.collecting import Collector
from triage.scan.faults import told
from triage.scan.reading import NO_CONTENT, NOTHING, Reading


@dataclass(slots=True)
class Outcome:
    """What a run of entries gave, ready for the case."""

    examined: list[tuple[int, str, str, str | None]] = field(default_factory=list)
    records: list[Finding | Event | Fact] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    bytes_read: int = 0
    collected: list[Collected] = field(default_factory=list)


class Examiner:
    """Examines entries one after the other.

    Args:
        source: reads their bytes.
        detectors: in the order they run.
        level: how much of an entry of a given type is read.
        algorithms: digests that some set needs.
        collector: takes files that matter; None where they are not wanted.
    """

    def __init__(
        self,
        source: Source,
        detectors: Sequence[Detector],
        level: Callable[[Entry, str], Level],
        algorithms: Sequence[str] = ("sha256",),
        collector: Collector | None = None,
    ) -> None:
        self._source = source
        self._detectors = tuple(detectors)
        self._level = level
        self._algorithms = algorithms
        self._collector = collector

    def examine(self, entry: Entry, outcome: Outcome) -> None:
        """Adds what the detectors see in entry, and how much of it was examined, to outcome."""
        before = len(outcome.gaps)
        has_bytes = entry.kind in (Kind.FILE, Kind.STREAM) and entry.same_as is None
        if has_bytes and entry.key:
            self._with_content(entry, outcome, before)
        elif has_bytes and not entry.size and entry.allocated:
            self._detect(entry, Reading(entry, NOTHING, self._level), outcome)
            if len(outcome.gaps) == before:
                outcome.examined.append((entry.id, Level.FULL.value, "empty", None))
        else:
            self._without_content(entry, outcome, before)

    def _without_content(self, entry: Entry, outcome: Outcome, before: int) -> None:
        self._detect(entry, NO_CONTENT, outcome)
        if len(outcome.gaps) == before:
            outcome.examined.append((entry.id, Level.METADATA.value, "", None))

    def _with_content(self, entry: Entry, outcome: Outcome, before: int) -> None:
        try:
            stream = self._source.open(entry)
        except (OSError, MemoryError) as error:
            self._unread(entry, error, outcome, before)
            self._without_content(entry, outcome, before)
            return
        try:
            self._with_stream(entry, stream, outcome, before)
        finally:
            stream.close()

    def _with_stream(self, entry: Entry, stream: Stream, outcome: Outcome, before: int) -> None:
        beside = partial(self._source.beside, entry)
        try:
            reading = Reading(entry, stream, self._level, self._algorithms, beside)
        except (OSError, MemoryError) as error:
            self._unread(entry, error, outcome, before)
            self._without_content(entry, outcome, before)
            return
        said = len(outcome.records)
        self._detect(entry, reading, outcome)
        level, digest = reading.level, None
        try:
            digest = reading.digest("sha256")
        except (OSError, MemoryError) as error:
            self._unread(entry, error, outcome, before)
            level = Level.HEAD
        outcome.bytes_read += reading.bytes_read
        if len(outcome.gaps) == before:
            outcome.examined.append((entry.id, level.value, reading.type, digest))
        if self._collector and (taken := self._collector.consider(entry, reading, outcome.records[said:])):
            outcome.collected.append(taken)

    def _unread(self, entry: Entry, error: BaseException, outcome: Outcome, before: int) -> None:
        # the clusters of a deleted file may be anybody's now: that they cannot be read hides nothing
        if entry.allocated and len(outcome.gaps) == before:
            self._gap(entry, "read", error, outcome)

    def _detect(self, entry: Entry, content: Content, outcome: Outcome) -> None:
        for detector in self._detectors:
            if not detector.wants(entry):
                continue
            try:
                outcome.records.extend(detector.detect(entry, content))
            except NoContentError:
                continue
            except Exception as error:  # noqa: BLE001  the boundary: one bad file costs one file, and is a Gap
                self._gap(entry, detector.name, error, outcome)

    def _gap(self, entry: Entry, stage: str, error: BaseException, outcome: Outcome) -> None:
        outcome.gaps.append(Gap(entry=entry.id, stage=stage, reason=gap_reason(error), detail=told(error)))
