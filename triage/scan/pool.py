"""Worker processes that are watched: one that hangs, dies or grows too large is ended, and another takes its place.

A worker says which entry it is at through shared memory, so that the culprit of a crash is known.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

from triage.model import GapReason
from triage.scan.messages import Answer, Task
from triage.scan.worker import WorkerSpec, work

POLL_SECONDS = 0.2
STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one step may take: seconds + per_mib for each MiB of the entry in work."""

    seconds: float = 30.0
    per_mib: float = 2.0
    walk_seconds: float = 120.0

    def of(self, size: int) -> float:
        """Seconds for an entry of size bytes."""
        return self.seconds + self.per_mib * size / (1 << 20)


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker was lost over a task. entry is the one it was at, 0 if none."""

    task: Task
    entry: int
    reason: GapReason
    detail: str


@dataclass(slots=True)
class Worker:
    """One process and what it is at."""

    process: BaseProcess
    connection: Connection
    progress: MutableSequence[int]
    task: Task | None = None
    allowed: Callable[[int], float] = lambda _entry: 30.0
    last_step: int = -1
    since: float = field(default_factory=time.monotonic)


class Pool:
    """A fixed number of workers.

    Args:
        spec: what each is given.
        size: how many.
    """

    def __init__(self, spec: WorkerSpec, size: int) -> None:
        self._spec = spec
        # fork shares the compiled rules; elsewhere each worker unpacks them for itself
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self.workers = [self._start() for _ in range(size)]

    def _start(self) -> Worker:
        ours, theirs = self._context.Pipe()
        progress = cast("MutableSequence[int]", self._context.RawArray("q", 2))
        process = self._context.Process(target=work, args=(theirs, self._spec, progress), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours, progress)

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
        worker.progress[0] = 0
        worker.last_step, worker.since = -1, time.monotonic()
        try:
            worker.connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            return  # dead already: `answers` sees it

    def answers(self) -> Iterator[tuple[Worker, Answer | Lost]]:
        """What came in within one poll. The caller clears `worker.task` when a task is done."""
        busy = {worker.connection: worker for worker in self.workers if worker.task is not None}
        for ready in wait(list(busy), POLL_SECONDS):
            worker = busy[cast("Connection", ready)]
            try:
                answer = worker.connection.recv()
            except (EOFError, ConnectionResetError):
                yield worker, self._replace(worker, GapReason.CRASHED, "")
                continue
            worker.since = time.monotonic()
            yield worker, answer
        for worker in self.workers:
            if worker.task is not None and (late := self._late(worker)):
                yield worker, self._replace(worker, GapReason.TIMEOUT, late)

    def _late(self, worker: Worker) -> str:
        step = worker.progress[1]
        now = time.monotonic()
        if step != worker.last_step:
            worker.last_step, worker.since = step, now
            return ""
        allowed = worker.allowed(worker.progress[0])
        return f"took more than {allowed:.0f} s" if now - worker.since > allowed else ""

    def _replace(self, worker: Worker, reason: GapReason, detail: str) -> Lost:
        task, entry = cast("Task", worker.task), worker.progress[0]
        worker.process.kill()
        worker.process.join()
        detail = detail or f"its reader ended with status {worker.process.exitcode}"
        worker.connection.close()
        self.workers[self.workers.index(worker)] = self._start()
        return Lost(task, entry, reason, detail)

    def close(self) -> None:
        """Ends every worker."""
        for worker in self.workers:
            worker.connection.close()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self.workers:
            worker.process.join(max(0.0, deadline - time.monotonic()) if worker.task is None else 0)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


@contextmanager
def pool(spec: WorkerSpec, size: int) -> Iterator[Pool]:
    """A pool that is ended whatever happens."""
    started = Pool(spec, size)
    try:
        yield started
    finally:
        started.close()
