"""The plan: every entry in exactly one unit of work, in the order it is best read from disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.case import UnitPlan
from triage.scan.depth import COMPONENT_LIMITS, SMALL_STATE_LIMIT, Depth, expected_cost


@dataclass(frozen=True, slots=True)
class UnitSize:
    """The most of one unit: some seconds of work, which is what a kill or a pulled stick may cost.

    Attributes:
        cost: bytes likely to be read.
    """

    entries: int = 2048
    cost: int = 48 << 20


def cut(rows: Iterable[tuple[int, str, int, str, int | None, str]], depth: Depth, most: UnitSize) -> Iterator[UnitPlan]:
    """Units over (id, kind, size, path, same_as, key), as the case gives them in reading order."""
    entries: list[int] = []
    cost = 0
    number = 1
    for ident, kind, size, _path, same_as, key in rows:
        reads = kind in ("file", "stream") and same_as is None and key
        step = expected_cost(depth, size) if reads else 0
        if entries and (len(entries) >= most.entries or cost + step > most.cost):
            yield UnitPlan(id=number, entries=entries, cost=cost)
            number += 1
            entries, cost = [], 0
        entries.append(ident)
        cost += step
    if entries:
        yield UnitPlan(id=number, entries=entries, cost=cost)


def most_read(depth: Depth, size: int) -> int:
    """The most bytes that a depth reads of an entry of this size: what its time limit is measured by."""
    match depth:
        case Depth.FULL:
            return size
        case Depth.STANDARD:
            return min(size, max(COMPONENT_LIMITS.values()))
        case Depth.QUICK:
            return min(size, SMALL_STATE_LIMIT)
