"""A worker process: opens the evidence itself, does one task after the other, and can be killed at any moment."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from triage.case import UnitResult
from triage.case.rows import Row, entry_row, row_entry
from triage.detectors import all_detectors
from triage.errors import EvidenceError
from triage.evidence import Evidence, open_evidence
from triage.intel import Intel
from triage.model import Entry, Gap, Level
from triage.scan.depth import Depth, level_for
from triage.scan.examine import Examiner, Outcome
from triage.scan.messages import (
    Answer,
    Digests,
    Failed,
    Fingerprint,
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


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """All that a worker needs to begin.

    Attributes:
        targets: the evidence.
        memory: bytes of private memory it may take; 0 for no limit.
    """

    targets: tuple[Path, ...]
    depth: Depth
    intel: Intel
    memory: int


def work(connection: Connection, spec: WorkerSpec, progress: MutableSequence[int]) -> None:
    """Answers tasks until the connection closes. progress[0] is the entry in work, progress[1] counts steps."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(spec.memory)
    worker = _Worker(spec, progress)
    try:
        while True:
            task: Task = connection.recv()
            for answer in worker.answer(task):
                connection.send(answer)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    finally:
        worker.close()


class _Worker:
    def __init__(self, spec: WorkerSpec, progress: MutableSequence[int]) -> None:
        self._spec = spec
        self._progress = progress
        self._evidence: Evidence | None = None
        self._examiner: Examiner | None = None

    def close(self) -> None:
        if self._evidence is not None:
            self._evidence.close()

    @property
    def evidence(self) -> Evidence:
        if self._evidence is None:
            self._evidence = open_evidence(self._spec.targets)
        return self._evidence

    @property
    def examiner(self) -> Examiner:
        if self._examiner is None:
            depth, intel = self._spec.depth, self._spec.intel

            def level(entry: Entry, content_type: str) -> Level:
                return level_for(depth, entry, content_type)

            self._examiner = Examiner(self.evidence, all_detectors(intel), level, intel.algorithms)
        return self._examiner

    def answer(self, task: Task) -> Iterator[Answer]:
        try:
            match task:
                case Survey():
                    yield self._survey()
                case Fingerprint():
                    yield Digests({"fingerprint": self.evidence.fingerprint()})
                case HashSource():
                    yield Digests(self.evidence.hashes(self._step))
                case Walk(volume):
                    yield from self._walk(volume)
                case Unit(unit, rows):
                    yield self._unit(unit, rows)
        except (EvidenceError, OSError) as error:
            yield Failed(str(error))

    def _step(self) -> None:
        self._progress[1] += 1

    def _survey(self) -> Surveyed:
        e = self.evidence
        return Surveyed(e.format, e.name, e.size, e.stored_hashes, e.volumes)

    def _walk(self, volume: int) -> Iterator[Answer]:
        rows: list[Row] = []
        gaps: list[Gap] = []
        for record in self.evidence.walk(volume):
            self._progress[1] += 1
            if isinstance(record, Entry):
                rows.append(entry_row(record))
            else:
                gaps.append(record)
            if len(rows) >= BATCH:
                yield Listed(rows, gaps)
                rows, gaps = [], []
        yield Listed(rows, gaps)
        yield Walked()

    def _unit(self, unit: int, rows: Sequence[Row]) -> UnitResult:
        outcome = Outcome()
        examiner, progress = self.examiner, self._progress
        for row in rows:
            progress[0] = row[0]
            progress[1] += 1
            examiner.examine(row_entry(row), outcome)
        progress[0] = 0
        return UnitResult(
            unit=unit,
            examined=outcome.examined,
            records=outcome.records,
            gaps=outcome.gaps,
            bytes_read=outcome.bytes_read,
        )


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
