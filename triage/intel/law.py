"""Law as dated data: `yara_rules/law.toml`, read strictly. What was in force on a day, and who was to be told.

Limits:
    A day is a day in Viet Nam (UTC+7). The file tells what its sources told when it was reviewed, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal, Protocol, TypeVar

from triage.intel.strict import load_toml
from triage.intel.words import Words

FILE: Final = "law.toml"

Sureness = Literal["high", "medium", "low"]

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")
_PHONE: Final = re.compile(r"[0-9.]{8,15}")


class Dated(Protocol):
    """Holds from a day until a day, both included; None has no end."""

    @property
    def since(self) -> date | None: ...

    @property
    def until(self) -> date | None: ...


Thing = TypeVar("Thing", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalDocument:
    """A law, decree, decision or circular.

    Attributes:
        doubt_from, doubt: from that day on its force has to be looked up, and why.
        basis: a covering letter cites it.
    """

    id: str
    number: str
    title: Words
    issued: date
    since: date
    source: str
    confidence: Sureness
    until: date | None = None
    doubt_from: date | None = None
    doubt: Words | None = None
    basis: bool = True

    def __post_init__(self) -> None:
        _ordered(self)
        if (self.doubt is None) != (self.doubt_from is None):
            raise ValueError(f"{self.id}: doubt and doubt_from belong together")

    def doubted(self, day: date) -> Words | None:
        """Why its force on that day has to be looked up, None where it has not."""
        return self.doubt if self.doubt_from is not None and day >= self.doubt_from else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """What has to be told within so many hours from detection, 0 being at once.

    Attributes:
        when: the kind of incident it holds for; whether this is one, only people can say.
    """

    id: str
    document: str
    article: str
    hours: int
    when: Words
    what: Words
    since: date
    confidence: Sureness
    until: date | None = None

    def __post_init__(self) -> None:
        _ordered(self)
        if self.hours < 0:
            raise ValueError(f"{self.id}: hours {self.hours}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An official form and the document it belongs to."""

    id: str
    number: str
    document: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who was to be told in a period; a local one only by those it serves."""

    id: str
    name: Words
    source: str
    confidence: Sureness
    since: date | None = None
    until: date | None = None
    local: bool = False

    def __post_init__(self) -> None:
        _ordered(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a recipient; an outdated one is kept so that nobody takes it for new.

    Attributes:
        seen: the day of its source.
    """

    recipient: str
    kind: Literal["email", "phone"]
    value: str
    seen: date
    source: str
    confidence: Sureness
    outdated: bool = False
    note: Words | None = None

    def __post_init__(self) -> None:
        if not (_EMAIL if self.kind == "email" else _PHONE).fullmatch(self.value):
            raise ValueError(f"{self.value!r} is no {self.kind}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeSending:
    """What somebody has to check before a paper goes out."""

    text: Words
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Everything the file tells. reviewed: the day its sources were last looked at."""

    reviewed: date
    document: tuple[LegalDocument, ...]
    deadline: tuple[Deadline, ...]
    form: tuple[Form, ...]
    recipient: tuple[Recipient, ...]
    contact: tuple[Contact, ...]
    check: tuple[BeforeSending, ...]

    def __post_init__(self) -> None:
        named_things = (self.document, self.deadline, self.form, self.recipient)
        for ids in ([row.id for row in rows] for rows in named_things):
            if len(ids) != len(set(ids)):
                raise ValueError(f"an id is given twice among {', '.join(ids)}")
        documents = {row.id for row in self.document}
        recipients = {row.id for row in self.recipient}
        named = ({row.document for row in self.deadline} | {row.document for row in self.form}) - documents
        if unknown := sorted(named | {row.recipient for row in self.contact} - recipients):
            raise ValueError(f"nothing has the id {', '.join(unknown)}")

    def find(self, document: str) -> LegalDocument:
        """The document of that id."""
        return next(row for row in self.document if row.id == document)

    def find_form(self, form: str) -> Form:
        """The form of that id."""
        return next(row for row in self.form if row.id == form)

    def contacts(self, recipient: str) -> tuple[Contact, ...]:
        """How to reach a recipient, outdated ones left out."""
        return tuple(row for row in self.contact if row.recipient == recipient and not row.outdated)


def in_force(things: Iterable[Thing], day: date) -> tuple[Thing, ...]:
    """Those that hold on a day, in their order."""
    return tuple(
        thing
        for thing in things
        if (thing.since is None or thing.since <= day) and (thing.until is None or day <= thing.until)
    )


def load_law(root: Path) -> Law:
    """The law of a folder of rules.

    Raises:
        RuleError: the file is missing or not as it must be.
    """
    return load_toml(root / FILE, Law)


def _ordered(thing: Dated) -> None:
    if thing.since is not None and thing.until is not None and thing.until < thing.since:
        raise ValueError(f"until {thing.until} is before since {thing.since}")
