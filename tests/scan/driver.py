"""`triage` with its seams set from outside: `python -m tests.scan.driver SEAMS ARGUMENTS…`, SEAMS being JSON.

Unit size, limits, start method, opener and detectors are ScanOptions that the command line does not offer. The other
seams end processes at a chosen amount of progress: the same seam ends the same scan at the same place.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from triage.case import Case
from triage.cli import main
from triage.outputs import OUTPUTS
from triage.scan import Limits, Progress, ScanOptions
from triage.scan.plan import UnitSize

VERB = importlib.import_module("triage.cli.scan")
SEAMS = ("start_method", "memory", "hash_source")


class Steps:
    """Counts what moves a scan forward, and acts at chosen counts.

    Args:
        seams: `kill_at_statement`: the SQL statement at which the coordinator is ended as by `kill -9`.
            `kill_workers_at`: units after which one worker is ended so; `kill_workers_at_walk`: the walk at whose
            beginning all are.
            `signal_at`: [a point, signal], for the whole process group, as a terminal sends it.
            `command_at`: [a point, shell command].
            `pids`, `left`: files that are given the workers' process ids, and the time, before the end.
            `count`: a file that is given the number of statements and units.
    """

    def __init__(self, seams):
        self.statements = 0
        self.units = 0
        self.walks = 0
        self.seams = seams

    def statement(self, _text):
        self.statements += 1
        if self.statements == self.seams.get("kill_at_statement"):
            self.leave()
            os.kill(os.getpid(), signal.SIGKILL)

    def unit(self):
        self.units += 1
        self.at(f"unit {self.units}")
        if self.units in self.seams.get("kill_workers_at", ()):
            victim = multiprocessing.active_children()[self.units % 2 - 1]
            os.kill(victim.pid, signal.SIGKILL)

    def walk(self):
        self.walks += 1
        if self.walks == self.seams.get("kill_workers_at_walk"):
            for victim in multiprocessing.active_children():
                os.kill(victim.pid, signal.SIGKILL)

    def at(self, point):
        """`listing` `listed` `unit N` `hashing` `writing NAME`: the scan is there for the first time."""
        if self.seams.get("command_at", ("",))[0] == point:
            subprocess.run(self.seams.pop("command_at")[1], shell=True, check=True)
        if self.seams.get("signal_at", ("",))[0] == point:
            self.leave()
            os.killpg(os.getpgrp(), self.seams.pop("signal_at")[1])

    def leave(self):
        if "pids" in self.seams:
            pids = [child.pid for child in multiprocessing.active_children()]
            Path(self.seams["pids"]).write_text(json.dumps(pids))
        if "left" in self.seams:
            Path(self.seams["left"]).write_text(str(time.monotonic()))


def counted(opening, steps):
    """Case.create or Case.open, whose statements are counted."""

    @contextmanager
    def opened(folder):
        with opening(folder) as case:
            case._db.set_trace_callback(steps.statement)
            yield case

    return opened


def named(place):
    """What `module:name` names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def run(seams, arguments):
    steps = Steps(seams)

    class Counting(Progress):
        def begin_walk(self, volume):
            super().begin_walk(volume)
            steps.walk()

        def listed(self, names):
            super().listed(names)
            steps.at("listing")

        def begin_units(self, **plan):
            super().begin_units(**plan)
            steps.at("listed")

        def hashed(self, media):
            super().hashed(media)
            if media:
                steps.at("hashing")

        def examined(self, cost, entries, findings):
            super().examined(cost, entries, findings)
            steps.unit()

    options = {name: seams[name] for name in SEAMS if name in seams}
    if "unit" in seams:
        options["unit"] = UnitSize(entries=seams["unit"])
    options |= {name: named(seams[name]) for name in ("opener", "detectors") if name in seams}

    def with_seams(**given):
        limits = Limits(**seams["limits"]) if "limits" in seams else given["limits"]
        return ScanOptions(**{**given, **options, "limits": limits})

    def writing(name, pieces):
        steps.at(f"writing {name}")
        yield from pieces

    for name, render in OUTPUTS.items():
        OUTPUTS[name] = lambda dossier, lang, name=name, render=render: writing(name, render(dossier, lang))
    VERB.ScanOptions = with_seams
    VERB.Progress = Counting
    VERB.Case = type("Counted", (), {"create": counted(Case.create, steps), "open": counted(Case.open, steps)})
    code = main(arguments)
    if "count" in seams:
        Path(seams["count"]).write_text(json.dumps({"statements": steps.statements, "units": steps.units}))
    return code


if __name__ == "__main__":
    sys.exit(run(json.loads(sys.argv[1]), sys.argv[2:]))
