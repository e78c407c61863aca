"""Evidence to case: survey, walk, plan, examine, in steps that are each whole or not there.

A scan that was cut off goes on where it was: a volume half walked is walked again, a unit half done is done again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triage.case import GIVEN_UP, Case, JournalLine, UnitResult, VolumeInfo
from triage.case.rows import entry_row, renumbered
from triage.errors import CaseError, EvidenceError
from triage.intel import Intel
from triage.model import Entry, EntryId, Finding, Gap, GapReason, Kind, UnixNs
from triage.scan.depth import Depth
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
from triage.scan.plan import cut
from triage.scan.pool import Limits, Lost, Pool, Worker, pool
from triage.scan.progress import Progress
from triage.scan.worker import WorkerSpec

UNEXPLAINED_LOSSES = 3
"""Workers that may die without being at any entry before the scan gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How a scan was asked for.

    Attributes:
        hash_source: hash the media itself, too.
        memory: bytes a worker may take.
        now: the clock, for the journal.
        who: the account on this machine that runs the scan.
    """

    depth: Depth = Depth.STANDARD
    engine: str = "yara"
    workers: int = 2
    hash_source: bool = False
    memory: int = 1536 << 20
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], UnixNs]
    who: str


def scan(targets: tuple[Path, ...], case: Case, intel: Intel, options: ScanOptions, progress: Progress) -> None:
    """Examines the evidence into the case; goes on with a case that was cut off.

    Raises:
        EvidenceError: the evidence cannot be opened at all.
        CaseError: the case is of other evidence, or was begun with other arguments.
    """
    spec = WorkerSpec(targets, options.depth, intel, options.memory)
    with pool(spec, max(1, options.workers)) as workers:
        run = _Run(case, workers, options, progress)
        run.survey(_arguments(intel, options))
        run.walk()
        run.plan()
        if options.hash_source:
            run.hash_source()
        run.examine()
        run.close()


def _arguments(intel: Intel, options: ScanOptions) -> Mapping[str, str]:
    return {"depth": options.depth.value, "engine": options.engine, "intel": intel.digest}


class _Run:
    def __init__(self, case: Case, workers: Pool, options: ScanOptions, progress: Progress) -> None:
        self._case = case
        self._pool = workers
        self._options = options
        self._progress = progress

    def _note(self, act: str, detail: str = "") -> None:
        self._case.note(JournalLine(when=self._options.now(), who=self._options.who, act=act, detail=detail))

    def _ask(self, task: Task) -> Answer:
        """One task by one worker, while nobody else works.

        Raises:
            EvidenceError: it failed, or the worker was lost over it.
        """
        self._pool.give(self._pool.workers[0], task, lambda _entry: self._options.limits.walk_seconds)
        while True:
            for worker, answer in self._pool.answers():
                worker.task = None
                if isinstance(answer, Lost):
                    raise EvidenceError(f"the evidence cannot be read: {answer.detail}")
                if isinstance(answer, Failed):
                    raise EvidenceError(answer.reason)
                return answer

    # -- what it is ---------------------------------------------------------------------------------------------

    def survey(self, arguments: Mapping[str, str]) -> None:
        self._progress.say("opening the evidence")
        found = self._ask(Survey())
        assert isinstance(found, Surveyed)
        mark = self._fingerprint()
        known = self._case.meta("evidence.fingerprint_before")
        if known is None:
            self._begin(found, mark, arguments)
            return
        if known != mark:
            raise CaseError(f"{self._case.path}: begun with other evidence, or it has changed; choose another --case")
        for name, value in arguments.items():
            if self._case.meta(f"argument.{name}") != value:
                raise CaseError(f"{self._case.path}: begun with another {name}; give the same again, or another --case")
        if self._case.meta("finished") != "1":
            self._note("resumed")

    def _begin(self, found: Surveyed, mark: str, arguments: Mapping[str, str]) -> None:
        with self._case.transaction():
            self._case.set_meta(
                {
                    "evidence.format": found.format,
                    "evidence.name": found.name,
                    "evidence.size": str(found.size),
                    "evidence.fingerprint_before": mark,
                    **{f"stored_hash.{name}": value for name, value in found.stored_hashes.items()},
                    **{f"argument.{name}": value for name, value in arguments.items()},
                }
            )
            self._case.add_volumes(found.volumes)
            self._note("begun", " ".join(f"{name}={value}" for name, value in arguments.items()))

    def _fingerprint(self) -> str:
        answer = self._ask(Fingerprint())
        assert isinstance(answer, Digests)
        return answer.values["fingerprint"]

    def hash_source(self) -> None:
        if self._case.all_meta("hash."):
            return
        self._progress.say("hashing the source")
        answer = self._ask(HashSource())
        assert isinstance(answer, Digests)
        with self._case.transaction():
            self._case.set_meta({f"hash.{name}": value for name, value in answer.values.items()})

    # -- what is on it ------------------------------------------------------------------------------------------

    def walk(self) -> None:
        for volume in sorted(self._case.volumes(), key=lambda v: v.index):
            if not volume.walked:
                self._walk(volume)

    def _walk(self, volume: VolumeInfo) -> None:
        self._progress.begin_walk(volume.index)
        with self._case.transaction():
            base = self._case.last_entry()
            self._pool.give(
                self._pool.workers[0], Walk(volume.index), lambda _entry: self._options.limits.walk_seconds
            )
            over = False
            while not over:
                for worker, answer in self._pool.answers():
                    over = self._listed(volume, base, answer)
                    if over:
                        worker.task = None
            self._case.set_walked(volume.index)

    def _listed(self, volume: VolumeInfo, base: int, answer: Answer | Lost) -> bool:
        """Takes one answer of a walk; True when the walk is over."""
        match answer:
            case Listed(rows, gaps):
                self._case.add_entries(renumbered(row, base) for row in rows)
                self._case.add_gaps(
                    Gap(entry=EntryId(gap.entry + base), stage=gap.stage, reason=gap.reason, detail=gap.detail)
                    for gap in gaps
                )
                self._progress.listed(len(rows))
                return False
            case Walked():
                return True
            case Lost() | Failed():
                reason = answer.reason if isinstance(answer, Lost) else GapReason.UNREADABLE
                detail = answer.detail if isinstance(answer, Lost) else answer.reason
                self._unwalked(volume, reason, f"the walk ended early: {detail}")
                return True
        raise AssertionError(answer)

    def _unwalked(self, volume: VolumeInfo, reason: GapReason, detail: str) -> None:
        stands_for = Entry(
            id=EntryId(self._case.last_entry() + 1), volume=volume.index, path="/", kind=Kind.VOLUME
        )
        self._case.add_entries([entry_row(stands_for)])
        self._case.add_gaps([Gap(entry=stands_for.id, stage="walk", reason=reason, detail=detail)])

    def plan(self) -> None:
        if self._case.meta("planned") == "1":
            return
        with self._case.transaction():
            self._case.add_units(cut(self._case.plan_rows(), self._options.depth))
            self._case.set_meta({"planned": "1"})

    # -- what is in it ------------------------------------------------------------------------------------------

    def examine(self) -> None:
        entries, cost, done = self._case.work_total()
        self._progress.begin_units(entries, cost, done)
        costs = dict(self._case.open_units())
        waiting = deque(costs)
        sizes: dict[int, int] = {}
        losses = 0

        def give(worker: Worker, unit: int) -> None:
            rows = self._case.unit_rows(unit)
            sizes.update((row[0], row[4]) for row in rows)
            self._pool.give(worker, Unit(unit, rows), lambda entry: self._options.limits.of(sizes.get(entry, 0)))

        while waiting or self._pool.busy:
            for worker in self._pool.idle():
                if waiting:
                    give(worker, waiting.popleft())
            for worker, answer in self._pool.answers():
                worker.task = None
                if isinstance(answer, UnitResult):
                    with self._case.transaction():
                        self._case.finish_unit(answer)
                    found = sum(isinstance(record, Finding) for record in answer.records)
                    self._progress.examined(costs[answer.unit], len(answer.examined) + len(answer.gaps), found)
                    continue
                if isinstance(answer, Failed):
                    raise EvidenceError(answer.reason)
                assert isinstance(answer, Lost)
                assert isinstance(answer.task, Unit)
                losses += not answer.entry
                if losses > UNEXPLAINED_LOSSES:
                    raise EvidenceError(f"reading workers keep failing: {answer.detail}; try --workers 1")
                if answer.entry:
                    self._give_up(answer)
                waiting.appendleft(answer.task.unit)

    def _give_up(self, lost: Lost) -> None:
        gap = Gap(entry=EntryId(lost.entry), stage=GIVEN_UP, reason=lost.reason, detail=lost.detail)
        with self._case.transaction():
            self._case.add_gaps([gap])

    # -- the end ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if self._case.meta("finished") == "1":
            return
        self._progress.say("checking that the evidence is unchanged")
        mark = self._fingerprint()
        with self._case.transaction():
            self._case.set_meta({"evidence.fingerprint_after": mark, "finished": "1"})
            self._note("finished")
