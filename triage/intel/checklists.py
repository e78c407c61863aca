"""What people do next: `yara_rules/checklists/*.toml`, read strictly.

An item says when it applies by listing values of a few known traits, and nothing else: the data hold no program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Final, Literal, get_args, get_type_hints

from triage.intel.strict import load_toml
from triage.intel.words import Words

FOLDER: Final = "checklists"

Act = Literal["power-off", "restart", "start", "connect", "erase"]
"""What may do harm if done too early."""

YesNo = Literal["yes", "no"]

_PUBLISHED: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where advice or an order comes from. published: a year, a month or a day, as far as it is known."""

    key: str
    title: str
    published: str
    url: str = ""

    def __post_init__(self) -> None:
        if not _PUBLISHED.fullmatch(self.published):
            raise ValueError(f"{self.key}: published {self.published!r} is no year, month or day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Values that a machine must have: of every trait named here, one of those listed. An empty one always holds.

    Attributes:
        verdict: what the examination found.
        family: whose signs were found.
        running: the machine is switched on now.
        rebooted: Windows was started again after the encryption began.
        network: the machine is still connected.
        backup: there is a copy kept apart.
        backup_made: that copy was made before or after the attack began.
        live_keys: keys may still be in the memory of the malware's process.
        os_family: Windows by generation, a server under its client's name; 2003 includes XP x64.
        encryption: how far it got.
        resumes: the malware starts again with Windows.
        pending: at its next start Windows deletes originals that were moved away.
        drives: more than one fixed disk or partition.
        usb: a USB disk or stick was plugged in at some time.
        kill_switch: the traces show that its address was asked for.
        key_file: the private key, as it lies on the disk.
        locked: a volume is locked by BitLocker.
        examined: everything was looked at.
    """

    verdict: tuple[Literal["encrypted", "infected", "suspicious", "inconclusive", "nothing-found"], ...] = ()
    family: tuple[Literal["wannacry", "other", "none"], ...] = ()
    running: tuple[YesNo, ...] = ()
    rebooted: tuple[YesNo, ...] = ()
    network: tuple[YesNo, ...] = ()
    backup: tuple[YesNo, ...] = ()
    backup_made: tuple[Literal["before", "after"], ...] = ()
    live_keys: tuple[Literal["possible", "no"], ...] = ()
    os_family: tuple[Literal["xp", "2003", "vista", "7", "8", "10"], ...] = ()
    role: tuple[Literal["client", "server"], ...] = ()
    encryption: tuple[Literal["finished", "interrupted", "not-begun", "undetermined"], ...] = ()
    resumes: tuple[YesNo, ...] = ()
    pending: tuple[YesNo, ...] = ()
    drives: tuple[Literal["one", "several"], ...] = ()
    usb: tuple[YesNo, ...] = ()
    patch: tuple[Literal["patched", "vulnerable", "undetermined"], ...] = ()
    smb1: tuple[Literal["enabled", "disabled", "undetermined"], ...] = ()
    kill_switch: tuple[Literal["seen", "not-seen"], ...] = ()
    key_file: tuple[Literal["clear", "wrapped", "none"], ...] = ()
    locked: tuple[YesNo, ...] = ()
    examined: tuple[YesNo, ...] = ()


def _values() -> Mapping[str, tuple[str, ...]]:
    hints = get_type_hints(Condition)
    return {one.name: get_args(get_args(hints[one.name])[0]) for one in fields(Condition)}


TRAITS: Final = _values()
"""Every trait with the values it may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What no disk can answer. more: what is asked beside it (when, which)."""

    id: Literal["running", "network", "backup"]
    text: Words
    more: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A part of the list, done before the next."""

    id: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to do.

    Attributes:
        order: place in the list; a lower one is done first.
        stage: id of its part.
        text: what to do, as an order.
        why: one line; where public advice conflicts, the one that is followed and why.
        when: it applies if one of these holds; always where there is none.
        sure: it is left out unless its condition surely holds: doing it on the wrong machine does harm, or another
            item covers the doubt.
        does: acts that it orders.
        forbids: acts that must not be done before the item `until` is done, never where that is empty.
        shows: names of facts that are printed with it.
        source: keys of sources.
        reviewed: when a person last held it against its sources.
    """

    id: str
    order: int
    stage: str
    text: Words
    why: Words
    source: tuple[str, ...]
    reviewed: date
    confidence: Literal["high", "medium", "low"]
    when: tuple[Condition, ...] = ()
    sure: bool = False
    does: tuple[Act, ...] = ()
    forbids: tuple[Act, ...] = ()
    until: str = ""
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """`isolation.toml`.

    Attributes:
        labels: `trait.value` as the beginning of a sentence (`nếu máy đang chạy`), for what an answer may leave open.
    """

    id: str
    title: Words
    reviewed: date
    references: tuple[Source, ...]
    questions: tuple[Question, ...]
    stages: tuple[Stage, ...]
    labels: Mapping[str, Words]
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        _sourced(self.references, [(item.id, item.source) for item in self.items])
        stages = [stage.id for stage in self.stages]
        ids = [item.id for item in self.items]
        orders = [item.order for item in self.items]
        if orders != sorted(set(orders)):
            raise ValueError("items must stand in their order, each number once")
        if strange := sorted({item.stage for item in self.items} - set(stages)):
            raise ValueError(f"no stage {', '.join(strange)}")
        if [stages.index(item.stage) for item in self.items] != sorted(stages.index(item.stage) for item in self.items):
            raise ValueError("an item stands before an earlier stage")
        if [question.id for question in self.questions] != ["running", "network", "backup"]:
            raise ValueError("questions: there are three, running, network and backup")
        if strange := sorted({item.until for item in self.items if item.until} - set(ids)):
            raise ValueError(f"until: no item {', '.join(strange)}")
        known = {f"{trait}.{value}" for trait, values in TRAITS.items() for value in values}
        if strange := sorted(set(self.labels) - known):
            raise ValueError(f"labels: no trait and value {', '.join(strange)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A measure of the prevention list or a condition of going back to the network.

    Attributes:
        id: also the name of the check that answers it from the disk, where there is one.
        hand: how a person finds it out where the disk does not tell.
    """

    id: str
    text: Words
    why: Words
    hand: Words
    source: tuple[str, ...]
    reviewed: date
    confidence: Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """`prevention.toml`, `reconnection.toml`."""

    id: str
    title: Words
    reviewed: date
    references: tuple[Source, ...]
    items: tuple[Criterion, ...]
    notes: tuple[Words, ...] = field(default=())

    def __post_init__(self) -> None:
        _sourced(self.references, [(item.id, item.source) for item in self.items])


def _sourced(references: tuple[Source, ...], items: list[tuple[str, tuple[str, ...]]]) -> None:
    keys = [reference.key for reference in references]
    ids = [one for one, _ in items]
    if len(set(keys)) != len(keys) or len(set(ids)) != len(ids):
        raise ValueError("a reference or an item is there twice")
    for one, source in items:
        if not source or set(source) - set(keys):
            raise ValueError(f"{one}: source is not a [[references]]")


def load_checklist(root: Path) -> Checklist:
    """The isolation checklist under root.

    Raises:
        RuleError: `path: key: …`.
    """
    return load_toml(root / FOLDER / "isolation.toml", Checklist)


def load_criteria(root: Path, name: Literal["prevention", "reconnection"]) -> Criteria:
    """One of the two lists of criteria under root.

    Raises:
        RuleError: `path: key: …`.
    """
    return load_toml(root / FOLDER / f"{name}.toml", Criteria)
