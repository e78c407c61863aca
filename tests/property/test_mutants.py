"""Damaged hives, logs, prefetch files, journals: what they hold, a FormatError or a gap, and always an end."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.mutant_runs import counts, examined_apart, report
from tests.mutants import SORTS, mutant

SEED = int(os.environ.get("TRIAGE_SEED", "1"))
FILES = int(os.environ.get("TRIAGE_MUTANTS", "50000"))
"""In all; both may be set for a longer or another run."""
_AT_ONCE = 1000


def test_a_mutant_is_made_again_from_its_name_alone() -> None:
    for sort in SORTS:
        assert mutant(sort, 1, 7) == mutant(sort, 1, 7)
        assert len({mutant(sort, 1, index) for index in range(12)}) > 6


def test_the_shares_make_up_the_whole() -> None:
    assert sum(sort.share for sort in SORTS.values()) == 1000
    assert sum(counts(50_000).values()) == 50_000


@pytest.mark.parametrize("sort", SORTS)
def test_damaged_traces_cost_at_most_themselves(sort: str) -> None:
    tally = examined_apart(sort, SEED, range(25))
    assert tally.faults == []
    assert tally.files == 25
    assert tally.read


@pytest.mark.soak
def test_fifty_thousand_damaged_traces_cost_at_most_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    tallies = {}
    begun = time.monotonic()
    for sort, count in counts(FILES).items():
        parts = [range(first, min(first + _AT_ONCE, count)) for first in range(0, count, _AT_ONCE)]
        tallies[sort], *rest = [examined_apart(sort, SEED, part) for part in parts]
        for part in rest:
            tallies[sort].add(part)
    lines = [*report(tallies), f"{time.monotonic() - begun:.0f} s"]
    with capsys.disabled():
        print("\n" + "\n".join(lines), file=sys.stderr)
    assert [fault for tally in tallies.values() for fault in tally.faults] == []
    assert sum(tally.files for tally in tallies.values()) == sum(counts(FILES).values())
