"""What every block list is made from: the shipped knowledge, and what its reader asked for.

A kill switch is never among what is blocked; knowledge that would block one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from triage.errors import RuleError, UsageError
from triage.intel.families import Family
from triage.intel.hashes import KnownFile
from triage.intel.ioc_sets import AddressRow, IocSet
from triage.intel.network import Network

Address = IPv4Address | IPv6Address
Segment = IPv4Network | IPv6Network

_KILL_SWITCH_SIDS: Final = 1_017_100
_BLOCKED_SIDS: Final = 1_017_200
_GROUP_SIDS: Final = 1_017_300


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A name of a family.

    Attributes:
        urls: where the name is told, without `https://`.
        sid: of the IDS rule that tells a question for it; 0 where another name's rule does.
    """

    name: str
    family: str
    note: str
    urls: tuple[str, ...] = ()
    sid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The addresses of one publication. block: drop them, else only log or list them."""

    origin: IocSet
    block: bool
    sid: int

    @property
    def rows(self) -> tuple[AddressRow, ...]:
        """The rows whose address is known."""
        return tuple(row for row in self.origin.addresses if row.address)

    def of_version(self, version: int) -> tuple[AddressRow, ...]:
        """The rows with an address of IP version 4 or 6."""
        return tuple(row for row in self.rows if ip_address(row.address).version == version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes into the lists.

    Attributes:
        kill_switches: names that must resolve and answer on TCP 80.
        blocked: names that nobody needs.
        groups: published addresses.
        files: (family id, known file); legitimate files that count only in their place are not among them.
        families: (id, day a person last looked at it).
        sinkhole: the machine that answers for the kill switches; None where there is none yet.
        segments: the networks SMB must not leave; empty where nothing is known of them.
    """

    kill_switches: tuple[Host, ...]
    blocked: tuple[Host, ...]
    groups: tuple[Group, ...]
    files: tuple[tuple[str, KnownFile], ...]
    families: tuple[tuple[str, date], ...]
    network: Network
    sinkhole: Address | None = None
    segments: tuple[Segment, ...] = ()

    @property
    def kill_zones(self) -> tuple[Host, ...]:
        """The kill switches without those that lie below another one, as `www.` does."""
        return tuple(host for host in self.kill_switches if host.sid)

    @property
    def reviewed(self) -> date:
        """The newest day of all that is in it."""
        return max(self.network.reviewed, *(day for _, day in self.families), *(one.origin.date for one in self.groups))

    def of_version(self, version: int) -> tuple[Segment, ...]:
        """The segments of IP version 4 or 6."""
        return tuple(segment for segment in self.segments if segment.version == version)


def draw_up(
    families: Sequence[Family],
    ioc_sets: Sequence[IocSet],
    network: Network,
    *,
    sets: Sequence[str] = (),
    block_relays: bool = False,
    sinkhole: Address | None = None,
    segments: Sequence[Segment] = (),
) -> Plan:
    """The plan from the knowledge given.

    Without `sets`, ids of publications, all of them are taken. `block_relays` drops addresses of the Tor network, too,
    and not only the malware's own servers.

    Raises:
        RuleError: a name to be blocked would take a kill switch with it.
        UsageError: no such set; segments overlap; the sinkhole cannot answer other machines.
    """
    known = [one.id for one in ioc_sets]
    if unknown := sorted(set(sets) - set(known)):
        raise UsageError(f"--set {unknown[0]}: no such set; there are {', '.join(known)}")
    _check_sinkhole(sinkhole)
    _check_segments(segments)
    kill_switches = _numbered(_hosts(families, block=False), _KILL_SWITCH_SIDS)
    blocked = _numbered(_hosts(families, block=True), _BLOCKED_SIDS)
    _refuse_blocking(kill_switches, blocked)
    return Plan(
        kill_switches=kill_switches,
        blocked=blocked,
        groups=tuple(
            Group(origin=one, block=block_relays or one.nature == "servers", sid=_GROUP_SIDS + place)
            for place, one in enumerate(ioc_sets)
            if (not sets or one.id in sets) and one.addresses
        ),
        files=tuple((family.id, file) for family in families for file in family.hashes if file.confidence != "context"),
        families=tuple((family.id, family.reviewed) for family in families),
        network=network,
        sinkhole=sinkhole,
        segments=tuple(segments),
    )


def _hosts(families: Iterable[Family], *, block: bool) -> Iterator[Host]:
    for family in families:
        url = {reference.key: reference.url.partition("://")[2] for reference in family.references}
        for domain in (*family.domains, *family.onions):
            if domain.block is block:
                urls = tuple(filter(None, (url[key] for key in domain.source)))
                yield Host(name=domain.name, family=family.id, note=domain.note, urls=urls)


def _numbered(hosts: Iterable[Host], first: int) -> tuple[Host, ...]:
    """Each name once; a SID for each that lies below no other."""
    once = {host.name: host for host in hosts}
    numbered, sid = [], first
    for host in once.values():
        alone = not any(_below(host.name, other) for other in once if other != host.name)
        numbered.append(replace(host, sid=sid if alone else 0))
        sid += alone
    return tuple(numbered)


def _below(name: str, other: str) -> bool:
    return name == other or name.endswith(f".{other}")


def _refuse_blocking(kill_switches: Iterable[Host], blocked: Iterable[Host]) -> None:
    for host in blocked:
        for switch in kill_switches:
            if _below(switch.name, host.name):
                raise RuleError(
                    f"families/{host.family}: {host.name} would be blocked, and with it the kill switch {switch.name}; "
                    "set block = false"
                )


def _check_sinkhole(sinkhole: Address | None) -> None:
    if sinkhole and (
        sinkhole.is_unspecified or sinkhole.is_loopback or sinkhole.is_multicast or sinkhole.is_link_local
    ):
        raise UsageError(f"--sinkhole {sinkhole} cannot answer other machines; give the address of a server of yours")


def _check_segments(segments: Sequence[Segment]) -> None:
    for place, one in enumerate(segments):
        for other in segments[:place]:
            if (isinstance(one, IPv4Network) and isinstance(other, IPv4Network) and one.overlaps(other)) or (
                isinstance(one, IPv6Network) and isinstance(other, IPv6Network) and one.overlaps(other)
            ):
                raise UsageError(f"--segment {one} overlaps {other}; give networks that lie beside each other")
