"""What two machines both saw, as links between their clocks.

The same sessions: one machine's log tells when it reached out, the other's when it was reached. One session proves
nothing, for another may have been meant; at least three with the same distances between them do, if nothing else fits
half as well (a job that runs every hour fits many ways).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from triage.analysis.spread_clocks import TRUTH, Bounds, Link, Proof
from triage.analysis.spread_owners import Owners
from triage.analysis.spread_records import Machine, Reach, State
from triage.model import UnixNs

_SECOND: Final = 1_000_000_000
LATENCY: Final = Bounds(low=-1 * _SECOND, high=5 * _SECOND)
"""How much later than the connection the logon is written down."""
LEAST: Final = 3
_INSTANTS: Final = 64
_SERVICE: Final = Bounds(low=-10 * _SECOND, high=10 * _SECOND)
_HEARTBEAT: Final = 60 * _SECOND
"""The malware's log is rewritten every 25 s."""
_SERVICE_STRENGTH: Final = 3
_SHARE_STRENGTH: Final = 1
_NEAR: Final = 600 * _SECOND

Pair = tuple[int, int]


def links(machines: Sequence[Machine], owners: Owners, within: int | None = None) -> list[Link]:
    """Every link. within: by how many nanoseconds clocks may differ from the true time, if the analyst says so."""
    clear = [place for place, machine in enumerate(machines) if not machine.unclear]
    found = [*_of_sessions(machines, owners), *_of_shares(machines, owners)]
    for place in clear:
        skew = machines[place].skew
        if skew is not None and skew.synchronised:
            slow = -round(skew.seconds * _SECOND)
            ahead = Bounds(low=slow, high=slow) + _SERVICE
            found.append(Link(of=TRUTH, to=place, ahead=ahead, proof=Proof.SYNCHRONISED, strength=_SERVICE_STRENGTH))
        if within is not None:
            ahead = Bounds(low=-within, high=within)
            found.append(Link(of=TRUTH, to=place, ahead=ahead, proof=Proof.ASSUMED, strength=0))
    return found


def _of_sessions(machines: Sequence[Machine], owners: Owners) -> Iterator[Link]:
    out: dict[Pair, set[UnixNs]] = defaultdict(set)
    into: dict[Pair, set[UnixNs]] = defaultdict(set)
    for place, machine in enumerate(machines):
        if machine.unclear:
            continue
        for contact in machine.contacts:
            for other in owners.claims(contact):
                if other == place:
                    continue
                if contact.reach is Reach.CONNECTED:
                    out[place, other].update(contact.instants)
                elif contact.reach is not Reach.REMOTE:
                    into[other, place].update(contact.instants)
    for pair in sorted(out.keys() & into.keys()):
        agreed = agreement(sorted(out[pair])[:_INSTANTS], sorted(into[pair])[:_INSTANTS])
        if agreed is not None:
            ahead, strength = agreed
            yield Link(of=pair[0], to=pair[1], ahead=ahead, proof=Proof.SESSIONS, strength=strength)


def agreement(out: Sequence[int], into: Sequence[int]) -> tuple[Bounds, int] | None:
    """By how much the second clock is ahead, and how many sessions say so; None where they do not say one thing.

    Args:
        out: when the first machine reached out, in order.
        into: when the second was reached, in order.
    """
    if min(len(out), len(into)) < LEAST:
        return None
    pairs = sorted((came - went, went, came) for went in out for came in into)
    best, second = _fullest(pairs)
    strength = _sessions(pairs[best[0] : best[1]])
    if strength < LEAST or 2 * second > strength:
        return None
    low, high = pairs[best[0]][0], pairs[best[1] - 1][0]
    return Bounds(low=low - LATENCY.high, high=high - LATENCY.low), strength  # whichever of them are the true pairs


def _fullest(pairs: Sequence[tuple[int, int, int]]) -> tuple[Pair, int]:
    """Where most sessions agree (from, to), and how many agree at best anywhere apart from there."""
    width = LATENCY.high - LATENCY.low
    windows, start = [], 0
    for end in range(1, len(pairs) + 1):
        while pairs[end - 1][0] - pairs[start][0] > width:
            start += 1
        windows.append((_sessions(pairs[start:end]), start, end))
    _, start, end = max(windows, key=lambda one: (one[0], -one[1]))
    low, high = pairs[start][0] - width, pairs[end - 1][0] + width
    apart = (n for n, first, after in windows if pairs[after - 1][0] < low or pairs[first][0] > high)
    return (start, end), max(apart, default=0)


def _sessions(pairs: Sequence[tuple[int, int, int]]) -> int:
    """How many different moments of both sides are in it."""
    return min(len({went for _, went, _ in pairs}), len({came for _, _, came in pairs}))


def _of_shares(machines: Sequence[Machine], owners: Owners) -> Iterator[Link]:
    """Shortcuts that one machine's malware wrote on another came there while it ran.

    Only beside files that were encrypted in place: a tree that somebody copied later holds such shortcuts, too.
    """
    for place, machine in enumerate(machines):
        times: dict[int, list[int]] = defaultdict(list)
        here = machine.encryption
        if (
            machine.state is not State.REMOTE
            or here.first is None
            or here.last is None
            or 2 * here.in_place <= here.files
        ):
            continue
        for pointer in machine.pointers:
            writer, when = owners.named(pointer.name).machine, pointer.when
            if writer is None or writer == place or when is None:
                continue
            if here.first - _NEAR <= when <= here.last + _NEAR:
                times[writer].append(when)
        for writer, came in sorted(times.items()):
            told, clear = machines[writer].encryption, not (machine.unclear or machines[writer].unclear)
            if clear and told.begun is not None and told.heartbeat is not None and told.begun <= told.heartbeat:
                ahead = Bounds(low=max(came) - told.heartbeat - _HEARTBEAT, high=min(came) - told.begun)
                if ahead.low <= ahead.high:
                    yield Link(of=writer, to=place, ahead=ahead, proof=Proof.SHARE, strength=_SHARE_STRENGTH)
