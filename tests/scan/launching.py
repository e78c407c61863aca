"""Scans in a process group of their own, so that they can be ended as the field ends them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.scanning import Scanned
from triage.case import Case

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds after which something hangs: far more than a slow machine needs."""


@dataclass
class Launched:
    """A scan that runs."""

    process: subprocess.Popen
    case: Path

    def end(self) -> Scanned:
        """Waits for its end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return Scanned(self.process.returncode, (out or b"").decode(), err.decode(), self.case)


def launch(*targets, case, seams=None, arguments=("--workers", "2"), env=None, **popen) -> Launched:
    command = [sys.executable, "-m", "tests.scan.driver", json.dumps(seams or {})]
    command += ["scan", *map(str, targets), "--case", str(case), "--lang", "en", *map(str, arguments)]
    popen = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen}
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, env={**os.environ, **(env or {})}, **popen)
    return Launched(process, case)


def run(*targets, case, **how) -> Scanned:
    return launch(*targets, case=case, **how).end()


def ended(pid: int) -> bool:
    """The process is no more, or only its exit status is."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def all_end(pids, within=5.0) -> bool:
    """Every process ends soon."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if all(map(ended, pids)):
            return True
        time.sleep(0.01)
    return False


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def until(what, within=PATIENCE) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + within
    while not what():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.005)


def each_once(case: Path) -> bool:
    """Every entry is either examined, once, or has a gap."""
    with Case.open(case) as opened:
        one = opened._db.execute
        entries = {row[0] for row in one("SELECT id FROM entry")}
        examined = [row[0] for row in one("SELECT entry FROM examined")]
        gaps = {row[0] for row in one("SELECT entry FROM gap")}
        assert one("SELECT count(*) FROM unit WHERE NOT done").fetchone()[0] == 0
        assert one("PRAGMA integrity_check").fetchone()[0] == "ok"
    return len(examined) == len(set(examined)) and not set(examined) & gaps and set(examined) | gaps == entries


def archive(case: Path) -> bytes:
    """The collected files as they are sealed; nothing is left in the staging."""
    assert not (case / "evidence" / "staging").exists()
    return (case / "evidence" / "evidence.zip").read_bytes()


def records(case: Path) -> list[tuple]:
    """All that is recorded of all entries: the same, and as often, whatever disturbed the scan."""
    with Case.open(case) as opened:
        tables = ("entry", "examined", "finding", "event", "fact", "gap", "collected")
        return [row for table in tables for row in sorted(opened._db.execute(f"SELECT * FROM {table}"), key=repr)]
