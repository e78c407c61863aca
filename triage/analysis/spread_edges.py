"""Who brought it to whom: the machines that reached another before its first sign, where that is proven.

A machine is named as a source only where all of this holds: the malware had run on it by then; a log says that it
reached the other; the address or name in the log is its own and nobody else's; it was before the other's first sign.
What lacks one of these is a contact and accuses nobody. The worm's own way in, the SMB exploit, leaves no logon: that
no log names a source says nothing, and a named one may stand beside another that left no trace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from triage.analysis.spread_clocks import Clocks
from triage.analysis.spread_owners import Doubt, Owners
from triage.analysis.spread_records import Contact, Machine, Reach, Sign, State
from triage.model import Confidence, UnixNs

HOUR: Final = 3_600_000_000_000
NEAR: Final = HOUR // 6
AT_ONCE: Final = HOUR // 30
"""From the exploit to the service it takes seconds; the clocks need some, too."""
CAME: Final = frozenset((Sign.SERVICE, Sign.PROGRAM, Sign.DROP, Sign.AUTOSTART, Sign.KILL_SWITCH))
"""First signs that stand within seconds of the infection itself."""


class Why(Enum):
    """Why a contact accuses nobody."""

    ORDER = "order-unknown"
    WHOSE = "address-unclear"
    LATE_SIGN = "first-sign-late"
    CLOSE = "too-close"


class Way(Enum):
    """What an edge says."""

    INFECTION = "infection"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a log, or a file, says.

    Attributes:
        told_by: place of the machine whose disk holds it; when, by that machine's clock.
        by: what tells who is meant: address, name, both.
        count: how many of them.
    """

    kind: str
    told_by: int
    when: UnixNs | None
    source: str
    by: str
    count: int = 1
    address: str = ""
    name: str = ""
    account: str = ""
    record: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A machine that may have been the source, with what says so. before: nanoseconds to the first sign."""

    machine: int
    evidence: tuple[Evidence, ...]
    strength: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From one machine to another.

    Attributes:
        alternatives: others that the logs name as well, the likelier first.
    """

    way: Way
    of: int
    to: int
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A contact before the first sign that accuses nobody, and why. between: all that may be meant."""

    to: int
    between: tuple[int, ...]
    why: Why
    doubt: Doubt | None
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """An address that reached machines before their first signs, and is of no machine compared."""

    address: str
    name: str
    reached: tuple[int, ...]


@dataclass(slots=True)
class _Case:
    """What is gathered for one machine."""

    accused: dict[int, list[tuple[Evidence, int, int]]]
    undecided: list[Undecided]
    outside: set[tuple[str, str]]


def infections(
    machines: Sequence[Machine], owners: Owners, clocks: Clocks
) -> tuple[tuple[Edge, ...], tuple[Undecided, ...], tuple[Outsider, ...]]:
    """Edges, contacts that accuse nobody, and addresses from outside."""
    cases: dict[int, _Case] = {
        place: _Case({}, [], set()) for place, one in enumerate(machines) if one.ran and one.first is not None
    }
    for place in cases:
        for contact in machines[place].contacts:
            if contact.reach is not Reach.CONNECTED:
                _came_in(cases[place], place, contact, machines, owners, clocks)
    for place, machine in enumerate(machines):
        if machine.ran and machine.first is not None:
            for contact in machine.contacts:
                if contact.reach is Reach.CONNECTED:
                    _went_out(cases, place, contact, machines, owners, clocks)
    edges, undecided, outside = [], [], defaultdict(set)
    for place, case in cases.items():
        edges += list(_edge(place, case, machines))
        undecided += _one_each(case.undecided)
        for who in case.outside:
            outside[who].add(place)
    strangers = tuple(Outsider(address=a, name=n, reached=tuple(sorted(p))) for (a, n), p in sorted(outside.items()))
    return tuple(edges), tuple(undecided), strangers


def _came_in(
    case: _Case, place: int, contact: Contact, machines: Sequence[Machine], owners: Owners, clocks: Clocks
) -> None:
    """A contact that the machine reached wrote down: by one clock with its first sign."""
    first = machines[place].first
    assert first is not None
    before = [when for when in contact.instants if first.when - HOUR <= when <= first.when]
    if not before:
        return
    owner = owners.owner(contact, place, clocks)
    told = _evidence(contact, place, owner.by)
    if owner.machine is None:
        suspects = tuple(one for one in owner.claimed if machines[one].ran and one != place)
        if suspects:
            case.undecided.append(
                Undecided(to=place, between=suspects, why=Why.WHOSE, doubt=owner.doubt, evidence=told)
            )
        elif not owner.claimed and contact.address:
            case.outside.add((contact.address, contact.name))
        return
    source = machines[owner.machine]
    if not source.ran or source.first is None:
        return
    ahead = clocks.between(owner.machine, place)
    if ahead is not None and source.first.when > max(before) - ahead.low:
        return  # nothing says that it was infected by then
    why = _doubt(source, machines[place])
    if why is None and (ahead is None or source.first.when > max(before) - ahead.high):
        why = Why.ORDER
    if why is not None:
        case.undecided.append(Undecided(to=place, between=(owner.machine,), why=why, doubt=None, evidence=told))
        return
    gap = first.when - max(before)
    strength = 1 if gap > NEAR or owner.by == "name" else 2
    case.accused.setdefault(owner.machine, []).append((told, strength, gap))


def _went_out(
    cases: dict[int, _Case], place: int, contact: Contact, machines: Sequence[Machine], owners: Owners, clocks: Clocks
) -> None:
    """A connection that the source wrote down itself: by one clock with its own first sign."""
    source = machines[place]
    assert source.first is not None
    owner = owners.owner(contact, place, clocks)
    if owner.machine is None or owner.machine not in cases:
        return
    target = machines[owner.machine]
    assert target.first is not None
    after = [when for when in contact.instants if when >= source.first.when]
    ahead = clocks.between(place, owner.machine)
    if not after or (ahead is None and not contact.own_program):
        return
    told = _evidence(contact, place, owner.by)
    case = cases[owner.machine]
    why = _doubt(source, target) or (Why.ORDER if ahead is None else None)
    if why is not None or ahead is None:
        case.undecided.append(
            Undecided(to=owner.machine, between=(place,), why=why or Why.ORDER, doubt=None, evidence=told)
        )
        return
    there = [when for when in after if target.first.when - HOUR <= when + ahead.low <= target.first.when]
    sure = [when for when in there if when + ahead.high <= target.first.when]
    if sure:
        gap = target.first.when - max(sure) - ahead.low
        strength = 1 if gap > NEAR else 3 if contact.own_program and gap <= AT_ONCE else 2
        case.accused.setdefault(place, []).append((told, strength, gap))
    elif there:
        case.undecided.append(Undecided(to=owner.machine, between=(place,), why=Why.CLOSE, doubt=None, evidence=told))


def _doubt(source: Machine, target: Machine) -> Why | None:
    """Signs whose time says little of when it came."""
    assert source.first is not None
    assert target.first is not None
    if source.unclear or target.unclear:
        return Why.ORDER
    late = target.first.kind not in CAME or target.first.confidence is Confidence.LOW
    return Why.LATE_SIGN if late or source.first.confidence is Confidence.LOW else None


def _edge(place: int, case: _Case, machines: Sequence[Machine]) -> Iterator[Edge]:
    candidates = sorted(map(_candidate, case.accused.items()), key=lambda one: (-one.strength, one.before, one.machine))
    if not candidates:
        return
    best, *others = candidates
    unsettled = any(one.between != (best.machine,) for one in case.undecided)
    tie = any(one.strength == best.strength for one in others) or (unsettled and best.strength < 3)
    told_twice = len({one.told_by for one in best.evidence}) > 1
    confidence = Confidence.LOW
    if not tie and best.strength > 1:
        confidence = Confidence.HIGH if best.strength == 3 or told_twice else Confidence.MEDIUM
    assert machines[place].state is not State.REMOTE
    yield Edge(
        way=Way.INFECTION,
        of=best.machine,
        to=place,
        confidence=confidence,
        evidence=best.evidence,
        alternatives=tuple(others),
    )


def _candidate(told: tuple[int, list[tuple[Evidence, int, int]]]) -> Candidate:
    machine, pieces = told
    return Candidate(
        machine=machine,
        evidence=tuple(evidence for evidence, _, _ in pieces),
        strength=max(strength for _, strength, _ in pieces),
        before=min(gap for _, _, gap in pieces),
    )


def _one_each(undecided: Sequence[Undecided]) -> list[Undecided]:
    """Of one kind between the same machines the one nearest to the first sign."""
    last: dict[tuple[object, ...], Undecided] = {}
    for one in undecided:
        last[one.between, one.why, one.doubt, one.evidence.kind] = one
    return list(last.values())


def _evidence(contact: Contact, told_by: int, by: str) -> Evidence:
    return Evidence(
        kind="own-program" if contact.own_program else contact.reach.value,
        told_by=told_by,
        when=contact.when,
        source=contact.source,
        by=by,
        count=contact.count,
        address=contact.address,
        name=contact.name,
        account=contact.account,
        record=contact.record,
    )
