"""The images on this machine: as many processes at a time as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from triage.batch.job import Job, Outcome, run_image


class _Local:
    """Each thread waits for one scan, which is a process of its own."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self.executor = ThreadPoolExecutor(jobs, "image")

    def slots(self) -> int:
        return self._jobs

    def submit(self, job: Job) -> Future[Outcome]:
        return self.executor.submit(run_image, job)

    def explain(self, error: BaseException) -> str:
        return f"{type(error).__name__}: {error}"


@contextmanager
def local(jobs: int) -> Iterator[_Local]:
    """The engine of one machine. jobs: images at a time."""
    engine = _Local(jobs)
    try:
        yield engine
    finally:
        engine.executor.shutdown(wait=True, cancel_futures=True)
