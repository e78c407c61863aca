"""Results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measure import Run

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A line of the budget. limit and measured are in the unit that `text` names."""

    text: str
    limit: float
    measured: float

    @property
    def passes(self) -> bool:
        """Within the limit."""
        return self.measured <= self.limit


def wall(runs: Sequence[Run]) -> float:
    """Median seconds."""
    return median(run.wall for run in runs)


def cpu(runs: Sequence[Run]) -> float:
    """Median CPU seconds."""
    return median(run.cpu for run in runs)


def private(runs: Iterable[Run]) -> float:
    """Largest private memory of all processes together, MiB."""
    return max(run.private for run in runs) / MIB


def results(measured: Mapping[str, Sequence[Run]], peers: Sequence[str]) -> str:
    """One row a command; against each peer the ratios of wall time and of CPU time, which other work disturbs less."""
    head = ["command", "wall s (min–max)", "CPU s", "others' CPU s", "private MiB", "PSS MiB", "largest MiB", "runs"]
    rows = [[*head, *(f"wall, CPU / {peer}" for peer in peers)]]
    for name, runs in measured.items():
        walls = [run.wall for run in runs]
        rows.append(
            [
                name,
                f"{wall(runs):.2f} ({min(walls):.2f}–{max(walls):.2f})",
                f"{cpu(runs):.2f}",
                f"{median(run.others for run in runs):.1f}",
                f"{private(runs):.0f}",
                f"{max(run.proportional for run in runs) / MIB:.0f}",
                f"{max(run.single for run in runs) / MIB:.0f}",
                str(len(runs)),
                *(_ratios(runs, measured[peer]) for peer in peers),
            ]
        )
    return markdown(rows)


def _ratios(runs: Sequence[Run], peer: Sequence[Run]) -> str:
    return f"{wall(runs) / wall(peer):.2f}, {cpu(runs) / cpu(peer):.2f}"


def budget(checks: Sequence[Check]) -> str:
    """One row a line of the budget."""
    rows = [["budget", "limit", "measured", ""]]
    rows += [[c.text, f"{c.limit:g}", f"{c.measured:.2f}", "pass" if c.passes else "**miss**"] for c in checks]
    return markdown(rows)


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table; the first row is its head."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
