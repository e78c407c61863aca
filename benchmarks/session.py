"""One run of the benchmark: everything warm, commands one after the other in rounds, A B C A B C."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.disk import say
from benchmarks.jobs import Job
from benchmarks.measure import Run, measure

_BLOCK = 4 << 20


def interleaved(jobs: Sequence[Job], runs: int) -> Mapping[str, Sequence[Run]]:
    """Runs every job in each round, so that what else the machine does falls on all alike.

    Raises:
        MeasureError: a command failed.
    """
    measured: dict[str, list[Run]] = {job.name: [] for job in jobs}
    for turn in range(runs):
        for job in jobs:
            if job.once and turn:
                continue
            run = measure(job.command(), accepted=job.accepted, server=job.server)
            figures = f"{run.wall:.2f} s, CPU {run.cpu:.2f} s, others {run.others:.1f} s, {run.private >> 20} MiB"
            say(f"{turn + 1}/{runs}  {job.name}: {figures}")
            measured[job.name].append(run)
    return measured


def warm(paths: Iterable[Path]) -> None:
    """Reads files once, so that the first command finds them in memory as the last one does."""
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.read(_BLOCK):
                pass


def warm_tree(folder: Path) -> tuple[int, int]:
    """Reads every file below a folder once; gives their number and bytes."""
    count = size = 0
    for place, _, names in os.walk(folder):
        paths = [Path(place, name) for name in names]
        warm(paths)
        count += len(paths)
        size += sum(path.stat().st_size for path in paths)
    return count, size
