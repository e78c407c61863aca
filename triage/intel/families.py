"""Malware families: a family is a folder `yara_rules/families/<id>/`, and adding one needs no code.

`family.toml` names the indicators and the harmless fakes that prove them, `hashes.csv` the known files,
`<id>.yar` the rules. The dataclasses here and in `traits.py` are the schema: a key they do not name is refused.

An indicator says what it is (its role); how much that weighs is set once, in the detector.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from triage.errors import RuleError
from triage.intel.fakes import Fake
from triage.intel.hashes import KnownFile, load_hashes
from triage.intel.patterns import compile_place, translate
from triage.intel.strict import load_toml
from triage.intel.traits import PeTrait, RegistryTrait, ServiceTrait

NameRole = Literal[
    "note", "note-like", "component", "key", "state", "script", "message", "temp", "folder", "trace", "common"
]
"""What carries the name; `common`: legitimate programs use the name too, it says something only in its place;
`note-like`: a pattern that ordinary names fit as well."""

_FORBIDDEN_IN_ID = re.compile(r"[^a-z0-9-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameException:
    """Where an indicator does not count, and why. path: a place pattern."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameIndicator:
    """A file or folder name.

    Attributes:
        id: unique in its family.
        pattern: of the last part of the path (`intel/patterns.py`).
        where: place patterns; empty where the name counts everywhere.
        elsewhere: what the name says outside `where`: `note` it as information, or `ignore` it.
        hidden: counts only with the hidden attribute set.
        exact_case: upper and lower case count; for names that Windows software writes in one way only.
    """

    id: str
    pattern: str
    role: NameRole
    source: tuple[str, ...]
    kind: Literal["file", "folder", "any"] = "file"
    where: tuple[str, ...] = ()
    elsewhere: Literal["note", "ignore"] = "note"
    hidden: bool = False
    exact_case: bool = False
    attack: tuple[str, ...] = ()
    exceptions: tuple[NameException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An extension that the family adds to a victim's files, with its dot."""

    extension: str
    meaning: Literal["encrypted", "staged", "temporary", "older"]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A mark at a fixed place of an encrypted file. offset: bytes, negative from the end."""

    hex: str
    source: tuple[str, ...]
    offset: int = 0

    def __post_init__(self) -> None:
        if len(self.mark) < 4:
            raise ValueError("hex: a mark needs at least 4 bytes")

    @property
    def mark(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A Bitcoin address that notes of the family name."""

    address: str
    source: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A host name the family talks to.

    Attributes:
        block: False for a kill switch: machines must be able to reach it, a hit says that one is infected.
    """

    name: str
    block: bool
    source: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where a fact comes from; indicators name it by its key."""

    key: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family, as its folder tells it."""

    id: str
    name: str
    reviewed: date
    status: Literal["active", "dormant", "ended"]
    references: tuple[Reference, ...]
    fakes: tuple[Fake, ...]
    hashes: tuple[KnownFile, ...] = ()
    folder: Path
    aliases: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    summary: str = ""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    names: tuple[NameIndicator, ...] = ()
    extensions: tuple[Extension, ...] = ()
    headers: tuple[Header, ...] = ()
    pe: tuple[PeTrait, ...] = ()
    services: tuple[ServiceTrait, ...] = ()
    registry: tuple[RegistryTrait, ...] = ()
    wallets: tuple[Wallet, ...] = ()
    domains: tuple[Domain, ...] = ()
    onions: tuple[Domain, ...] = ()

    def __post_init__(self) -> None:
        if not self.references:
            raise ValueError("a family needs at least one [[references]]")
        if not self.fakes:
            raise ValueError("a family without a [[fakes]] to prove it is not loaded")
        if self.id != self.folder.name or _FORBIDDEN_IN_ID.search(self.id):
            raise ValueError(f"id {self.id!r} is not the folder's name in lower-case letters, digits and hyphens")
        self._check_sources()
        self._check_patterns()

    def _check_sources(self) -> None:
        keys = [reference.key for reference in self.references]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"reference {', '.join(twice)} is there twice")
        kinds = (
            "names",
            "extensions",
            "headers",
            "pe",
            "services",
            "registry",
            "wallets",
            "domains",
            "onions",
            "hashes",
        )
        for kind in kinds:
            for indicator in getattr(self, kind):
                if not indicator.source or (unknown := sorted(set(indicator.source) - set(keys))):
                    missing = ", ".join(unknown) if indicator.source else "none given"
                    raise ValueError(f"{kind}: {indicator!r:.120}: source is not a [[references]]: {missing}")

    def _check_patterns(self) -> None:
        ids = [indicator.id for kind in (self.names, self.pe, self.services, self.registry) for indicator in kind]
        if twice := sorted({key for key in ids if ids.count(key) > 1}):
            raise ValueError(f"indicator id {', '.join(twice)} is there twice")
        for extension in self.extensions:
            if not re.fullmatch(r"\.[^./]+", extension.extension):
                raise ValueError(f"extensions: {extension.extension!r} is not one extension with its dot")
        for name in self.names:
            try:
                re.compile(translate(name.pattern, self.placeholders, name.exact_case))
                for place in (*name.where, *(e.path for e in name.exceptions)):
                    compile_place(place, self.placeholders)
            except (ValueError, re.error) as error:
                raise ValueError(f"names: {name.id}: {error}") from error
        for service in self.services:
            self._prove(service.id, {service.name: service.image}, {service.fake.name: service.fake.image})
        for trait in self.registry:
            self._prove(trait.id, trait.values, trait.fake)

    def _prove(self, what: str, wanted: Mapping[str, str], fake: Mapping[str, str]) -> None:
        """Every pattern of a name and of its data must be met by the fake."""
        for pattern, data in wanted.items():
            try:
                named = re.compile(translate(pattern, self.placeholders), re.DOTALL)
                shaped = re.compile(data, re.IGNORECASE)
            except (ValueError, re.error) as error:
                raise ValueError(f"{what}: {error}") from error
            if not any(named.fullmatch(name.lower()) and shaped.search(value) for name, value in fake.items()):
                raise ValueError(f"{what}: {pattern!r} does not find its own fake")


def load_families(root: Path) -> tuple[Family, ...]:
    """Every family under `root/families`, by id.

    Raises:
        RuleError: a family is wrong, or there is none.
    """
    families = tuple(load_family(path) for path in sorted((root / "families").glob("*/family.toml")))
    if not families:
        raise RuleError(f"{root / 'families'}: no family found; reinstall triage")
    return families


def load_family(path: Path) -> Family:
    """One `family.toml` with the `hashes.csv` beside it.

    Raises:
        RuleError: `path: key: …`.
    """
    table = path.parent / "hashes.csv"
    return load_toml(path, Family, hashes=load_hashes(table) if table.exists() else (), folder=path.parent)
