"""The budget of the design, line by line, against what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from benchmarks.jobs import ENGINES, FLS, WALK, YARA, scan_name
from benchmarks.measure import Run
from benchmarks.table import Check, private, wall

Measured = Mapping[str, Sequence[Run]]

MEMORY = 512
"""MiB of all processes together."""
_SCALED = 60_000
"""Files that a quick scan's limit is for."""


def speed_checks(measured: Measured, files: int) -> list[Check]:
    """Every line that the one disk can answer.

    Args:
        files: how many the disk holds.
    """
    yara = wall(measured[YARA])
    checks = [
        Check(text="enumeration: wall / `fls -r -m`", limit=1.5, measured=wall(measured[WALK]) / wall(measured[FLS]))
    ]
    for engine in ENGINES:
        quick = wall(measured[scan_name("raw", "quick", engine)])
        text = f"quick, {engine}: seconds ({files:,} files; limit is for {_SCALED:,})"
        checks.append(Check(text=text, limit=20, measured=quick))
    for depth, limit in (("full", 0.5), ("standard", 0.2)):
        for engine in ENGINES:
            ours = wall(measured[scan_name("raw", depth, engine)])
            checks.append(Check(text=f"{depth}, {engine}: wall / `yara -r -p 2`", limit=limit, measured=ours / yara))
    for depth in ("standard", "full"):
        for engine in ENGINES:
            raw, ewf = (wall(measured[scan_name(form, depth, engine)]) for form in ("raw", "E01"))
            checks.append(Check(text=f"{depth}, {engine}: wall E01 / raw", limit=1.3, measured=ewf / raw))
    own = [run for name, runs in measured.items() if name.startswith("triage") for run in runs]
    checks.append(Check(text="peak private memory of all processes: MiB", limit=MEMORY, measured=private(own)))
    return checks


def growth_checks(name: str, seconds: Mapping[int, float]) -> list[Check]:
    """Cost by entries is linear: no step between two sizes costs much more an entry than the step before.

    Args:
        name: of the command.
        seconds: wall time by number of entries.
    """
    sizes = sorted(seconds)
    slopes = [(seconds[b] - seconds[a]) / (b - a) for a, b in pairwise(sizes)]
    return [
        Check(
            text=f"{name}: cost of an entry from {sizes[n + 1]:,} to {sizes[n + 2]:,} / from {sizes[n]:,}",
            limit=1.3,
            measured=slopes[n + 1] / slopes[n],
        )
        for n in range(len(slopes) - 1)
    ]
