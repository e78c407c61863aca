"""The plan: every entry in exactly one unit of work, in the order it is best read from disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.case import UnitPlan
from triage.scan.depth import Depth, expected_cost

UNIT_COST = 48 << 20
"""Bytes of one unit: some seconds of work, what a pulled stick may lose."""
UNIT_ENTRIES = 2048


def cut(rows: Iterable[tuple[int, str, int, str, int | None, str]], depth: Depth) -> Iterator[UnitPlan]:
    """Units over (id, kind, size, path, same_as, key), as the case gives them in reading order."""
    entries: list[int] = []
    cost = 0
    number = 1
    for ident, kind, size, _path, same_as, key in rows:
        reads = kind in ("file", "stream") and same_as is None and key
        step = expected_cost(depth, size) if reads else 0
        if entries and (len(entries) >= UNIT_ENTRIES or cost + step > UNIT_COST):
            yield UnitPlan(id=number, entries=entries, cost=cost)
            number += 1
            entries, cost = [], 0
        entries.append(ident)
        cost += step
    if entries:
        yield UnitPlan(id=number, entries=entries, cost=cost)
