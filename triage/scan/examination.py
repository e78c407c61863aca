"""Units given to workers and taken back, until none is open."""

from __future__ import annotations

from collections import deque

from triage.case import GIVEN_UP, Case, UnitResult
from triage.case.archive import Archive
from triage.errors import EvidenceError
from triage.evidence.hashing import STEP
from triage.model import EntryId, Finding, Gap, GapReason
from triage.scan.depth import Depth
from triage.scan.messages import Answer, Digests, Failed, Gone, HashSource, Survey, Surveyed, Unit
from triage.scan.plan import most_read
from triage.scan.pool import Limits, Lost, Pool, Worker
from triage.scan.progress import Progress
from triage.scan.worker import gone

UNEXPLAINED_LOSSES = 3
"""Workers that may be lost one after the other, at no entry and with no unit done, before the scan gives up."""


class Examination:
    """The middle of a scan.

    A worker that hangs costs the entry it was at. One that dies may have been ended from outside: its unit is tried
    once more as it is, and only an entry that two workers died of is given up. Before anything is held against an
    entry, the lost worker's successor must find the evidence as it was: else the stick was pulled.

    Args:
        known: what the evidence was when the scan began.
        archive: keeps what is collected, where it is.
    """

    def __init__(
        self,
        case: Case,
        workers: Pool,
        depth: Depth,
        limits: Limits,
        known: Surveyed,
        progress: Progress,
        archive: Archive | None = None,
    ) -> None:
        self._case = case
        self._pool = workers
        self._depth = depth
        self._limits = limits
        self._known = known
        self._progress = progress
        self._archive = archive
        self._waiting: deque[int | HashSource] = deque()
        self._costs: dict[int, int] = {}
        self._doubts: dict[Worker, Lost] = {}
        self._struck: set[int] = set()
        self._unexplained = 0
        self.not_hashed = ""

    def run(self, *, hash_source: bool) -> None:
        """Examines what is not examined yet; meanwhile hashes the media where asked.

        Raises:
            EvidenceError: the evidence is gone, or no worker can be kept alive.
        """
        self._costs = dict(self._case.open_units())
        self._waiting.extend(self._costs)
        self._begin_progress(media=self._known.size if hash_source else 0)
        if hash_source:
            alone = len(self._pool.workers) == 1
            (self._waiting.append if alone else self._waiting.appendleft)(HashSource())
        while self._waiting or self._pool.busy:
            for worker in self._pool.idle():
                if self._waiting:
                    self._give(worker, self._waiting.popleft())
            for worker, answer in self._pool.answers():
                self._take(worker, answer)
            self._show_hashing()

    def _give(self, worker: Worker, what: int | HashSource) -> None:
        if isinstance(what, HashSource):
            self._pool.give(worker, what, lambda _entry: self._limits.walk_seconds)
            return
        rows = self._case.unit_rows(what)
        sizes = {entry: size for entry, _volume, _path, _kind, size, *_ in rows}
        self._pool.give(
            worker,
            Unit(what, rows),
            lambda entry: self._limits.of(most_read(self._depth, sizes.get(entry, 0))),
        )

    def _take(self, worker: Worker, answer: Answer | Lost) -> None:
        task, worker.task = worker.task, None
        match answer:
            case UnitResult():
                self._keep(answer)
            case Digests(values):
                with self._case.transaction():
                    self._case.set_meta({f"hash.{name}": value for name, value in values.items()})
            case Surveyed():
                if answer != self._known:
                    raise EvidenceError(gone(self._pool.targets))
                self._settle(self._doubts.pop(worker))
            case Gone(detail):
                raise EvidenceError(detail)
            case Failed(reason, detail) if isinstance(task, Unit | HashSource):
                self._settle(Lost(task, worker.progress[0], reason, detail))
            case Lost(reason=GapReason.TIMEOUT, detail=detail, task=Survey()) | Failed(detail=detail):
                raise EvidenceError(f"the evidence cannot be read any more: {detail}")
            case Lost():
                self._replace(worker, answer)
            case _:
                raise AssertionError(answer)

    def _keep(self, result: UnitResult) -> None:
        with self._case.transaction():
            self._case.finish_unit(result)
        if self._archive:
            self._archive.take(result.collected)
        self._unexplained = 0
        found = sum(isinstance(record, Finding) for record in result.records)
        self._progress.examined(self._costs[result.unit], len(result.examined) + len(result.gaps), found)

    def _replace(self, worker: Worker, lost: Lost) -> None:
        """A successor, who first looks whether the evidence is there; it may be lost over that, too."""
        doubt = self._doubts.pop(worker, lost)
        if doubt is not lost:
            self._count_unexplained(lost)
        successor = self._pool.replace(worker)
        self._doubts[successor] = doubt
        self._pool.give(successor, Survey(), lambda _entry: self._limits.walk_seconds)

    def _count_unexplained(self, lost: Lost) -> None:
        self._unexplained += 1
        if self._unexplained > UNEXPLAINED_LOSSES:
            raise EvidenceError(f"reading workers keep failing: {lost.detail}; try --workers 1")

    def _settle(self, lost: Lost) -> None:
        """What a lost worker means, now that the evidence is known to be there."""
        if not isinstance(lost.task, Unit):
            self.not_hashed = lost.detail
            return
        if not lost.entry:
            self._count_unexplained(lost)
        elif lost.reason is GapReason.CRASHED and lost.entry not in self._struck:
            self._struck.add(lost.entry)
        else:
            gap = Gap(entry=EntryId(lost.entry), stage=GIVEN_UP, reason=lost.reason, detail=lost.detail)
            with self._case.transaction():
                self._case.add_gaps([gap])
        self._waiting.appendleft(lost.task.unit)

    # -- what the user sees -------------------------------------------------------------------------------------

    def _begin_progress(self, media: int) -> None:
        entries, cost, done = self._case.work_total()
        so_far = self._case.aggregate()
        self._progress.begin_units(
            entries=entries,
            cost=cost + media,
            done=done,
            examined=sum(so_far.levels.values()) + sum(so_far.gaps.values()),
            findings=sum(so_far.severities.values()),
        )

    def _show_hashing(self) -> None:
        for worker in self._pool.workers:
            if isinstance(worker.task, HashSource):
                self._progress.hashed(worker.progress[1] * STEP)
