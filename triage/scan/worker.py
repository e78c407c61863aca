"""A worker process: opens the evidence itself, does one task after the other, and can be killed at any moment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, MutableSequence, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from triage.case import UnitResult
from triage.case.rows import Row, entry_row, row_entry
from triage.detectors import all_detectors
from triage.errors import EvidenceError, gap_reason
from triage.evidence import Evidence, open_evidence
from triage.intel import Intel
from triage.lifeline import follow_coordinator, speak_to_nobody
from triage.model import Detector, Entry, EntryId, Gap, GapReason, Level, UnixNs
from triage.scan.collecting import Collecting, Collector
from triage.scan.depth import Depth, level_for
from triage.scan.earlier import as_of_then
from triage.scan.examine import Examiner, Outcome
from triage.scan.faults import told
from triage.scan.messages import (
    Answer,
    Digests,
    Failed,
    Fingerprint,
    Gone,
    HashSource,
    Listed,
    Survey,
    Surveyed,
    Task,
    Unit,
    Walk,
    Walked,
)

BATCH = 2000
"""Entries that travel together during a walk."""

OUT_OF_REACH = {GapReason.DENIED, GapReason.UNREADABLE, GapReason.CHANGED}
"""Gaps that a pulled stick would give, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSpec:
    """All that a worker needs to begin; pickles.

    Attributes:
        targets: the evidence.
        memory: bytes of private memory it may take; 0 for no limit.
        opener: opens the targets.
        detectors: made anew in each worker.
        collect: files that matter; None for no such thing.
    """

    targets: tuple[Path, ...]
    depth: Depth
    intel: Intel
    memory: int
    opener: Callable[[Sequence[Path]], Evidence] = open_evidence
    detectors: Callable[[Intel], tuple[Detector, ...]] = all_detectors
    collect: Collecting | None = None


def work(connection: Connection, spec: WorkerSpec, progress: MutableSequence[int]) -> None:
    """Answers tasks until the connection closes. progress[0] is the entry in work, progress[1] counts steps."""
    follow_coordinator()
    speak_to_nobody()
    _limit_memory(spec.memory)
    worker = _Worker(spec, progress)
    try:
        while True:
            _serve(connection, worker, connection.recv())
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _serve(connection: Connection, worker: _Worker, task: Task) -> None:
    try:
        for answer in worker.answer(task):
            connection.send(answer)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except EvidenceError as error:
        connection.send(Gone(str(error)))
    except Exception as error:  # noqa: BLE001  the boundary of what is not about one entry: a walk, a unit
        connection.send(Failed(gap_reason(error), told(error)))


class _Worker:
    def __init__(self, spec: WorkerSpec, progress: MutableSequence[int]) -> None:
        self._spec = spec
        self._progress = progress
        self._evidence: Evidence | None = None
        self._seen: tuple[object, ...] = ()
        self._examiner: Examiner | None = None

    @property
    def evidence(self) -> Evidence:
        if self._evidence is None:
            self._evidence = self._spec.opener(self._spec.targets)
            self._seen = self._sight(self._evidence)
        return self._evidence

    def _opened_anew(self) -> Evidence:
        """As it is now, not as it was when this worker first looked."""
        if self._evidence is not None:
            self._evidence.close()
        self._evidence = self._examiner = None
        return self.evidence

    @property
    def _taken(self) -> Mapping[int, UnixNs]:
        """When each shadow copy was made, by the number of its volume."""
        return {volume.index: volume.taken for volume in self.evidence.volumes if volume.taken is not None}

    def _sight(self, evidence: Evidence) -> tuple[object, ...]:
        return _surveyed(evidence), *map(_identity, self._spec.targets)

    def _still_there(self) -> None:
        """Raises EvidenceError where the evidence is gone, or something else stands in its place."""
        try:
            with closing(self._spec.opener(self._spec.targets)) as again:
                there = self._sight(again) == self._seen
        except (EvidenceError, OSError) as error:
            raise EvidenceError(gone(self._spec.targets)) from error
        if not there:
            raise EvidenceError(gone(self._spec.targets))

    @property
    def examiner(self) -> Examiner:
        if self._examiner is None:
            depth, intel = self._spec.depth, self._spec.intel
            listed = intel.listed_hashes

            def level(entry: Entry, content_type: str) -> Level:
                return level_for(depth, entry, content_type, listed_hashes=listed)

            collector = Collector(self._spec.collect) if self._spec.collect else None
            detectors = self._spec.detectors(intel)
            self._examiner = Examiner(self.evidence, detectors, level, intel.algorithms, collector)
        return self._examiner

    def answer(self, task: Task) -> Iterator[Answer]:
        match task:
            case Survey():
                yield _surveyed(self._opened_anew())
            case Fingerprint():
                yield Digests({"fingerprint": self._opened_anew().fingerprint()})
            case HashSource():
                yield Digests(self.evidence.hashes(self._step))
            case Walk(volume):
                yield from self._walk(volume)
            case Unit(unit, rows):
                yield self._unit(unit, rows)

    def _step(self) -> None:
        self._progress[1] += 1

    def _walk(self, volume: int) -> Iterator[Answer]:
        rows: list[Row] = []
        gaps: list[Gap] = []
        unchanged: list[EntryId] = []
        is_copy = volume in self._taken
        for record in self.evidence.walk(volume):
            self._progress[1] += 1
            if isinstance(record, Entry):
                rows.append(entry_row(record))
                if is_copy and self.evidence.unchanged(record):
                    unchanged.append(record.id)
            else:
                gaps.append(record)
            if len(rows) >= BATCH:
                yield Listed(rows, gaps, unchanged)
                rows, gaps, unchanged = [], [], []
        yield Listed(rows, gaps, unchanged)
        self._still_there()
        yield Walked()

    def _unit(self, unit: int, rows: Sequence[Row]) -> UnitResult:
        outcome = Outcome()
        examiner, progress = self.examiner, self._progress
        copies = self._taken
        taken = {EntryId(row[0]): when for row in rows if (when := copies.get(row[1])) is not None}
        for row in rows:
            progress[0] = row[0]
            progress[1] += 1
            examiner.examine(row_entry(row), outcome)
        progress[0] = 0
        if any(gap.reason in OUT_OF_REACH for gap in outcome.gaps):
            self._still_there()
        return UnitResult(
            unit=unit,
            examined=outcome.examined,
            records=list(as_of_then(outcome.records, taken)) if taken else outcome.records,
            gaps=outcome.gaps,
            bytes_read=outcome.bytes_read,
            collected=outcome.collected,
        )


def gone(targets: Sequence[Path]) -> str:
    """What to say of evidence that is not there any more."""
    names = ", ".join(map(str, targets))
    return f"{names}: gone while it was read, or no longer the same; bring it back, then give the same command again"


def _surveyed(e: Evidence) -> Surveyed:
    return Surveyed(e.format, e.name, e.size, e.stored_hashes, e.volumes)


def _identity(target: Path) -> tuple[int, int, int] | None:
    """What tells a path from another one mounted in its place; None where the system cannot say."""
    try:
        found = target.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, getattr(found, "st_rdev", 0)  # Windows has none


def _limit_memory(limit: int) -> None:
    """Past the limit an allocation fails (MemoryError, or the worker dies): both are gaps of one entry.

    Limits:
        Not enforced on Windows.
    """
    if limit and sys.platform != "win32":
        import resource  # not there on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        del soft
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))
