"""What network devices can see of the worm: `yara_rules/network.toml`, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from triage.intel.families import Reference
from triage.intel.strict import load_toml

FILE: Final = "network.toml"
LOCAL_SIDS: Final = range(1_000_000, 2_000_000)
"""Left to local rules by the keepers of the SID register."""

_MESSAGE = re.compile(r"[A-Za-z0-9 ,._-]+")
_BIT = re.compile(r"[a-z]+(?:\.[a-z]+)*")
_CVE = re.compile(r"\d{4}-\d{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Ports of one protocol that the worm, or what it rests on, uses."""

    name: str
    protocol: Literal["tcp", "udp"]
    ports: tuple[int, ...]
    source: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.ports or not all(0 < port < 65536 for port in self.ports):
            raise ValueError("ports must be numbers from 1 to 65535")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Bytes at a fixed place of a TCP payload. offset: bytes from its start; hex: blanks are ignored."""

    offset: int
    hex: str

    def __post_init__(self) -> None:
        if self.offset < 0 or not self.bytes:
            raise ValueError("a mark needs bytes, and an offset from the start")

    @property
    def bytes(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One packet of an attack over SMB.

    Attributes:
        sid: the rule's number in Snort and Suricata.
        message: plain ASCII without what rules would have to escape.
        toward: which side of the connection receives the packet.
        kind: a class of the `classification.config` that both engines ship.
        priority: 1 is the most urgent.
        sets, needs: a mark left on the connection; a signature with `needs` counts only after the one that `sets` it.
    """

    id: str
    sid: int
    message: str
    toward: Literal["server", "client"]
    kind: Literal["attempted-admin", "attempted-recon", "trojan-activity"]
    priority: int
    marks: tuple[Mark, ...]
    source: tuple[str, ...]
    sets: str = ""
    needs: str = ""
    cve: str = ""

    def __post_init__(self) -> None:
        if self.sid not in LOCAL_SIDS:
            raise ValueError(f"sid {self.sid} is not in the range of local rules, 1000000 to 1999999")
        if not _MESSAGE.fullmatch(self.message):
            raise ValueError(f"message {self.message!r} holds what a rule would have to escape")
        if any(bit and not _BIT.fullmatch(bit) for bit in (self.sets, self.needs)):
            raise ValueError("sets, needs: lower-case letters and dots")
        if self.cve and not _CVE.fullmatch(self.cve):
            raise ValueError(f"cve {self.cve!r} is not like 2017-0144")
        if not self.marks:
            raise ValueError("a signature needs at least one mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """All that `network.toml` says. reviewed: a person looked at it on this day."""

    reviewed: date
    references: tuple[Reference, ...]
    services: tuple[Service, ...]
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        keys = {reference.key for reference in self.references}
        sources = [*(one.source for one in self.services), *(one.source for one in self.signatures)]
        if wrong := [source for source in sources if not source or not keys.issuperset(source)]:
            raise ValueError(f"source is not a [[references]]: {', '.join(wrong[0]) or 'none given'}")
        for what in ("sid", "id"):
            taken = [getattr(one, what) for one in self.signatures]
            if twice := sorted({value for value in taken if taken.count(value) > 1}):
                raise ValueError(f"signatures: {what} {twice[0]} is there twice")
        if lost := {one.needs for one in self.signatures} - {one.sets for one in self.signatures} - {""}:
            raise ValueError(f"signatures: nothing sets {', '.join(sorted(lost))}")

    def ports(self, protocol: Literal["tcp", "udp"]) -> tuple[int, ...]:
        """Every port of the protocol, in order."""
        return tuple(sorted(port for one in self.services if one.protocol == protocol for port in one.ports))

    def urls(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """The addresses of the references named, without `https://`; a reference may have none."""
        known = {reference.key: reference.url for reference in self.references}
        return tuple(known[key].partition("://")[2] for key in keys if known[key])


def load_network(root: Path) -> Network:
    """The network knowledge under `root`.

    Raises:
        RuleError: `path: key: …`.
    """
    return load_toml(root / FILE, Network)
