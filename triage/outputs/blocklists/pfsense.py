"""pfSense: texts for aliases of the type "URL Table"; the rules that use them are made by hand, as the head says.

References:
    Netgate, "Aliases": one address, network or port on a line, `#` begins a comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Plan

ADDRESSES = "pfsense-addresses.txt"
PORTS = "pfsense-smb-ports.txt"
SEGMENTS = "pfsense-segments.txt"


def render_addresses(plan: Plan, _lang: str) -> Iterator[bytes]:
    """Published addresses, for an alias of addresses; behind `#` unless they are to be blocked."""
    head = comments.opening(
        plan,
        "pfSense, URL Table (IPs)",
        (comments.kill_switch(plan), comments.addresses(plan, "addresses-commented")),
        load=(f"Firewall > Aliases > URLs > Add: URL Table (IPs), {ADDRESSES}", *comments.said("pfsense-addresses")),
        undo=_undo(),
    )
    rows = (
        f"{'' if group.block else '#'}{row.address} # {comments.origin(group, row)}"
        for group in plan.groups
        for row in group.rows
    )
    yield comments.written((*comments.commented(head), *rows))


def render_ports(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The ports of SMB and NetBIOS, for an alias of ports."""
    head = comments.opening(
        plan,
        "pfSense, URL Table (Ports)",
        (comments.smb(plan),),
        load=(f"Firewall > Aliases > URLs > Add: URL Table (Ports), {PORTS}", *comments.said("pfsense-ports")),
        undo=_undo(),
    )
    ports = sorted((*plan.network.ports("tcp"), *plan.network.ports("udp")))
    yield comments.written((*comments.commented(head), *map(str, ports)))


def render_segments(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The segments given, for an alias of networks."""
    head = comments.opening(
        plan,
        "pfSense, URL Table (IPs)",
        (comments.smb(plan),),
        load=(f"Firewall > Aliases > URLs > Add: URL Table (IPs), {SEGMENTS}", *comments.said("pfsense-ports")),
        undo=_undo(),
    )
    yield comments.written((*comments.commented(head), *map(str, plan.segments)))


def _undo() -> tuple[str, ...]:
    """The way back, the same for every alias."""
    return tuple(comments.said("pfsense-undo"))
