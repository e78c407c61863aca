"""`triage batch` whose scans run with seams set: `python -m tests.batch.driver SEAMS ARGUMENTS…`, SEAMS being JSON.

The scans are started as `tests.scan.driver`, with the same seams.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from functools import partial

from tests.batch import faults
from triage.batch import Asked, told_apart
from triage.cli import main

VERB = importlib.import_module("triage.cli.batch")


def run(seams, arguments):
    """seams: of the scans; `kill_after`: images after whose end the coordinator is ended as by `kill -9`,
    `interrupt_after`: as by Ctrl-C."""
    ends = {name: seams.pop(name) for name in ("kill_after", "interrupt_after") if name in seams}
    VERB.Asked = partial(Asked, program=("tests.scan.driver", json.dumps({**faults.SEAMS, **seams})))
    VERB.told_apart = partial(told_apart, opener=faults.opener, seconds=faults.SECONDS)
    done = 0

    class Counting(VERB.BatchProgress):
        def ended(self, ticket, machine):
            nonlocal done
            super().ended(ticket, machine)
            done += 1
            if done == ends.get("kill_after"):
                os.kill(os.getpid(), signal.SIGKILL)
            if done == ends.get("interrupt_after"):
                os.killpg(os.getpgrp(), signal.SIGINT)

    VERB.BatchProgress = Counting
    return main(arguments)


if __name__ == "__main__":
    sys.exit(run(json.loads(sys.argv[1]), sys.argv[2:]))
