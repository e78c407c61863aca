"""One command, measured from outside: wall and CPU time and memory of all its processes.

Memory is sampled every 50 ms. `private` adds up what processes hold for themselves (RssAnon and RssShmem of
/proc/PID/status; pages that a fork shares count in each). `proportional` adds up PSS, which also holds the pages of
mapped files that the kernel may drop at any time; reading it is slow, so it is sampled less often.

References:
    proc(5), wait4(2).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.05
"""Seconds between two samples."""
_TREE_EVERY = 0.2
_PSS_SHARE = 20
"""Reading PSS may take one part in this many of the time."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one command took, in seconds and bytes.

    Attributes:
        single: the largest resident size of any one process.
        others: CPU seconds that the rest of the machine took meanwhile: a run with much of it measured the machine.
    """

    wall: float
    cpu: float
    private: int
    proportional: int
    single: int
    others: float
    status: int
    output: str


class MeasureError(Exception):
    """The command failed; says what it printed last."""


def measure(command: Sequence[str | Path], *, accepted: Sequence[int] = (0,), server: int = 0) -> Run:
    """Runs a command to its end.

    Args:
        accepted: exit statuses that are no failure.
        server: process id of a file-system server that works for the command: its CPU time and memory count, too.

    Raises:
        MeasureError: another exit status.
    """
    served, busy = _cpu_of(server), _busy()
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT)
        sampler = _Sampler([process.pid, *([server] if server else [])])
        sampler.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen must not wait for it
        busy = _busy() - busy
        sampler.stop()
        out.seek(0)
        output = out.read().decode(errors="replace")
    if process.returncode not in accepted:
        raise MeasureError(f"{command[0]} ended with {process.returncode}: {output[-2000:]}")
    cpu = used.ru_utime + used.ru_stime + _cpu_of(server) - served
    return Run(
        wall=wall,
        cpu=cpu,
        private=sampler.private,
        proportional=sampler.proportional,
        single=sampler.single,
        others=max(0.0, busy - cpu),
        status=process.returncode,
        output=output,
    )


class _Sampler(threading.Thread):
    def __init__(self, roots: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self._roots = roots
        self._over = threading.Event()
        self.private = self.proportional = self.single = 0

    def stop(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        pids: list[int] = []
        tree_at = pss_at = 0.0
        while not self._over.wait(EVERY):
            now = time.monotonic()
            if now >= tree_at:
                pids, tree_at = _tree(self._roots), now + _TREE_EVERY
            # not ru_maxrss: that also holds what the parent had when it forked
            states = [_kib(pid, "status", ("VmHWM:", "RssAnon:", "RssShmem:")) for pid in pids]
            self.single = max([self.single, *(state["VmHWM:"] for state in states)])
            self.private = max(self.private, sum(state["RssAnon:"] + state["RssShmem:"] for state in states))
            if now >= pss_at:
                shares = [_kib(pid, "smaps_rollup", ("Pss:",))["Pss:"] for pid in pids]
                self.proportional = max(self.proportional, sum(shares))
                pss_at = now + (time.monotonic() - now) * _PSS_SHARE


def _tree(roots: Sequence[int]) -> list[int]:
    """The processes and all below them."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found = list(roots)
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; none where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_of(pid: int) -> float:
    """User and system seconds of one process; 0 for none."""
    fields = _stat(pid) if pid else []
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _busy() -> float:
    """Seconds that all cores were busy since the machine began; waiting for a disk is not busy."""
    user, nice, system, idle, wait, *interrupts = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    )
    del idle, wait
    return (user + nice + system + sum(interrupts)) / _TICKS


def _kib(pid: int, file: str, names: tuple[str, ...]) -> dict[str, int]:
    """Lines `name number kB` of a file of a process, in bytes; 0 for all where the process is gone."""
    found = dict.fromkeys(names, 0)
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return found
    found.update((name, int(line.split()[1]) * 1024) for line in lines for name in names if line.startswith(name))
    return found
