"""Evidence to case: survey, walk, plan, examine, in steps that are each whole or not there.

A scan that was cut off goes on where it was: a volume half walked is walked again, a unit half done is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triage.case import Case, JournalLine, VolumeInfo
from triage.case.rows import entry_row, renumbered
from triage.detectors import all_detectors
from triage.errors import CaseError, EvidenceError
from triage.evidence import Evidence, open_evidence
from triage.intel import Intel
from triage.model import Detector, Entry, EntryId, Gap, GapReason, Kind, UnixNs
from triage.scan.depth import Depth
from triage.scan.examination import Examination
from triage.scan.messages import (
    Answer,
    Digests,
    Failed,
    Fingerprint,
    Gone,
    Listed,
    Survey,
    Surveyed,
    Task,
    Walk,
    Walked,
)
from triage.scan.plan import UnitSize, cut
from triage.scan.pool import START_METHOD, Limits, Lost, Pool, pool
from triage.scan.progress import Progress
from triage.scan.worker import WorkerSpec, gone


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How a scan was asked for.

    Attributes:
        hash_source: hash the media itself, too.
        memory: bytes a worker may take.
        now: the clock, for the journal.
        who: the account on this machine that runs the scan.
        unit: the most of one unit of work.
        start_method: of multiprocessing.
        opener: opens the targets.
        detectors: what looks at each entry.
    """

    depth: Depth = Depth.STANDARD
    engine: str = "yara"
    workers: int = 2
    hash_source: bool = False
    memory: int = 1536 << 20
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], UnixNs]
    who: str
    unit: UnitSize = field(default_factory=UnitSize)
    start_method: str = START_METHOD
    opener: Callable[[Sequence[Path]], Evidence] = open_evidence
    detectors: Callable[[Intel], tuple[Detector, ...]] = all_detectors


def scan(targets: tuple[Path, ...], case: Case, intel: Intel, options: ScanOptions, progress: Progress) -> None:
    """Examines the evidence into the case; goes on with a case that was cut off.

    Raises:
        EvidenceError: the evidence cannot be opened at all, or it is gone.
        CaseError: the case is of other evidence, or was begun with other arguments; its disk is full.
    """
    spec = WorkerSpec(
        targets=targets,
        depth=options.depth,
        intel=intel,
        memory=options.memory,
        opener=options.opener,
        detectors=options.detectors,
    )
    with pool(spec, max(1, options.workers), options.start_method) as workers:
        run = _Run(case, workers, options, progress)
        run.survey(_arguments(intel, options))
        run.walk()
        run.plan()
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
        self._known: Surveyed | None = None

    def _note(self, act: str, detail: str = "") -> None:
        self._case.note(JournalLine(when=self._options.now(), who=self._options.who, act=act, detail=detail))

    def _give(self, task: Task) -> None:
        self._pool.give(self._pool.workers[0], task, lambda _entry: self._options.limits.walk_seconds)

    def _ask(self, task: Task) -> Answer:
        """One task by one worker, while nobody else works.

        Raises:
            EvidenceError: it failed, or the worker was lost over it.
        """
        self._give(task)
        while True:
            for worker, answer in self._pool.answers():
                worker.task = None
                if isinstance(answer, Lost | Failed):
                    raise EvidenceError(f"the evidence cannot be read: {answer.detail}")
                if isinstance(answer, Gone):
                    raise EvidenceError(answer.detail)
                return answer

    # -- what it is ---------------------------------------------------------------------------------------------

    def survey(self, arguments: Mapping[str, str]) -> None:
        self._progress.say("opening the evidence")
        self._known = found = self._survey()
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

    def _survey(self) -> Surveyed:
        answer = self._ask(Survey())
        assert isinstance(answer, Surveyed)
        return answer

    def _fingerprint(self) -> str:
        answer = self._ask(Fingerprint())
        assert isinstance(answer, Digests)
        return answer.values["fingerprint"]

    # -- what is on it ------------------------------------------------------------------------------------------

    def walk(self) -> None:
        for volume in sorted(self._case.volumes(), key=lambda v: v.index):
            if not volume.walked:
                self._walk(volume)

    def _walk(self, volume: VolumeInfo) -> None:
        self._progress.begin_walk(volume.index)
        with self._case.transaction():
            base = self._case.last_entry()
            self._give(Walk(volume.index))
            over = False
            while not over:
                for worker, answer in self._pool.answers():
                    over = self._listed(volume, base, answer)
                    if over:
                        worker.task = None
                    if isinstance(answer, Lost):
                        self._pool.replace(worker)
                    if isinstance(answer, Lost | Failed):
                        self._still_there()
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
            case Lost(reason=reason, detail=detail) | Failed(reason=reason, detail=detail):
                self._unwalked(volume, reason, f"the walk ended early: {detail}")
                return True
            case Gone(detail):
                raise EvidenceError(detail)
        raise AssertionError(answer)

    def _unwalked(self, volume: VolumeInfo, reason: GapReason, detail: str) -> None:
        stands_for = Entry(id=EntryId(self._case.last_entry() + 1), volume=volume.index, path="/", kind=Kind.VOLUME)
        self._case.add_entries([entry_row(stands_for)])
        self._case.add_gaps([Gap(entry=stands_for.id, stage="walk", reason=reason, detail=detail)])

    def _still_there(self) -> None:
        """A lost walk is a gap only where the evidence itself is not lost.

        Raises:
            EvidenceError: it is.
        """
        if self._survey() != self._known:
            raise EvidenceError(gone(self._pool.targets))

    def plan(self) -> None:
        if self._case.meta("planned") == "1":
            return
        with self._case.transaction():
            self._case.add_units(cut(self._case.plan_rows(), self._options.depth, self._options.unit))
            self._case.set_meta({"planned": "1"})

    # -- what is in it ------------------------------------------------------------------------------------------

    def examine(self) -> None:
        assert self._known is not None
        options = self._options
        examination = Examination(self._case, self._pool, options.depth, options.limits, self._known, self._progress)
        examination.run(hash_source=options.hash_source and not self._case.all_meta("hash."))
        if examination.not_hashed:
            self._note("source not hashed", examination.not_hashed)

    # -- the end ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if self._case.meta("finished") == "1":
            return
        self._progress.say("checking that the evidence is unchanged")
        mark = self._fingerprint()
        with self._case.transaction():
            self._case.set_meta({"evidence.fingerprint_after": mark, "finished": "1"})
            self._note("finished")
