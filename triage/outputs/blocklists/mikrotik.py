"""MikroTik RouterOS, as a script for `/import`.

The raw table is used: it sees a packet before any accept rule of the filter table, so order does not matter.

References:
    MikroTik, "Filter", "RAW", "Address-lists", "DNS" (help.mikrotik.com/docs).
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan

FILE = "mikrotik.rsc"
_MENU = {4: "/ip firewall", 6: "/ipv6 firewall"}
_SEGMENTS = "triage-segments"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The script."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    menus = [_MENU[4], *([_MENU[6]] if plan.of_version(6) else [])]
    topics = (
        comments.smb(plan),
        comments.kill_switch(plan),
        comments.sinkhole(plan),
        comments.addresses(plan, "addresses-logged"),
    )
    yield from comments.commented(
        comments.opening(
            plan,
            "MikroTik RouterOS",
            topics,
            load=(*comments.said("reload"), f"/import file-name={FILE}"),
            undo=(
                *(f'{menu} raw remove [find comment~"^triage"]' for menu in menus),
                *(f'{menu} address-list remove [find list~"^triage"]' for menu in menus),
                '/ip dns static remove [find comment~"^triage"]',
            ),
        )
    )
    yield from _smb(plan, 4)
    # a router whose IPv6 package is off stops at the first line on IPv6
    yield from _smb(plan, 6) if plan.of_version(6) else comments.commented(_smb(plan, 6))
    for group in plan.groups:
        yield from _addresses(group)
    yield from _sinkhole(plan)


def _smb(plan: Plan, version: int) -> Iterator[str]:
    segments = plan.of_version(version)
    if segments:
        yield f"{_MENU[version]} address-list"
        yield from (f"add list={_SEGMENTS} address={one} comment=triage" for one in segments)
    yield f"{_MENU[version]} raw"
    for protocol in ("tcp", "udp"):
        ports = ",".join(map(str, plan.network.ports("tcp" if protocol == "tcp" else "udp")))
        rule = f"add chain=prerouting protocol={protocol} dst-port={ports}"
        note = f'comment="triage SMB {protocol}"'
        yield from (f"{rule} src-address={one} dst-address={one} action=accept {note}" for one in segments)
        if segments:
            yield f"{rule} src-address-list={_SEGMENTS} action=drop {note}"
            yield f"{rule} dst-address-list={_SEGMENTS} action=drop {note}"
        else:
            yield f"{rule} action=drop {note}"


def _addresses(group: Group) -> Iterator[str]:
    name = f"triage-{group.origin.id}"
    for version in (4, 6):
        if not (rows := group.of_version(version)):
            continue
        yield f"{_MENU[version]} address-list"
        for row in rows:
            yield f'add list={name} address={row.address} comment="triage {comments.origin(group, row)}"'
        yield f"{_MENU[version]} raw"
        rule = f"add chain=prerouting dst-address-list={name}"
        yield f'{rule} protocol=tcp tcp-flags=syn action=log log-prefix={name} comment="triage {group.origin.id}"'
        if group.block:
            yield f'{rule} action=drop comment="triage {group.origin.id}"'


def _sinkhole(plan: Plan) -> Iterator[str]:
    mark = "" if plan.sinkhole else "# "
    yield f"{mark}/ip dns static"
    for host in plan.kill_switches:
        yield f'{mark}add name={host.name} address={plan.sinkhole or "SINKHOLE"} comment="triage kill switch"'
