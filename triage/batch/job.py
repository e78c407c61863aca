"""One image, one `triage scan` in a process of its own: the same here and on any other machine.

That process is new, so a worker that is itself a daemon may start it, and it dies with the worker.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final

from triage import __version__
from triage.batch.lease import PATIENCE, Watch
from triage.case import Case, JournalLine
from triage.errors import CaseError
from triage.model import UnixNs

LIMIT_REACHED: Final = "ended by the time limit of the queue"
"""Act in the case's journal."""

_ENDED = (0, 1, 3)
_INTERRUPTED = 130
_POLL_SECONDS = 0.5
_STOP_SECONDS = 5.0
_OUTPUT_SECONDS = 600.0
_TRIES = 2
_LAST_WORDS = 4096
_BUSY = "another triage is writing it"


class End(Enum):
    """How a scan ended."""

    DONE = "done"
    FAILED = "failed"  # it could not be examined
    LIMIT = "limit"  # took longer than the queue allows; its case can be resumed
    STOPPED = "stopped"  # no longer wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A scan to be run, anywhere that sees the same paths; pickles.

    Attributes:
        options: of `triage scan`, as given to the queue.
        limit: seconds; 0 for none.
        lease, run: see `lease`.
        version: of the triage that asks.
        program: the module that is run, and what stands before its arguments.
    """

    image: str
    case: str
    lang: str
    options: tuple[str, ...]
    limit: float
    lease: str
    run: str
    version: str = __version__
    program: tuple[str, ...] = ("triage",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of it. said: one line where it did not go well."""

    end: End
    code: int = 2
    said: str = ""


def run_image(job: Job) -> Outcome:
    """Runs the scan to its end, its limit, or the moment nobody wants it; a case that was cut off is resumed."""
    if job.version != __version__:
        return Outcome(end=End.FAILED, said=f"its worker runs triage {__version__}, the queue {job.version}")
    watch = Watch(Path(job.lease), job.run)
    patience = time.monotonic() + PATIENCE
    deadline = time.monotonic() + job.limit if job.limit else None
    died = 0
    while True:
        outcome = _run_once(job, watch, deadline)
        if outcome.end is End.FAILED and outcome.code < 0 and (died := died + 1) < _TRIES:
            continue  # it may have been ended from outside
        if outcome.end is End.FAILED and _BUSY in outcome.said and time.monotonic() < patience and watch.wanted():
            time.sleep(_POLL_SECONDS)  # a scan that nobody wants any more is about to notice
            continue
        return outcome


def _run_once(job: Job, watch: Watch, deadline: float | None) -> Outcome:
    with tempfile.TemporaryFile() as errors:
        command = ["scan", job.image, "--case", job.case, "--lang", job.lang, "--quiet", *job.options]
        process = _start([*job.program, *command], errors)
        try:
            end = _await_end(process, watch, deadline)
        finally:
            _stop(process)
        said = _last_line(errors)
    if end is End.LIMIT:
        detail = f"took more than {job.limit:g} s"
        _say_in_case(job, detail)
        return Outcome(end=end, code=3, said=f"{detail}; a higher --per-image-limit goes on with it")
    code = process.returncode
    if end is not None:
        return Outcome(end=end, code=_INTERRUPTED)
    if code in _ENDED:
        return Outcome(end=End.DONE, code=code)
    if code == _INTERRUPTED:
        return Outcome(end=End.STOPPED, code=code)
    return Outcome(end=End.FAILED, code=code, said=_cause(code) if code < 0 else said or f"exit status {code}")


def _start(command: list[str], errors: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  ourselves
        [sys.executable, "-m", "triage.batch.tied", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,  # Ctrl-C is for the coordinator, which tells us
    )


def _await_end(process: subprocess.Popen[bytes], watch: Watch, deadline: float | None) -> End | None:
    """None where it ended by itself."""
    while True:
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if deadline is not None and time.monotonic() > deadline:
                return End.LIMIT
            if not watch.wanted():
                return End.STOPPED
        else:
            return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """A scan that is interrupted can be resumed, and so can one that is killed."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    if process.poll() is None:
        process.kill()
        with suppress(subprocess.TimeoutExpired):  # stuck on a disk that does not answer: it dies when that does
            process.wait(_STOP_SECONDS)
    assert process.stdin is not None
    process.stdin.close()


def _last_line(errors: BinaryIO) -> str:
    size = errors.seek(0, 2)
    errors.seek(max(0, size - _LAST_WORDS))
    lines = errors.read().decode("utf-8", "replace").split("\n")
    return next((line.strip().removeprefix("triage: ") for line in reversed(lines) if line.strip()), "")


def _cause(code: int) -> str:
    with suppress(ValueError):
        return f"its scan ended by {signal.Signals(-code).name}; the same command goes on with it"
    return f"its scan ended with status {code}"


def _say_in_case(job: Job, detail: str) -> None:
    """Its journal and its outputs tell that the scan was cut off, and by what."""
    folder = Path(job.case)
    try:
        folder.mkdir(parents=True, exist_ok=True)  # it may not have come to make its case
        with Case.create(folder) as case:
            case.note(JournalLine(when=UnixNs(time.time_ns()), who="triage batch", act=LIMIT_REACHED, detail=detail))
    except (CaseError, OSError):
        return  # the outcome says it
    with tempfile.TemporaryFile() as errors:
        process = _start([*job.program, "report", job.case, "--lang", job.lang], errors)
        try:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_OUTPUT_SECONDS)
        finally:
            _stop(process)
