"""What the machines of an outbreak have in common, and which of them are odd: another wallet, build or kill switch.

Limits:
    One machine's malware takes one of three wallets by chance: wallets that one family's data name together are one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from triage.analysis.spread_records import Machine
from triage.analysis.spread_traits import BUILD, KEY, KINDS, TAG, WALLET
from triage.intel.families import Family

UNKNOWN_WALLET: Final = "unknown wallet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Machines that carry one value of a trait; values: what was met, in words of the data."""

    value: str
    values: tuple[str, ...]
    machines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One kind of indicator.

    Attributes:
        subject: what is told apart within the kind (a program's name), empty where there is one only.
        common: what more than half of those carry that carry any.
        odd: what the others carry; where nothing is common every value.
        told: how many machines carry any.
    """

    kind: str
    subject: str
    common: tuple[Group, ...]
    odd: tuple[Group, ...]
    told: int


def wallets_of(families: Iterable[Family]) -> Mapping[str, str]:
    """Address to the variant it was seen with: family, and the note of its data."""
    return {
        wallet.address: f"{family.id}: {wallet.note}" if wallet.note else family.id
        for family in families
        for wallet in family.wallets
    }


def traits(machines: Sequence[Machine], wallets: Mapping[str, str]) -> tuple[Trait, ...]:
    """Every kind that two machines tell of, and the foreign and shared things of any one."""
    found: dict[tuple[str, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    words: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for place, machine in enumerate(machines):
        for kind, values in machine.traits.items():
            for told in values:
                subject, value = told.split(" ", 1) if kind == BUILD and " " in told else ("", told)
                for one in value.split() if kind == WALLET else (value,):
                    group = wallets.get(one, f"{UNKNOWN_WALLET} {one}") if kind == WALLET else one
                    found[kind, subject][group].add(place)
                    words[kind, subject, group].add(one)
    every = []
    for kind, subject in sorted(found, key=lambda key: (KINDS.index(key[0]), key[1])):
        groups = [
            Group(value=value, values=tuple(sorted(words[kind, subject, value])), machines=tuple(sorted(places)))
            for value, places in found[kind, subject].items()
        ]
        if trait := _trait(kind, subject, groups):
            every.append(trait)
    return tuple(every)


def _trait(kind: str, subject: str, groups: Sequence[Group]) -> Trait | None:
    told = len({place for group in groups for place in group.machines})
    ordered = sorted(groups, key=lambda group: (-len(group.machines), group.value))
    if kind == KEY:  # every victim has its own: what two share is odd
        shared = tuple(group for group in ordered if len(group.machines) > 1)
        return Trait(kind=kind, subject=subject, common=(), odd=shared, told=told) if shared else None
    if kind == TAG:  # a name of another computer is odd however many have one
        usual = [group for group in ordered if group.value == "own"]
    else:
        usual = [group for group in ordered if 2 * len(group.machines) > told]
    odd = tuple(group for group in ordered if group not in usual)
    return Trait(kind=kind, subject=subject, common=tuple(usual), odd=odd, told=told)


def odd_machines(every: Iterable[Trait]) -> Mapping[int, tuple[str, ...]]:
    """Kinds in which a machine is odd: it carries nothing that is common there."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for trait in every:
        usual = {place for group in trait.common for place in group.machines}
        for group in trait.odd:
            for place in group.machines:
                if trait.kind in (KEY, TAG) or (trait.common and place not in usual):
                    found[place][trait.kind] += 1
    return {place: tuple(kind for kind in KINDS if kinds[kind]) for place, kinds in found.items()}
