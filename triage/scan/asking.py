"""One task by one worker, while nobody else works."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from triage.errors import EvidenceError
from triage.model import GapReason
from triage.scan.messages import Answer, Digests, Failed, Fingerprint, Gone, Survey, Surveyed, Task
from triage.scan.pool import Lost, Pool
from triage.scan.worker import gone

TRIES = 2
"""How often a thing is begun whose worker dies: the first may have been ended from outside."""


def answers_to(workers: Pool, task: Task, seconds: float) -> Generator[Answer | Lost, None, None]:
    """What comes in, as long as the caller wants more; a lost worker is the last of it, and is replaced."""
    worker = workers.workers[0]
    workers.give(worker, task, lambda _entry: seconds)
    try:
        while True:
            for _worker, answer in workers.answers():
                if isinstance(answer, Lost):
                    workers.replace(worker)
                    yield answer
                    return
                yield answer
    finally:
        worker.task = None


def survey(workers: Pool, seconds: float) -> Surveyed:
    """What the evidence is now.

    Raises:
        EvidenceError: it cannot be opened.
    """
    found = _ask(workers, Survey(), seconds)
    assert isinstance(found, Surveyed)
    return found


def fingerprint(workers: Pool, seconds: float) -> str:
    """The evidence's fingerprint as it is now.

    Raises:
        EvidenceError: it cannot be read.
    """
    found = _ask(workers, Fingerprint(), seconds)
    assert isinstance(found, Digests)
    return found.values["fingerprint"]


def must_be(known: Surveyed, workers: Pool, seconds: float) -> None:
    """A lost worker is the fault of what it read only where the evidence is still there.

    Raises:
        EvidenceError: it is gone, or something else stands in its place.
    """
    if survey(workers, seconds) != known:
        raise EvidenceError(gone(workers.targets))


def _ask(workers: Pool, task: Task, seconds: float, tries: int = TRIES) -> Answer:
    with closing(answers_to(workers, task, seconds)) as answers:
        answer = next(answers)
    match answer:
        case Lost(reason=GapReason.CRASHED) if tries > 1:
            return _ask(workers, task, seconds, tries - 1)
        case Lost(detail=detail) | Failed(detail=detail):
            raise EvidenceError(f"the evidence cannot be read: {detail}")
        case Gone(detail):
            raise EvidenceError(detail)
    return answer
