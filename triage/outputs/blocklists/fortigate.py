"""FortiGate, as commands of its CLI (FortiOS 6.4 and later, IPv4).

A deny policy works only above the policies that accept, and only its reader knows their numbers: the head says to
move it. Addresses are given as objects; without a policy they do nothing.

References:
    Fortinet, "FortiOS CLI Reference": firewall address, addrgrp, service custom, policy, system dns-database.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan

FILE = "fortigate.conf"
_SERVICE = "triage-SMB"
_SEGMENTS = "triage-segments"
_FIRST_POLICY = 1_017_001


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The commands."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    policies = dict(enumerate(_policies(plan), _FIRST_POLICY))
    yield from comments.commented(_opening(plan, tuple(policies)))
    yield from _service(plan)
    segments = plan.of_version(4)
    if segments:
        names = [f"triage-segment-{place}" for place, _ in enumerate(segments, 1)]
        yield "config firewall address"
        for name, one in zip(names, segments, strict=True):
            yield from _edit(name, (f"set subnet {one.network_address} {one.netmask}",))
        yield "end"
        yield from _named_group(_SEGMENTS, names)
    for group in plan.groups:
        yield from _addresses(group)
    for number, (name, source, target, service, block) in policies.items():
        lines = _policy(number, name, source, target, service)
        yield from lines if block else comments.commented(lines)
    yield from _sinkhole(plan)


def _opening(plan: Plan, policies: tuple[int, ...]) -> Iterator[str]:
    return comments.opening(
        plan,
        "FortiGate (FortiOS CLI)",
        (
            comments.smb(plan),
            comments.said("ipv4-only"),
            comments.kill_switch(plan),
            comments.sinkhole(plan),
            comments.said("dns-filter"),
            comments.addresses(plan, "addresses-commented"),
        ),
        load=(
            *comments.said("fortigate-load"),
            "config firewall policy",
            *(f"move {number} before FIRST-POLICY-ID" for number in policies),
            "end",
        ),
        undo=(
            "config firewall policy",
            *(f"delete {number}" for number in policies),
            "end",
            *comments.said("fortigate-undo"),
        ),
    )


def _policies(plan: Plan) -> Iterator[tuple[str, str, str, str, bool]]:
    """(name, source, destination, service, active) of each."""
    if plan.of_version(4):
        yield "triage-SMB-out", _SEGMENTS, "all", _SERVICE, True
        yield "triage-SMB-in", "all", _SEGMENTS, _SERVICE, True
    else:
        yield "triage-SMB", "all", "all", _SERVICE, True
    for group in plan.groups:
        if group.of_version(4):
            yield f"triage-{group.origin.id}", "all", f"triage-{group.origin.id}", "ALL", group.block


def _service(plan: Plan) -> Iterator[str]:
    yield "config firewall service custom"
    ports = {protocol: " ".join(map(str, plan.network.ports(protocol))) for protocol in ("tcp", "udp")}
    yield from _edit(_SERVICE, (f"set tcp-portrange {ports['tcp']}", f"set udp-portrange {ports['udp']}"))
    yield "end"


def _addresses(group: Group) -> Iterator[str]:
    rows = group.of_version(4)
    if not rows:
        return
    names = [f"triage-{group.origin.id}-{row.row:02}" for row in rows]
    yield "config firewall address"
    for name, row in zip(names, rows, strict=True):
        settings = (f"set subnet {row.address} 255.255.255.255", f'set comment "{comments.origin(group, row)}"')
        yield from _edit(name, settings)
    yield "end"
    yield from _named_group(f"triage-{group.origin.id}", names)


def _named_group(name: str, members: list[str]) -> Iterator[str]:
    yield "config firewall addrgrp"
    yield from _edit(name, ("set member " + " ".join(f'"{member}"' for member in members),))
    yield "end"


def _policy(number: int, name: str, source: str, target: str, service: str) -> tuple[str, ...]:
    return (
        "config firewall policy",
        f"    edit {number}",
        f'        set name "{name}"',
        '        set srcintf "any"',
        '        set dstintf "any"',
        f'        set srcaddr "{source}"',
        f'        set dstaddr "{target}"',
        "        set action deny",
        '        set schedule "always"',
        f'        set service "{service}"',
        "        set logtraffic all",
        "    next",
        "end",
    )


def _sinkhole(plan: Plan) -> Iterator[str]:
    lines = ["config system dns-database"]
    for place, host in enumerate(plan.kill_zones, 1):
        lines += [
            f'    edit "triage-kill-switch-{place}"',
            f'        set domain "{host.name}"',
            "        config dns-entry",
        ]
        for entry, name in enumerate(("@", "www"), 1):
            lines += [
                f"            edit {entry}",
                f'                set hostname "{name}"',
                f"                set ip {plan.sinkhole or 'SINKHOLE'}",
                "            next",
            ]
        lines += ["        end", "    next"]
    lines.append("end")
    usable = plan.sinkhole is not None and plan.sinkhole.version == 4
    yield from lines if usable else comments.commented(lines)


def _edit(name: str, settings: tuple[str, ...]) -> Iterator[str]:
    yield f'    edit "{name}"'
    yield from (f"        {line}" for line in settings)
    yield "    next"
