"""What a redacted copy keeps readable: `yara_rules/public_names.toml`, read strictly, and the families' own names."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path

from triage.intel.families import Family, Reference
from triage.intel.name_index import NameIndex
from triage.intel.strict import load_toml

FILE = "public_names.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicList:
    """The file as it stands. Every list is in lower case; what each is for stands beside it."""

    reviewed: datetime.date
    note: str
    references: tuple[Reference, ...]
    system_roots: tuple[str, ...]
    again: tuple[str, ...]
    people: tuple[str, ...]
    bins: tuple[str, ...]
    profiles: tuple[str, ...]
    root_files: tuple[str, ...]
    files: tuple[str, ...]
    folders: tuple[str, ...]
    accounts: tuple[str, ...]
    streams: tuple[str, ...]
    extensions: tuple[str, ...]
    documents: tuple[str, ...]
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.references:
            raise ValueError("a list needs at least one [[references]]")
        for one in fields(self):
            rows = getattr(self, one.name)
            if isinstance(rows, tuple) and (
                loud := [row for row in rows if isinstance(row, str) and row != row.casefold()]
            ):
                raise ValueError(f"{one.name}: {loud[0]!r} must be in lower case")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNames:
    """The same, for looking up; every question is asked in lower case.

    Attributes:
        marks: extensions that ransomware adds, without their dot.
        hosts: names of the Internet that the families know.
    """

    system_roots: frozenset[str]
    again: frozenset[str]
    people: frozenset[str]
    bins: frozenset[str]
    profiles: frozenset[str]
    root_files: frozenset[str]
    files: frozenset[str]
    folders: frozenset[str]
    accounts: frozenset[str]
    streams: frozenset[str]
    extensions: frozenset[str]
    documents: frozenset[str]
    words: frozenset[str]
    marks: frozenset[str]
    hosts: frozenset[str]
    index: NameIndex = field(repr=False)

    def is_malware(self, name: str) -> bool:
        """A family calls a file of its own so; a document with a family's extension is no such file."""
        known = self.index.find(name)
        return known is not None and known.role != "extension"


def load_public_names(root: Path, families: Iterable[Family]) -> PublicNames:
    """The list of a rules folder, with what its families call their own.

    Raises:
        RuleError: `path: key: …`.
    """
    told, families = load_toml(root / FILE, PublicList), tuple(families)
    lists = {
        one.name: frozenset(getattr(told, one.name))
        for one in fields(told)
        if one.name not in ("reviewed", "note", "references")
    }
    marks = frozenset(one.extension.lstrip(".").lower() for family in families for one in family.extensions)
    hosts = frozenset(one.name for family in families for one in (*family.domains, *family.onions))
    return PublicNames(**lists, marks=marks, hosts=hosts, index=NameIndex(families))
