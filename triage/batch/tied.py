"""`python -m triage.batch.tied MODULE ARGUMENTS…`: runs a module that ends when the process that started it does.

The starter holds the other end of stdin and writes nothing: where it is gone, stdin ends.

References:
    prctl(2), PR_SET_PDEATHSIG; it follows the thread that started us, which waits for our end.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import select
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never returns to its caller with the module's work undone."""
    _follow_starter()
    sys.argv[:] = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _follow_starter() -> None:
    if sys.platform == "linux":
        # no thread: the scan makes its workers by fork
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if select.select([0], [], [], 0)[0]:  # it ended before the kernel was told
            os._exit(1)
    else:
        threading.Thread(target=_end_with_stdin, daemon=True).start()


def _end_with_stdin() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
