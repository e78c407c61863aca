"""The queue: smallest image first, as many at a time as the engine takes; what fails is written down."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from triage.batch.job import End, Job, Outcome
from triage.batch.lease import Lease
from triage.batch.ledger import Ledger, Ticket
from triage.errors import UsageError

_POLL_SECONDS = 1.0
_STOP_SECONDS = 15.0
_MOST_STOPS = 3
"""How often a scan may end as not wanted that is: its coordinator slept, or somebody ended it by hand."""


class Engine(Protocol):
    """Runs jobs, here or elsewhere."""

    def slots(self) -> int:
        """How many jobs it works on at a time, now.

        Raises:
            UsageError: it is gone.
        """

    def submit(self, job: Job) -> Future[Outcome]:
        """Begins a job."""

    def explain(self, error: BaseException) -> str:
        """Why a job has no outcome, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every scan of a queue is asked. options: of `triage scan`; limit: seconds, 0 for none; program: see Job."""

    lang: str
    options: tuple[str, ...]
    limit: float = 0.0
    program: tuple[str, ...] = ("triage",)


class Queue:
    """One run over the tickets that wait.

    Args:
        ledger: keeps what became of them.
        tickets: in any order.
        told: called with each ticket when its scan has ended, after the ledger has it.
    """

    def __init__(self, ledger: Ledger, tickets: Iterable[Ticket], asked: Asked, told: Callable[[Ticket], None]) -> None:
        self._ledger = ledger
        self._asked = asked
        self._told = told
        waiting = sorted((one for one in tickets if one.waits), key=lambda one: (one.size, one.name))
        self._waiting = deque(waiting)
        self._running: dict[Future[Outcome], tuple[Ticket, Job]] = {}
        self._stops: dict[str, int] = {}

    @property
    def waits(self) -> bool:
        """There is something to do."""
        return bool(self._waiting)

    def run(self, engine: Engine, paths: dict[str, Path]) -> None:
        """Until nothing waits. paths: the file to open of each image, by name.

        Raises:
            UsageError: the engine is gone.
            CaseError: the ledger or the lease cannot be written, or another queue has taken over.
        """
        lease = Lease(self._ledger.folder)
        try:
            while self._waiting or self._running:
                while self._waiting and len(self._running) < engine.slots():
                    ticket = self._waiting.popleft()
                    job = self._job(ticket, paths[ticket.name], lease)
                    self._running[engine.submit(job)] = ticket, job
                self._take(engine)
                lease.beat()
        finally:
            lease.stop()
            wait(self._running, _STOP_SECONDS)

    def _job(self, ticket: Ticket, image: Path, lease: Lease) -> Job:
        return Job(
            image=str(image.absolute()),
            case=str(self._ledger.case_of(ticket).absolute()),
            lang=self._asked.lang,
            options=self._asked.options,
            limit=self._asked.limit,
            lease=str(lease.path.absolute()),
            run=lease.run,
            program=self._asked.program,
        )

    def _take(self, engine: Engine) -> None:
        if not self._running:
            time.sleep(_POLL_SECONDS)  # the engine has no room now
            return
        for future in wait(self._running, _POLL_SECONDS, FIRST_COMPLETED).done:
            ticket, job = self._running.pop(future)
            if future.cancelled():
                raise UsageError("the scheduler is gone; start it, then give the same command again to go on")
            error = future.exception()
            outcome = future.result() if error is None else Outcome(end=End.FAILED, said=engine.explain(error))
            # whoever reads the overview knows the image by its name, and not where it lay
            said = outcome.said.replace(job.image, ticket.name).replace(job.case, ticket.case)
            self._end(ticket, replace(outcome, said=said))

    def _end(self, ticket: Ticket, outcome: Outcome) -> None:
        if outcome.end is End.STOPPED:
            self._stops[ticket.name] = self._stops.get(ticket.name, 0) + 1
            if self._stops[ticket.name] < _MOST_STOPS:
                self._waiting.append(ticket)
                return
            outcome = replace(outcome, end=End.FAILED, said="its scan was ended by somebody, again and again")
        ended = ticket.ended(outcome)
        self._ledger.keep(ended)
        self._told(ended)
