"""Worker processes for writing out: one that dies or hangs costs the file it had, not the run."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Final

from triage.lifeline import signals_wait
from triage.recover.job import Job, Outcome
from triage.recover.work import WorkSpec, begin, run, said

_AHEAD: Final = 64
"""Jobs given out at a time."""
_SECONDS: Final = 120.0
_SECONDS_PER_BYTE: Final = 4e-6
"""Slower than a quarter of a megabyte in a second is a hang, even of a disk that fails."""

DIED = "its worker process died"
HUNG = "took longer than its limit"


def outcomes(jobs: Iterable[Job], spec: WorkSpec, workers: int) -> Iterator[Outcome]:
    """What became of each job, in their order.

    Raises:
        RecoveryError: the target cannot be written.
        EvidenceError: the evidence cannot be opened.
    """
    waiting = iter(jobs)
    while lost := (yield from _together(waiting, spec, workers)):
        for job in lost:  # whichever of them it was: each gets a process of its own
            if left := (yield from _together(iter([job]), spec, 1)):
                yield replace(said(left[0]), problem=DIED)


def _together(waiting: Iterator[Job], spec: WorkSpec, workers: int) -> Generator[Outcome, None, list[Job]]:
    """Runs jobs until there are none left, or a worker is lost: then those given out and not answered come back."""
    running: deque[tuple[Job, Future[Outcome]]] = deque()
    context = multiprocessing.get_context()
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=begin, initargs=(spec,))
    try:
        while True:
            while len(running) < _AHEAD and (job := next(waiting, None)) is not None:
                running.append((job, _given(executor, job)))
            if not running:
                return []
            job, future = running[0]
            try:
                outcome = future.result(_SECONDS + job.source.size * _SECONDS_PER_BYTE)
            except BrokenProcessPool:
                return [each for each, _ in running]
            except TimeoutError:
                running.popleft()
                yield replace(said(job), problem=HUNG)
                return [each for each, _ in running]
            running.popleft()
            yield outcome
    finally:
        _end(executor)


def _given(executor: ProcessPoolExecutor, job: Job) -> Future[Outcome]:
    try:
        with signals_wait():  # it may start a process: a Ctrl-C in the midst of that would be lost
            return executor.submit(run, job)
    except BrokenProcessPool as error:  # it broke since the last answer: said by this job, too
        future: Future[Outcome] = Future()
        future.set_exception(error)
        return future


def _end(executor: ProcessPoolExecutor) -> None:
    """Ends the processes, also one that hangs."""
    processes = list((executor._processes or {}).values())  # noqa: SLF001 - the executor itself waits for a hanging one
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
