"""A look at evidence by a process of its own: a disk that hangs, or crashes its reader, costs a hint and no more."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from triage.errors import TriageError
from triage.scan.pool import START_METHOD

Result = TypeVar("Result")
Given = TypeVar("Given")


def apart(look: Callable[[Given], Result], given: Given, *, seconds: float) -> Result | None:
    """What a function of a module makes of something; None where it fails, dies or takes too long."""
    context: Any = multiprocessing.get_context(START_METHOD)  # the stubs know no process of an unnamed method
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_look, args=(look, given, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        found: Result | None = ours.recv() if ours.poll(seconds) else None
    except EOFError:  # it died
        found = None
    finally:
        process.kill()
        process.join()
        ours.close()
    return found


def _look(look: Callable[[Given], Result], given: Given, answer: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        answer.send(look(given))
    except (TriageError, OSError, ValueError):
        answer.send(None)
