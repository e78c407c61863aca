"""Queues in a process group of their own, and what they left behind."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 900


@dataclass
class Queued:
    """One run of the command line."""

    code: int
    screen: str
    errors: str
    out: Path

    @cached_property
    def overview(self):
        return json.loads((self.out / "overview.json").read_bytes())

    @cached_property
    def machines(self):
        return {machine["name"]: machine for machine in self.overview["machines"]}

    def findings(self):
        """The bytes of every case's findings, by case."""
        return {
            str(path.parent.relative_to(self.out)): path.read_bytes()
            for path in sorted((self.out / "cases").rglob("findings.jsonl"))
        }


def command(folder, out, *arguments, seams=None):
    program = [sys.executable, "-m", "tests.batch.driver", json.dumps(seams or {})]
    return [*program, "batch", str(folder), "--out", str(out), "--lang", "en", *map(str, arguments)]


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def launch(folder, out, *arguments, seams=None, env=None, prefix=()):
    return subprocess.Popen(
        [*prefix, *command(folder, out, *arguments, seams=seams)],
        cwd=ROOT,
        env=environment(**(env or {})),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process, out):
    screen, errors = process.communicate(timeout=PATIENCE)
    return Queued(process.returncode, screen.decode(), errors.decode(), out)


def scans_of(pid):
    """The processes that any thread of a queue has started."""
    found = []
    for one in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, one.read_text().split())
    return found


def descendants(pid):
    """The command lines of all processes below one, by process id."""
    found, waiting = {}, scans_of(pid)
    while waiting:
        child = waiting.pop()
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            waiting += scans_of(child)
    return found


def run(folder, out, *arguments, **how):
    return ended(launch(folder, out, *arguments, **how), out)
