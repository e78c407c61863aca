"""What the small generators over a hive share: the hive, where it lies, and how they speak."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from triage.detectors.known_traces import KnownTraces
from triage.formats.registry import Hive, Key
from triage.model import Confidence, Entry, Event, Fact, Finding, Json, Severity, UnixNs
from triage.times import from_filetime, from_unix, isoformat

Role = Literal["system", "software", "sam", "user", "classes", "amcache"]

DETECTOR = "registry"
BACKUP = "backup."
"""Begins the name of a fact from a hive that is not the one Windows uses (RegBack, Windows.old, restore points)."""

_ROLES: dict[str, Role] = {
    "system": "system",
    "software": "software",
    "sam": "sam",
    "default": "user",
    "ntuser.dat": "user",
    "ntuser.man": "user",
    "usrclass.dat": "classes",
    "amcache.hve": "amcache",
    "_registry_machine_system": "system",
    "_registry_machine_software": "software",
    "_registry_machine_sam": "sam",
    "_registry_user_.default": "user",
}
_RESTORED: dict[str, Role] = {"_registry_user_ntuser_": "user", "_registry_user_usrclass_": "classes"}
"""Begins the name of a person's hive in a restore point of Windows XP; the account's number follows."""
_LIVE = re.compile(
    r"(?:/.*)?/(?:windows|winnt)/(?:system32/config/(?:system|software|sam|default)|appcompat/programs/amcache\.hve"
    r"|serviceprofiles/[^/]+/ntuser\.dat)|(?:/.*)?/(?:users|documents and settings)/[^/]+/(?:ntuser\.(?:dat|man)"
    r"|(?:appdata/local|local settings/application data)/microsoft/windows/usrclass\.dat)"
)
_EARLIER = re.compile(r"/(?:windows\.old(?:\.\d+)?|\$windows\.~[a-z]+|system volume information|[^/]*backup[^/]*)/")
_CODE_MAX = 200
_LATEST = 1 << 63
"""First nanosecond that a case cannot hold; the year 2262."""


def is_hive(lower: str) -> bool:
    """A file of this name, in lower case, may be a hive."""
    return lower in _ROLES or lower.startswith(tuple(_RESTORED))


def role_of(name: str) -> Role | None:
    """What a file of this name is, if it is a hive."""
    lower = name.lower()
    return _ROLES.get(lower) or next((role for start, role in _RESTORED.items() if lower.startswith(start)), None)


def is_live(entry: Entry) -> bool:
    """The hive that this Windows uses, and no copy of it."""
    path = entry.path.lower()
    return entry.allocated and _LIVE.fullmatch(path) is not None and _EARLIER.search(path) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class HiveView:
    """An open hive as the generators see it.

    Attributes:
        control: the control set that Windows used last, of a SYSTEM hive.
        user: whose hive it is, empty where the path does not tell.
    """

    entry: Entry
    hive: Hive
    role: Role
    live: bool
    known: KnownTraces
    control: Key | None = None
    user: str = ""

    def key(self, path: str) -> Key | None:
        """A key of the hive; of the control set in a SYSTEM hive."""
        top = self.control if self.role == "system" else self.hive.root
        return top.key(path) if top else None

    def fact(self, name: str, value: str) -> Fact:
        """A property of the host, told apart where the hive is an older copy."""
        return Fact(detector=DETECTOR, entry=self.entry.id, name=name if self.live else f"{BACKUP}{name}", value=value)

    def event(self, what: str, when: UnixNs, **details: Json) -> Event:
        """Something that happened, as this hive tells it."""
        return Event(
            detector=DETECTOR,
            entry=self.entry.id,
            when=when,
            what=what,
            source=self.entry.name,
            details=details if self.live else {**details, "live": False},
        )

    def finding(
        self,
        title: str,
        severity: Severity,
        confidence: Confidence,
        family: str | None,
        indicator: str | None,
        attack: tuple[str, ...] = (),
        **details: Json,
    ) -> Finding:
        """A claim about this hive."""
        return Finding(
            detector=DETECTOR,
            entry=self.entry.id,
            severity=severity,
            confidence=confidence if self.entry.allocated else Confidence.LOW,
            title=title,
            family=family,
            indicator=indicator,
            attack=attack,
            details=details if self.live else {**details, "live": False},
        )


def coded(told: Mapping[str, str]) -> str:
    """One line of codes, `key=value; key=value`, without empty values; `outputs/facts.py` words it for people."""
    clean = {key: value.replace(";", ",").replace("|", "/")[:_CODE_MAX] for key, value in told.items()}
    return "; ".join(f"{key}={value}" for key, value in clean.items() if value)


def filetime(data: object) -> UnixNs | None:
    """The time in 8 bytes or a number; None for zero, what is no time, and what a case cannot hold."""
    if isinstance(data, bytes) and len(data) >= 8:
        data = int.from_bytes(data[:8], "little")
    if not isinstance(data, int) or data <= 0:
        return None
    return held(from_filetime(data))


def held(when: UnixNs | None) -> UnixNs | None:
    """A time that a case can hold, else None."""
    return when if when is not None and -_LATEST <= when < _LATEST else None


def unix_time(seconds: int | None) -> UnixNs | None:
    """The time in whole seconds; None for what a stopped clock leaves (before 2000)."""
    return from_unix(seconds) if seconds and seconds > 946_684_800 else None


def iso(when: UnixNs | None) -> str | None:
    """ISO 8601 in UTC, None for None."""
    return None if when is None else isoformat(when)
