"""Rules of Windows' firewall as the registry keeps them: one text each, `v2.10|Action=Allow|Dir=In|LPort=445|…`.

References:
    [MS-GPFAS] 2.2.2.19 "Firewall Rule Grammar".
    Microsoft, "Windows Firewall Tools and Settings" (Windows XP SP2), the lists of open ports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALL_PROFILES = ("domain", "private", "public")

_TCP = ("6", "256", "")
_KERNEL = ("", "system")
_OF_A_PROGRAM = ("svc", "apppkgid", "luown", "pfn", "ttk")
"""How fields begin that bind a rule to a service, an app or a use (`TTK2_27=WFDKmDriver`)."""
_NEUTRAL = (
    "action",
    "active",
    "dir",
    "protocol",
    "profile",
    "lport",
    "app",
    "name",
    "desc",
    "embedctxt",
    "edge",
    "defer",
)
"""How fields begin that do not narrow whom a rule meets."""
_OPEN_PORT = re.compile(r"(\d{1,5}):TCP:([^:]*):(Enabled|Disabled)(?::|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An active rule for what comes in by TCP.

    Attributes:
        action: `allow`, `block`, `bypass`, in lower case.
        ports: from and to, both included; empty for all.
        profiles: of ALL_PROFILES.
        remote: addresses it is limited to, as written; empty for all.
        narrowed: it meets only some of what comes in on its ports.
        kernel: it meets what no program but Windows itself answers, as file sharing.
    """

    action: str
    ports: tuple[tuple[int, int], ...]
    profiles: tuple[str, ...]
    remote: tuple[str, ...]
    narrowed: bool
    kernel: bool
    name: str

    def covers(self, port: int) -> bool:
        """It speaks of this port."""
        return self.kernel and (not self.ports or any(low <= port <= high for low, high in self.ports))


def parse_rule(text: str) -> Rule | None:
    """The rule; None where it is not active, or not of incoming TCP."""
    fields: dict[str, list[str]] = {}
    for part in text.split("|"):
        name, equals, data = part.partition("=")
        if equals:
            fields.setdefault(name.lower(), []).append(data.strip())

    def one(name: str) -> str:
        return fields.get(name, [""])[0]

    if one("active").lower() != "true" or one("dir").lower() != "in" or one("protocol") not in _TCP:
        return None
    given = [port for field, ports in fields.items() if field.startswith("lport") for port in ports]
    ports = tuple(span for span in map(_span, given) if span)
    named = tuple(profile for profile in ALL_PROFILES if profile in map(str.lower, fields.get("profile", ())))
    return Rule(
        action=one("action").lower(),
        ports=ports,
        profiles=named or ALL_PROFILES,
        remote=tuple(one for field in ("ra4", "ra42", "ra6", "ra62") for one in fields.get(field, ())),
        narrowed=not all(field.startswith(_NEUTRAL) for field in fields)
        or len(given) != len(ports)
        or len(named) < len(set(fields.get("profile", ()))),
        kernel=one("app").lower() in _KERNEL
        and not any(field.startswith(_OF_A_PROGRAM) for field in fields)
        and bool(ports or not given),
        name=one("name"),
    )


def parse_open_port(text: str, profile: str) -> Rule | None:
    """An open port of Windows XP and 2003, `445:TCP:LocalSubNet:Enabled:name`; None where it is not TCP or is off."""
    match = _OPEN_PORT.match(text)
    if match is None or match[3].lower() != "enabled":
        return None
    return _opened(int(match[1]), int(match[1]), profile, match[2])


def file_sharing(profile: str, remote: str) -> Rule:
    """What the old form of group policy opens for file and printer sharing."""
    return _opened(139, 445, profile, remote)


def _opened(low: int, high: int, profile: str, remote: str) -> Rule:
    limited = remote.strip() not in ("", "*")
    ports = tuple((port, port) for port in dict.fromkeys((low, high)))
    return Rule(
        action="allow",
        ports=ports,
        profiles=(profile,),
        remote=(remote.strip(),) if limited else (),
        narrowed=limited,
        kernel=True,
        name="",
    )


def _span(given: str) -> tuple[int, int] | None:
    """`445`, `135-139`; None for names as `RPC`."""
    low, dash, high = given.partition("-")
    if not _number(low) or (dash and not _number(high)):
        return None
    return int(low), int(high or low)


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5
