"""The images on many machines, through a Dask scheduler: the same job as on one, run by its workers.

Dask itself tries a task again on another worker when one is lost; here it is told to do so once. No dashboard.

References:
    distributed.dask.org, "Futures", "Resilience", "Worker resources".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from triage.batch.job import Job, Outcome, run_image
from triage.errors import UsageError

JOIN_SECONDS: Final = 60.0
"""For the scheduler to answer, and then for a first worker to join it."""

_NEEDS: Final = "needs dask: pip install 'triage[cluster]' on this machine, the scheduler's and every worker's"


class _Cluster:
    """An executor over the workers; client: `distributed.Client`."""

    def __init__(self, client: Any, most: int | None) -> None:  # noqa: ANN401  not installed everywhere
        self._client = client
        self._most = most
        self._executor: Executor = client.get_executor(pure=False)

    def slots(self) -> int:
        """One for each thread of every worker there is now."""
        try:
            threads = int(sum(self._client.nthreads().values()))
        except OSError as error:
            raise UsageError("the scheduler is gone; start it, then give the same command again to go on") from error
        return threads if self._most is None else min(self._most, threads)

    def submit(self, job: Job) -> Future[Outcome]:
        return self._executor.submit(run_image, job)

    def explain(self, error: BaseException) -> str:
        if isinstance(error, _distributed().KilledWorker):
            return "two workers were lost over it, one after the other; scan it alone with `triage scan`"
        return f"its worker says {type(error).__name__}: {error}; is the same triage installed there?"


@contextmanager
def cluster(address: str, scheduler_file: Path | None, most: int | None) -> Iterator[_Cluster]:
    """The engine of many machines.

    Args:
        address: `tcp://HOST:PORT`; empty where scheduler_file says it.
        scheduler_file: as `dask scheduler --scheduler-file` writes it.
        most: images at a time; None for one on each thread of the workers.

    Raises:
        UsageError: dask is not installed, the scheduler does not answer, or no worker joins it.
    """
    try:
        distributed = _distributed()
    except ImportError as error:
        raise UsageError(f"--scheduler {_NEEDS}") from error
    where = {"scheduler_file": str(scheduler_file)} if scheduler_file else {"address": address}
    if scheduler_file and not scheduler_file.is_file():
        raise UsageError(f"{scheduler_file}: no such file; `dask scheduler --scheduler-file` writes it")
    with _unlogged():
        try:
            client = distributed.Client(**where, timeout=JOIN_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"{scheduler_file or address}: no scheduler answers: {error}") from error
        with client:
            client.run_on_scheduler(_once_more)
            engine = _Cluster(client, most)
            _await_worker(engine, str(scheduler_file or address))
            yield engine


@contextmanager
def _unlogged() -> Iterator[None]:
    """What dask logs of a lost scheduler is not for the user's terminal: one line of ours says it."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _distributed() -> Any:  # noqa: ANN401
    """Imported only where it is used: an extra."""
    return import_module("distributed")


def _once_more(dask_scheduler: Any) -> None:  # noqa: ANN401  runs where the scheduler does
    dask_scheduler.allowed_failures = 1


def _await_worker(engine: _Cluster, where: str) -> None:
    deadline = time.monotonic() + JOIN_SECONDS
    while not engine.slots():
        if time.monotonic() > deadline:
            raise UsageError(f"{where}: no worker has joined; start one with `dask worker {where} --nthreads 1`")
        time.sleep(1)
