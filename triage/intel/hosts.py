"""Hosts in indicator lists: what an address or name is worth, and whether it may be blocked."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_PORT = re.compile(r":\d{1,5}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHosts:
    """Hosts that lists give as malicious and that are something else.

    Attributes:
        kill_switches: a machine that asks for one is infected; a network that blocks one spreads the worm.
        tor_relays: addresses of the Tor network in 2017.
    """

    kill_switches: frozenset[str] = frozenset()
    tor_relays: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFault:
    """Why a host is not a plain indicator. keep: still an indicator; block: may be blocked."""

    kind: Literal["invalid", "weak", "legitimate"]
    why: str
    keep: bool = False
    block: bool = True


def host_fault(host: str, known: KnownHosts) -> HostFault | None:
    """What is wrong with a host of a list; None where nothing is.

    Args:
        host: lower case, a name or an address, perhaps with a port.
        known: what to compare it with.
    """
    bare = _PORT.sub("", host)
    if bare in known.kill_switches:
        return HostFault(kind="weak", why="kill switch: do not block", keep=True, block=False)
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        if re.fullmatch(r"[0-9.]+", bare) or not _NAME.fullmatch(bare):
            return HostFault(kind="invalid", why="neither an address nor a host name")
        return None
    if bare in known.tor_relays:
        return HostFault(kind="weak", why="a Tor relay: evidence of Tor, not of one malware", keep=True)
    if not address.is_global or address.is_multicast:
        return HostFault(kind="legitimate", why="a private, reserved or local address")
    return None
