"""Who reports: the organisation's profile `to-chuc.toml`, read strictly. What is unknown stays empty, never guessed."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from triage.intel.strict import load_toml

FILE: Final = "to-chuc.toml"

_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 .()/-]{6,30}")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom to call."""

    name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""

    def __post_init__(self) -> None:
        _one_line(self)
        _check_reach(self.phone, self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An information system. addresses: of the Internet, the forms want no internal ones."""

    name: str = ""
    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _one_line(self)
        for domain in self.domains:
            if not _DOMAIN.fullmatch(domain.lower()):
                raise ValueError(f"{domain!r} is no domain name")
        for address in self.addresses:
            check_internet(address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An office as its papers name it; empty texts are unknown.

    Attributes:
        operator: đơn vị vận hành hệ thống thông tin.
        managing_body: cơ quan chủ quản, also printed above the name.
        level: of the information system, 1 to 5; 0 is unknown.
        place: for the line of the date (`Lạng Sơn`).
        symbol: of the office in the number of a paper (`STC`).
        signatory_titles: one a line (`KT. GIÁM ĐỐC`, `PHÓ GIÁM ĐỐC`).
        send_to: whom papers go to, in place of what the law names.
        copies_to: nơi nhận.
    """

    name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    operator: str = ""
    managing_body: str = ""
    level: int = 0
    security_provider: str = ""
    internet_provider: str = ""
    place: str = ""
    symbol: str = ""
    signatory_titles: tuple[str, ...] = ()
    signatory_name: str = ""
    send_to: tuple[str, ...] = ()
    copies_to: tuple[str, ...] = ()
    contact: Person = field(default_factory=Person)
    system: tuple[System, ...] = ()

    def __post_init__(self) -> None:
        _one_line(self)
        _check_reach(self.phone, self.email)
        if self.level not in range(6):
            raise ValueError(f"level {self.level}: give 1 to 5, or 0 where it is unknown")


def load_organisation(path: Path) -> Organisation:
    """A profile.

    Raises:
        RuleError: the file cannot be read, or holds what it must not.
    """
    return load_toml(path, Organisation)


def to_toml(organisation: Organisation) -> str:
    """The profile as a file that `load_organisation` reads; empty keys are kept, to be filled in later."""
    plain = [f"{item.name} = {_toml(getattr(organisation, item.name))}" for item in fields(organisation)[:-2]]
    person = [f"{item.name} = {_toml(getattr(organisation.contact, item.name))}" for item in fields(Person)]
    tables = [
        line
        for system in organisation.system or (System(),)
        for line in (
            "",
            "[[system]]",
            *(f"{item.name} = {_toml(getattr(system, item.name))}" for item in fields(System)),
        )
    ]
    return "\n".join([*plain, "", "[contact]", *person, *tables, ""])


def check_email(text: str) -> str:
    """The text, where it is an address of mail or empty.

    Raises:
        ValueError: it is not.
    """
    if text and not _EMAIL.fullmatch(text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


def check_phone(text: str) -> str:
    """The text, where it is a phone number or empty.

    Raises:
        ValueError: it is not.
    """
    if text and not (_PHONE.fullmatch(text) and 8 <= sum(map(str.isdecimal, text)) <= 24):
        raise ValueError(f"{text!r} is no phone number")
    return text


def check_internet(text: str) -> str:
    """The text, where it is an address of the Internet.

    Raises:
        ValueError: it is none, or an internal one.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"{text!r} is no IP address") from None
    if not address.is_global:
        raise ValueError(f"{text} is no address of the Internet: internal addresses are left out of the forms")
    return text


def _check_reach(phone: str, email: str) -> None:
    check_phone(phone)
    check_email(email)


def _one_line(record: object) -> None:
    """No text of a profile holds a control character, a line feed or stray spaces."""
    for item in fields(record):  # type: ignore[arg-type]  # only dataclasses come here
        value = getattr(record, item.name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and (not (text.isprintable() or not text) or text != text.strip()):
                raise ValueError(f"{item.name}: {text!r} holds a control character or begins or ends with a space")


def _toml(value: object) -> str:
    match value:
        case int():
            return str(value)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
