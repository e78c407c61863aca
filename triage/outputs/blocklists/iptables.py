"""iptables-restore and ip6tables-restore: chains of their own, called first from FORWARD.

References:
    iptables-restore(8), iptables-extensions(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_network

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan

FILES = {4: "iptables.rules", 6: "ip6tables.rules"}
_TOOL = {4: "iptables", 6: "ip6tables"}
_SMB, _LISTED, _HIT = "TRIAGE-SMB", "TRIAGE-LISTED", "TRIAGE-HIT"
_PREFIX_LIMIT = 29


def _render(plan: Plan, _lang: str, version: int) -> Iterator[bytes]:
    """The rules for one IP version, for `--noflush`: other rules stay."""
    yield comments.written(_lines(plan, version))


render_4 = partial(_render, version=4)
render_6 = partial(_render, version=6)


def _lines(plan: Plan, version: int) -> Iterator[str]:
    tool, file = _TOOL[version], FILES[version]
    calls = [f"-p {protocol} -m multiport --dports {_ports(plan, protocol)} -j {_SMB}" for protocol in ("tcp", "udp")]
    groups = [group for group in plan.groups if group.of_version(version)]
    if groups:
        # to log, the first packet is enough; to block, connections that exist must end as well
        calls.append(
            f"-j {_LISTED}" if any(group.block for group in groups) else f"-m conntrack --ctstate NEW -j {_LISTED}"
        )
    chains = [_SMB, *([_LISTED] if groups else []), *(_hit(place) for place, _ in enumerate(groups))]
    yield from comments.commented(
        comments.opening(
            plan,
            f"{tool}-restore",
            (comments.smb(plan), comments.kill_switch(plan), comments.addresses(plan, "addresses-logged")),
            load=(
                *comments.said("reload"),
                f"{tool}-restore --test --noflush {file} && {tool}-restore --noflush {file}",
            ),
            undo=(
                *(f"{tool} -D FORWARD {call}" for call in calls),
                *(f"{tool} -F {chain}; {tool} -X {chain}" for chain in chains),
            ),
        )
    )
    yield "*filter"
    yield from (f":{chain} - [0:0]" for chain in chains)
    yield from _smb(plan, version)
    for place, group in enumerate(groups):
        yield from _addresses(group, version, _hit(place))
    yield from (f"-I FORWARD {place} {call}" for place, call in enumerate(calls, 1))
    yield "COMMIT"


def _smb(plan: Plan, version: int) -> Iterator[str]:
    segments = plan.of_version(version)
    yield from (f"-A {_SMB} -s {one} -d {one} -j RETURN" for one in segments)
    for one in segments:
        yield f"-A {_SMB} -s {one} -j DROP"
        yield f"-A {_SMB} -d {one} -j DROP"
    if not segments:
        yield f"-A {_SMB} -j DROP"


def _addresses(group: Group, version: int, hit: str) -> Iterator[str]:
    for row in group.of_version(version):
        yield (
            f'-A {_LISTED} -d {ip_network(row.address)} -m comment --comment "{comments.origin(group, row)}" -j {hit}'
        )
    yield f'-A {hit} -m limit --limit 5/second -j LOG --log-prefix "{group.origin.id[: _PREFIX_LIMIT - 1]} "'
    if group.block:
        yield f"-A {hit} -j DROP"


def _hit(place: int) -> str:
    return f"{_HIT}-{place + 1}"


def _ports(plan: Plan, protocol: str) -> str:
    return ",".join(map(str, plan.network.ports("tcp" if protocol == "tcp" else "udp")))
