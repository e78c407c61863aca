"""What ties a worker process to its coordinator: it ends with it, and leaves the terminal's signals to it.

References:
    prctl(2), PR_SET_PDEATHSIG.

Limits:
    Outside Linux a worker that hangs inside a library which holds the interpreter outlives a killed coordinator.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

if sys.platform != "win32":
    import resource

_PR_SET_PDEATHSIG = 1


@contextmanager
def signals_wait() -> Iterator[None]:
    """Holds Ctrl-C and SIGTERM back; a process that is started meanwhile is born with both blocked."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def follow_coordinator() -> None:
    """Called by a worker, first of all: Ctrl-C is not for it, and when its coordinator ends, so does it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent.pid:  # it ended before the kernel was told
            os._exit(1)
    else:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def bound_to_us(memory: int) -> dict[str, Any]:
    """For `subprocess.Popen`: another's program ends with us, hears no Ctrl-C of its own, and takes no more memory."""
    if sys.platform != "linux":
        return {}
    prctl, ours = ctypes.CDLL(None).prctl, os.getpid()

    def begin() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != ours:  # we ended before the kernel was told
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    return {"preexec_fn": begin, "start_new_session": True}


def speak_to_nobody() -> None:
    """Whatever a library or a dying interpreter prints must not reach the user's terminal: gaps say it in one line.

    Nor may a worker that cannot die, stuck on its disk, hold open a pipe that others wait on.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
