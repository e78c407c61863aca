"""Outbreaks of any shape: no machine is accused of what it did not do, no bound leaves out the truth."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.outbreaks import HOUR, Plan, at_random
from triage.analysis.spread import Outbreak, compare
from triage.analysis.spread_clocks import TRUTH
from triage.analysis.spread_edges import Edge, Way
from triage.analysis.spread_witness import witness
from triage.model import Confidence

S = 1_000_000_000
ROUNDING = S // 1000
SLACK = 5
"""Seconds from the infection to the sign that may be the only one left."""


def outbreak_of(plan: Plan) -> tuple[Outbreak, list[int]]:
    """The comparison, and which patient stands at each place."""
    outbreak = compare([witness(plan.dossier(place), f"{place:04d}") for place in range(len(plan.patients))], {})
    return outbreak, [int(machine.case) for machine in outbreak.machines]


def truly_reached(plan: Plan, edge: Edge, who: list[int]) -> bool:
    """The accused was infected, reached the other after that, and before the other was infected."""
    source, target = plan.patients[who[edge.of]], plan.patients[who[edge.to]]
    if source.infected is None:
        return False
    if edge.way is Way.SHARE and target.share_by == who[edge.of]:
        return True
    until = target.infected if target.infected is not None else target.share_from
    begin = source.infected - (12 * HOUR if edge.way is Way.SHARE else 1)
    files = 90 * target.files if edge.way is Way.SHARE else 0
    return any(
        (one.of, one.to) == (who[edge.of], who[edge.to]) and begin <= one.when <= until + SLACK + files
        for one in plan.reached
    )


def is_another_of_that_name(plan: Plan, edge: Edge, who: list[int]) -> bool:
    """A machine that was not examined has the same name: nobody can know, so it must not be sure."""
    name = plan.patients[who[edge.of]].name
    twins = [one for one in plan.patients if one.name == name and not one.examined]
    return bool(twins) and edge.confidence is not Confidence.HIGH and all(one.by == "name" for one in edge.evidence)


@given(st.integers(0, 2**32), st.integers(2, 12))
@settings(max_examples=150, deadline=None)
@example(seed=78, count=9)
def test_nobody_is_accused_falsely(seed: int, count: int) -> None:
    plan = at_random(random.Random(seed), count)
    outbreak, who = outbreak_of(plan)
    for edge in outbreak.edges:
        assert truly_reached(plan, edge, who) or is_another_of_that_name(plan, edge, who), edge
        assert edge.evidence


@given(st.integers(0, 2**32), st.integers(2, 12))
@settings(max_examples=100, deadline=None)
def test_every_bound_holds_the_truth(seed: int, count: int) -> None:
    plan = at_random(random.Random(seed), count)
    outbreak, who = outbreak_of(plan)
    skews = {place: plan.patients[patient].skew * S for place, patient in enumerate(who)} | {TRUTH: 0}
    for clocks in (outbreak.clocks, outbreak.shown):
        for of in skews:
            for to in skews:
                ahead = clocks.between(of, to)
                if ahead is not None:
                    assert ahead.low - ROUNDING <= skews[to] - skews[of] <= ahead.high + ROUNDING


@given(st.integers(0, 2**32), st.integers(2, 12))
@settings(max_examples=100, deadline=None)
def test_every_true_order_is_among_those_left_open(seed: int, count: int) -> None:
    plan = at_random(random.Random(seed), count)
    outbreak, who = outbreak_of(plan)
    true = {
        place: machine.first.when - plan.patients[who[place]].skew * S
        for place, machine in enumerate(outbreak.machines)
        if machine.first is not None
    }
    ordered = sorted(true.values())
    assert set(outbreak.starts) == set(true)
    for place, start in outbreak.starts.items():
        first = bisect_left(ordered, true[place] - ROUNDING) + 1
        last = bisect_right(ordered, true[place] + ROUNDING)
        assert start.rank[0] <= last
        assert first <= start.rank[1]
