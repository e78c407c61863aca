"""Which items of the isolation checklist are for this machine, in order, and what each still depends on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from triage.analysis.machine import Traits
from triage.intel.checklists import Checklist, Condition, Item

_NAMES = tuple(one.name for one in fields(Condition))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item that is to be done.

    Attributes:
        depends: `trait.value` of what nobody knows yet; empty where the item surely applies. Several values of one
            trait stand together in one tuple.
        evidence: (name, value) of facts that are printed with it.
    """

    item: Item
    depends: tuple[tuple[str, ...], ...]
    evidence: tuple[tuple[str, str], ...]

    @property
    def certain(self) -> bool:
        """It applies whatever the open questions turn out to be."""
        return not self.depends


def choose(checklist: Checklist, traits: Traits, facts: Mapping[str, str]) -> tuple[Line, ...]:
    """The items that apply or may apply, in their order; one that does harm on the wrong machine only if it applies."""
    return tuple(_lines(checklist, traits, facts))


def _lines(checklist: Checklist, traits: Traits, facts: Mapping[str, str]) -> Iterator[Line]:
    for item in checklist.items:
        held = [open_ for open_ in (_open(one, traits) for one in item.when or (Condition(),)) if open_ is not None]
        if not held:
            continue
        depends = min(held, key=len)
        if depends and item.sure:
            continue
        evidence = tuple((name, facts[name]) for name in item.shows if facts.get(name))
        yield Line(item=item, depends=depends, evidence=evidence)


def _open(condition: Condition, traits: Traits) -> tuple[tuple[str, ...], ...] | None:
    """What the condition still depends on; None where it cannot hold."""
    depends = []
    for name in _NAMES:
        wanted: tuple[str, ...] = getattr(condition, name)
        if not wanted:
            continue
        met = [value for value in wanted if value in traits[name]]
        if not met:
            return None
        if not traits[name] <= set(wanted):
            depends.append(tuple(f"{name}.{value}" for value in met))
    return tuple(depends)


def conflicts(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """(item that forbids, act, item that does it too early): empty for every list that may be given to anybody."""
    place = {line.item.id: number for number, line in enumerate(lines)}
    return [
        (guard.item.id, act, line.item.id)
        for guard in lines
        for act in guard.item.forbids
        for number, line in enumerate(lines)
        if act in line.item.does and number < place.get(guard.item.until, len(lines))
    ]
