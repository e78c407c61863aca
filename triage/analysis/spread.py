"""An outbreak: many machines compared. Who was first, who brought it to whom, as far as records prove it. Pure.

Times are corrected where two machines saw the same, and nowhere else; an order that the bounds leave open stays open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from triage.analysis.spread_clocks import TRUTH, Clocks, Proof
from triage.analysis.spread_edges import Edge, Outsider, Undecided, infections
from triage.analysis.spread_odd import Trait, odd_machines, traits
from triage.analysis.spread_owners import Owners
from triage.analysis.spread_records import Machine, State
from triage.analysis.spread_sessions import links
from triage.analysis.spread_shares import Share, shares

HURT: Final = (State.ENCRYPTED, State.REMOTE, State.INFECTED)
NARROW: Final = 120_000_000_000
"""Bounds up to two minutes apart correct a time; wider ones may still tell which of two was first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When a machine's first sign was, by the clock of its group: between low and high, UnixNs.

    Attributes:
        group: only starts of one group can be shown side by side; TRUTH: in true UTC.
        rank: first and last place that it can have among the machines with a first sign, from 1.
    """

    group: int
    low: int
    high: int
    rank: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbreak:
    """All machines compared; they are named by their places.

    Attributes:
        clocks: all that is known of them; shown: without links so wide that they tell an order at best.
        order: places as a reader should see them: by first sign, group by group; those without one last.
        firsts: machines that no other is known to be before.
        twins: (place kept, name of the case left out): the same evidence was given twice.
        odd: place to the kinds of indicators in which it is odd.
    """

    machines: tuple[Machine, ...]
    clocks: Clocks
    shown: Clocks
    starts: Mapping[int, Start]
    order: tuple[int, ...]
    firsts: tuple[int, ...]
    edges: tuple[Edge, ...]
    undecided: tuple[Undecided, ...]
    outsiders: tuple[Outsider, ...]
    shares: tuple[Share, ...]
    traits: tuple[Trait, ...]
    odd: Mapping[int, tuple[str, ...]]
    twins: tuple[tuple[int, str], ...]

    def counts(self) -> Mapping[State, int]:
        """Machines by state, every state present."""
        told = Counter(machine.state for machine in self.machines)
        return {state: told[state] for state in State}


def compare(given: Iterable[Machine], wallets: Mapping[str, str], within: int | None = None) -> Outbreak:
    """The outbreak, the same whatever the order of the machines.

    Args:
        given: the machines.
        wallets: address to the variant it belongs to.
        within: nanoseconds within which the analyst says all clocks are right; None where nobody says so.
    """
    machines, twins = _distinct(given)
    owners = Owners(machines)
    clocks = Clocks(len(machines), links(machines, owners, within))
    edges, undecided, outsiders = infections(machines, owners, clocks)
    found, over_network, open_ones = shares(machines, owners, clocks)
    shown = Clocks(len(machines), [one for one in clocks.kept if one.width <= NARROW or one.proof is Proof.ASSUMED])
    starts = _starts(machines, clocks, shown)
    every = traits(machines, wallets)
    return Outbreak(
        machines=machines,
        clocks=clocks,
        shown=shown,
        starts=starts,
        order=_order(machines, starts),
        firsts=tuple(place for place, start in sorted(starts.items()) if start.rank[0] == 1),
        edges=(*edges, *over_network),
        undecided=(*undecided, *open_ones),
        outsiders=outsiders,
        shares=found,
        traits=every,
        odd=odd_machines(every),
        twins=twins,
    )


def _distinct(given: Iterable[Machine]) -> tuple[tuple[Machine, ...], tuple[tuple[int, str], ...]]:
    """Sorted, each evidence once, each name once."""
    kept: list[Machine] = []
    by_print: dict[str, int] = {}
    twins: list[tuple[int, str]] = []
    for machine in sorted(given, key=lambda one: (one.name, not one.finished, -one.entries, one.case, one.evidence)):
        known = by_print.get(machine.fingerprint) if machine.fingerprint else None
        if known is not None:
            twins.append((known, machine.case))
            continue
        if machine.fingerprint:
            by_print[machine.fingerprint] = len(kept)
        kept.append(machine)
    names = Counter(machine.name for machine in kept)
    clear = [m if names[m.name] == 1 else replace(m, name=f"{m.name} ({m.case})") for m in kept]
    return tuple(clear), tuple(twins)


Spans = Mapping[int, tuple[int, int, int]]
"""Machine to the group of its clock, and the bounds of its first sign by that clock."""


def _starts(machines: Sequence[Machine], clocks: Clocks, shown: Clocks) -> dict[int, Start]:
    close = Clocks(len(machines), [link for link in clocks.kept if link.width <= NARROW])
    near, far = _spans(machines, close), _spans(machines, clocks)
    lows, highs = _ends(far)
    island: dict[int, list[int]] = defaultdict(list)
    for place, (group, _, _) in near.items():
        island[group].append(place)
    starts = {}
    for place, (group, low, high) in _spans(machines, shown).items():
        whole, _, _ = far[place]
        before = bisect_left(highs[whole], far[place][1])
        after = len(lows[whole]) - bisect_right(lows[whole], far[place][2])
        for other in island[near[place][0]]:  # what two close clocks tell, and the long way round does not
            before += _before(near, other, place) and not _before(far, other, place)
            after += _before(near, place, other) and not _before(far, place, other)
        starts[place] = Start(group=group, low=low, high=high, rank=(before + 1, len(far) - after))
    return starts


def _spans(machines: Sequence[Machine], clocks: Clocks) -> Spans:
    return {
        place: (
            clocks.group(place),
            one.first.when - clocks.ahead(place).high,
            one.first.when - clocks.ahead(place).low,
        )
        for place, one in enumerate(machines)
        if one.first is not None
    }


def _ends(spans: Spans) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
    """The lower and the upper bounds of every group, each in order."""
    lows: dict[int, list[int]] = defaultdict(list)
    highs: dict[int, list[int]] = defaultdict(list)
    for group, low, high in spans.values():
        lows[group].append(low)
        highs[group].append(high)
    for group in lows:
        lows[group].sort()
        highs[group].sort()
    return lows, highs


def _before(spans: Spans, one: int, other: int) -> bool:
    """For certain, by clocks of one group."""
    return spans[one][0] == spans[other][0] and spans[one][2] < spans[other][1]


def _order(machines: Sequence[Machine], starts: Mapping[int, Start]) -> tuple[int, ...]:
    """The largest group first; within one by the middle of the bounds."""
    size = Counter(start.group for start in starts.values())
    alone = {group for group, count in size.items() if count == 1 and group != TRUTH}

    def key(place: int) -> tuple[object, ...]:
        start = starts.get(place)
        if start is None:
            return 2, 0, 0, 0, tuple(State).index(machines[place].state), place
        middle = start.low + start.high
        if start.group in alone:  # each by its own clock: together, in the order that those clocks tell
            return 1, 0, 0, middle, 0, place
        return 0, -size[start.group], start.group, middle, 0, place

    return tuple(sorted(range(len(machines)), key=key))
