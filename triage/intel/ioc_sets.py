"""Named, dated indicator sets: `yara_rules/ioc_sets/<id>/set.toml`.

A set is somebody's publication, kept as it was published: each row says whether it was read, inferred or could not
be read, and what the publication held that is not known as text is listed as missing.
"""

from __future__ import annotations

import datetime
import ipaddress
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from triage.intel.families import Reference
from triage.intel.strict import load_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """One row of addresses.

    Attributes:
        row: number in the publication, from 1.
        address: IPv4 or IPv6 as text; empty only where the row could not be read.
        port: as another public list gives it; None where none does.
        reading: `read` in a text copy, `inferred` from the list's order and count, or `unreadable`.
    """

    row: int
    reading: Literal["read", "inferred", "unreadable"]
    address: str = ""
    port: int | None = None

    def __post_init__(self) -> None:
        if bool(self.address) == (self.reading == "unreadable"):
            raise ValueError("a row has an address unless it is unreadable")
        if self.address:
            ipaddress.ip_address(self.address)
        if self.port is not None and not 0 < self.port < 65536:
            raise ValueError(f"port {self.port} is not between 1 and 65535")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Part of the publication that is not known as text."""

    what: str
    count: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IocSet:
    """One publication.

    Attributes:
        title: as published, in its own language, NFC.
        nature: what the addresses are: the malware's own servers, or relays of the Tor network that anyone uses.
        weight: what a hit is worth by itself; `low` never gives more than a hint.
        valid_from, valid_until: when a hit means something, as the addresses have changed hands since.
        note: what the reader of a hit must know.
    """

    id: str
    title: str
    issuer: str
    date: datetime.date
    weight: Literal["high", "medium", "low"]
    references: tuple[Reference, ...]
    note: str
    folder: Path
    nature: Literal["servers", "tor-relays"]
    families: tuple[str, ...] = ()
    valid_from: datetime.date | None = None
    valid_until: datetime.date | None = None
    addresses: tuple[AddressRow, ...] = ()
    missing: tuple[Missing, ...] = ()

    def __post_init__(self) -> None:
        if self.id != self.folder.name:
            raise ValueError(f"id {self.id!r} is not the folder's name {self.folder.name!r}")
        if not self.references:
            raise ValueError("a set needs at least one [[references]]")
        if not unicodedata.is_normalized("NFC", self.title + self.note):
            raise ValueError("title and note must be NFC")
        if [row.row for row in self.addresses] != list(range(1, len(self.addresses) + 1)):
            raise ValueError("addresses: rows must be numbered from 1 without a gap")


def load_ioc_sets(root: Path) -> tuple[IocSet, ...]:
    """Every set under `root/ioc_sets`, by id.

    Raises:
        RuleError: `path: key: …`.
    """
    return tuple(load_toml(path, IocSet, folder=path.parent) for path in sorted((root / "ioc_sets").glob("*/set.toml")))
