"""Worker processes that are watched: one that hangs, dies or grows too large is ended, and another takes its place.

A worker says which entry it is at through shared memory, so that the culprit of a crash is known.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

from triage.errors import UsageError
from triage.lifeline import signals_wait
from triage.model import GapReason
from triage.scan.messages import Answer, Task
from triage.scan.worker import WorkerSpec, work

POLL_SECONDS = 0.2
LONGEST_TICK = 1.0
"""Seconds that one poll counts at most: a machine that slept, a scan that was stopped and continued, or a slow disk
under the case is no worker's fault."""
STOP_SECONDS = 1.0

START_METHOD = "fork" if sys.platform == "linux" else "spawn"
"""Fork shares the compiled rules; elsewhere each worker unpacks them for itself."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one step may take: seconds + per_mib for each MiB that is read of the entry in work."""

    seconds: float = 30.0
    per_mib: float = 2.0
    walk_seconds: float = 120.0

    def of(self, size: int) -> float:
        """Seconds for reading size bytes."""
        return self.seconds + self.per_mib * size / (1 << 20)


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker was lost over a task. entry is the one it was at, 0 if none."""

    task: Task
    entry: int
    reason: GapReason
    detail: str


@dataclass(slots=True, eq=False)
class Worker:
    """One process and what it is at."""

    process: BaseProcess
    connection: Connection
    progress: MutableSequence[int]
    task: Task | None = None
    allowed: Callable[[int], float] = lambda _entry: 0.0
    last_step: int = -1
    spent: float = 0.0

    def late(self, tick: float) -> str:
        """Counts tick seconds for the step in work; says so when it takes longer than allowed, else empty."""
        entry, step = self.progress[0], self.progress[1]
        self.spent = self.spent + tick if step == self.last_step else 0.0
        self.last_step = step
        allowed = self.allowed(entry)
        return f"took more than {allowed:.0f} s" if self.spent > allowed else ""


class Pool:
    """A fixed number of workers.

    Args:
        spec: what each is given.
        start_method: of multiprocessing.
    """

    def __init__(self, spec: WorkerSpec, start_method: str = START_METHOD) -> None:
        self._spec = spec
        self._context = multiprocessing.get_context(start_method)
        self._polled = time.monotonic()
        self.workers: list[Worker] = []

    def start(self, count: int) -> None:
        """Starts so many workers.

        Raises:
            UsageError: the system gives no more processes.
        """
        for _ in range(count):
            self.workers.append(self._start())

    def _start(self) -> Worker:
        ours, theirs = self._context.Pipe()
        progress = cast("MutableSequence[int]", self._context.RawArray("q", 2))
        process = self._context.Process(target=work, args=(theirs, self._spec, progress), daemon=True)  # type: ignore[attr-defined]
        try:
            with signals_wait():
                process.start()
        except OSError as error:
            raise UsageError(f"no further process can be started ({error.strerror}); try --workers 1") from error
        theirs.close()
        return Worker(process, ours, progress)

    @property
    def targets(self) -> tuple[Path, ...]:
        """The evidence, as it was given."""
        return self._spec.targets

    def idle(self) -> list[Worker]:
        """Workers without a task."""
        return [worker for worker in self.workers if worker.task is None]

    @property
    def busy(self) -> bool:
        """Any worker has a task."""
        return any(worker.task is not None for worker in self.workers)

    def give(self, worker: Worker, task: Task, allowed: Callable[[int], float]) -> None:
        """Gives a task; allowed tells how many seconds one step on an entry id may take."""
        worker.task, worker.allowed = task, allowed
        worker.progress[0] = worker.progress[1] = 0
        worker.last_step, worker.spent = -1, 0.0
        with suppress(BrokenPipeError, ConnectionResetError):  # dead already: `answers` sees it
            worker.connection.send(task)

    def answers(self) -> Iterator[tuple[Worker, Answer | Lost]]:
        """What came in within one poll. The caller clears `worker.task` when a task is done, and replaces the lost."""
        busy = {worker.connection: worker for worker in self.workers if worker.task is not None}
        for ready in wait(list(busy), POLL_SECONDS):
            worker = busy[cast("Connection", ready)]
            worker.spent = 0.0
            yield worker, self._received(worker)
        now = time.monotonic()
        tick, self._polled = min(now - self._polled, LONGEST_TICK), now
        for worker in busy.values():
            if worker.task is not None and (late := worker.late(tick)):
                _end(worker.process)
                yield worker, Lost(worker.task, worker.progress[0], GapReason.TIMEOUT, late)

    def _received(self, worker: Worker) -> Answer | Lost:
        try:
            return cast("Answer", worker.connection.recv())
        except (EOFError, OSError):  # dead, perhaps in the middle of an answer
            worker.process.join(STOP_SECONDS)
            detail = f"its reader ended: {_manner(worker.process.exitcode)}"
            return Lost(cast("Task", worker.task), worker.progress[0], GapReason.CRASHED, detail)

    def replace(self, worker: Worker) -> Worker:
        """Another worker in the place of a lost one."""
        _end(worker.process)
        worker.connection.close()
        successor = self._start()
        self.workers[self.workers.index(worker)] = successor
        return successor

    def close(self) -> None:
        """Ends every worker; they only read, so there is nothing to finish."""
        for worker in self.workers:
            worker.process.kill()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self.workers:
            _end(worker.process, max(0.0, deadline - time.monotonic()))
            worker.connection.close()


def _end(process: BaseProcess, patience: float = STOP_SECONDS) -> None:
    process.kill()
    process.join(patience)
    if process.exitcode is None:
        # Stuck in the kernel, on a disk that does not answer: it dies when the kernel lets go of it. There is no
        # public way to tell multiprocessing that nobody is to wait for it.
        multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]  # noqa: SLF001


def _manner(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        with suppress(ValueError):
            return signal.Signals(-exitcode).name
    return "no status" if exitcode is None else f"status {exitcode}"


@contextmanager
def pool(spec: WorkerSpec, size: int, start_method: str = START_METHOD) -> Iterator[Pool]:
    """A pool that is ended whatever happens.

    Raises:
        UsageError: see `Pool.start`.
    """
    workers = Pool(spec, start_method)
    try:
        workers.start(size)
        yield workers
    finally:
        workers.close()
