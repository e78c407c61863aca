"""Files that were encrypted over the network, and the machine that their traces point to.

What points: shortcuts of the malware that keep the name of the machine they were made on; and who was logged on over
the network while the files were written.

Limits:
    Who was logged on may have had nothing to do with it; a shortcut may have been copied. Both are evidence, no proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from triage.analysis.spread_clocks import Clocks
from triage.analysis.spread_edges import HOUR, Candidate, Edge, Evidence, Undecided, Way, Why
from triage.analysis.spread_owners import Owners
from triage.analysis.spread_records import Machine, Pointer, Reach, State
from triage.model import Confidence, UnixNs

POINTER: Final = "shortcut-made-there"
_MADE_THERE, _LOGGED_ON = 2, 1
"""Whoever is logged on may only have worked there; the malware's shortcut was made by the malware."""
_BEFORE: Final = 12 * HOUR
"""A share stays connected from the morning on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A machine whose files were encrypted from elsewhere.

    Attributes:
        certain: how sure it is that nothing of the malware ran there; None where it ran there as well.
        source: the edge to it, None where nothing points to one machine.
        outside: names that shortcuts carry, of no machine compared.
    """

    machine: int
    files: int
    first: UnixNs | None
    last: UnixNs | None
    certain: Confidence | None
    source: Edge | None
    outside: tuple[str, ...]


def shares(
    machines: Sequence[Machine], owners: Owners, clocks: Clocks
) -> tuple[tuple[Share, ...], tuple[Edge, ...], tuple[Undecided, ...]]:
    """Every such machine, the edges to them, and what could not be decided."""
    found: list[Share] = []
    edges: list[Edge] = []
    undecided: list[Undecided] = []
    for place, machine in enumerate(machines):
        foreign = [one for one in machine.pointers if not _own(one, machine)]
        if machine.state is not State.REMOTE and not foreign:
            continue
        edge = _edge(place, list(_candidates(place, machines, owners, clocks, foreign, undecided)))
        if edge:
            edges.append(edge)
        outside = sorted({one.name for one in foreign if not owners.named(one.name).claimed})
        here = machine.encryption
        found.append(
            Share(
                machine=place,
                files=here.files,
                first=here.first,
                last=here.last,
                certain=machine.remote_confidence,
                source=edge,
                outside=tuple(outside),
            )
        )
    return tuple(found), tuple(edges), tuple(undecided)


def _own(pointer: Pointer, machine: Machine) -> bool:
    return any(pointer.name[:15] == host[:15] for host in machine.hosts)


def _candidates(
    place: int,
    machines: Sequence[Machine],
    owners: Owners,
    clocks: Clocks,
    foreign: Sequence[Pointer],
    undecided: list[Undecided],
) -> Iterator[Candidate]:
    pieces: dict[int, list[tuple[Evidence, int]]] = {}
    for name, count in sorted(Counter(one.name for one in foreign).items()):
        owner = owners.named(name)
        example = next(one for one in foreign if one.name == name)
        told = Evidence(
            kind=POINTER, told_by=place, when=example.when, source=example.path, by="name", count=count, name=name
        )
        if owner.machine is not None and machines[owner.machine].ran:
            pieces.setdefault(owner.machine, []).append((told, _MADE_THERE))
        elif owner.claimed:
            undecided.append(
                Undecided(to=place, between=owner.claimed, why=Why.WHOSE, doubt=owner.doubt, evidence=told)
            )
    if machines[place].state is State.REMOTE:
        for source, evidence in _logged_on(place, machines, owners, clocks, undecided):
            pieces.setdefault(source, []).append((evidence, _LOGGED_ON))
    for source, every in sorted(pieces.items()):
        yield Candidate(
            machine=source,
            evidence=tuple(evidence for evidence, _ in every),
            strength=max(strength for _, strength in every),
            before=-len(every),
        )


def _logged_on(
    place: int, machines: Sequence[Machine], owners: Owners, clocks: Clocks, undecided: list[Undecided]
) -> Iterator[tuple[int, Evidence]]:
    """Infected machines that were logged on while the files were written."""
    machine = machines[place]
    begin, end = machine.encryption.first, machine.encryption.last
    if begin is None or end is None or machine.unclear:
        return
    told: dict[int, Evidence] = {}
    doubts: dict[tuple[int, ...], Undecided] = {}
    for contact in machine.contacts:
        if contact.reach is Reach.CONNECTED or not begin - _BEFORE <= contact.when <= end:
            continue
        owner = owners.owner(contact, place, clocks)
        evidence = Evidence(
            kind=contact.reach.value,
            told_by=place,
            when=contact.when,
            source=contact.source,
            by=owner.by,
            count=contact.count,
            address=contact.address,
            name=contact.name,
            account=contact.account,
            record=contact.record,
        )
        suspects = tuple(one for one in owner.claimed if machines[one].ran)
        if owner.machine is None:
            if suspects:
                doubts[suspects] = Undecided(
                    to=place, between=suspects, why=Why.WHOSE, doubt=owner.doubt, evidence=evidence
                )
            continue
        source = machines[owner.machine]
        if not source.ran or source.first is None:
            continue
        ahead = clocks.between(owner.machine, place)
        late = source.unclear or source.first.confidence is Confidence.LOW
        if ahead is None or late or begin - ahead.high < source.first.when <= begin - ahead.low:
            why = Why.LATE_SIGN if late else Why.ORDER
            doubts[owner.machine,] = Undecided(
                to=place, between=(owner.machine,), why=why, doubt=None, evidence=evidence
            )
        elif source.first.when <= begin - ahead.high and source.encryption.files:
            told[owner.machine] = evidence  # the last before or while
    undecided.extend(doubts.values())
    yield from sorted(told.items())


def _edge(place: int, candidates: Sequence[Candidate]) -> Edge | None:
    if not candidates:
        return None
    best, *others = sorted(candidates, key=lambda one: (-one.strength, one.before, one.machine))
    alone = all(one.strength < best.strength for one in others)
    # a shortcut tells a name, and a machine that was not examined may have the same
    confidence = Confidence.MEDIUM if alone and best.strength == _MADE_THERE else Confidence.LOW
    return Edge(
        way=Way.SHARE,
        of=best.machine,
        to=place,
        confidence=confidence,
        evidence=best.evidence,
        alternatives=tuple(others),
    )
