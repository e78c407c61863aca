"""nftables: one table of its own, which loading replaces and one command removes.

References:
    nft(8).
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Group, Plan

FILE = "nftables.nft"
_TABLE = "inet triage"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The ruleset."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield "#!/usr/sbin/nft -f"
    yield from comments.commented(
        comments.opening(
            plan,
            "nftables",
            (comments.smb(plan), comments.kill_switch(plan), comments.addresses(plan, "addresses-logged")),
            load=(f"nft -c -f {FILE} && nft -f {FILE}",),
            undo=(f"nft delete table {_TABLE}",),
        )
    )
    yield ""
    yield f"table {_TABLE}"
    yield f"delete table {_TABLE}"
    yield ""
    yield f"table {_TABLE} {{"
    for group in plan.groups:
        yield from _sets(group)
    yield from _smb(plan)
    yield from _forward(plan)
    yield "}"


def _sets(group: Group) -> Iterator[str]:
    for version in (4, 6):
        if rows := group.of_version(version):
            yield f"\tset {_name(group, version)} {{"
            yield f"\t\ttype ipv{version}_addr"
            yield "\t\telements = {"
            yield from (f"\t\t\t{row.address}, # {comments.origin(group, row)}" for row in rows)
            yield "\t\t}"
            yield "\t}"
            yield ""


def _smb(plan: Plan) -> Iterator[str]:
    yield "\tchain smb {"
    for version, family in ((4, "ip"), (6, "ip6")):
        for one in plan.of_version(version):
            yield f"\t\t{family} saddr {one} {family} daddr {one} return"
    for version, family in ((4, "ip"), (6, "ip6")):
        for one in plan.of_version(version):
            yield f"\t\t{family} saddr {one} counter drop"
            yield f"\t\t{family} daddr {one} counter drop"
        if not plan.of_version(version):
            yield f"\t\tmeta nfproto ipv{version} counter drop"
    yield "\t}"
    yield ""


def _forward(plan: Plan) -> Iterator[str]:
    yield "\tchain forward {"
    yield "\t\ttype filter hook forward priority -10; policy accept;"
    for protocol in ("tcp", "udp"):
        ports = ", ".join(map(str, plan.network.ports(protocol)))
        yield f"\t\t{protocol} dport {{ {ports} }} jump smb"
    for group in plan.groups:
        for version, family in ((4, "ip"), (6, "ip6")):
            if group.of_version(version):
                yield from _addresses(group, f"{family} daddr @{_name(group, version)}")
    yield "\t}"


def _addresses(group: Group, match: str) -> Iterator[str]:
    yield f'\t\t{match} ct state new limit rate 5/second log prefix "{group.origin.id} "'
    if group.block:
        yield f"\t\t{match} counter drop"


def _name(group: Group, version: int) -> str:
    return f"{group.origin.id.replace('-', '_')}_v{version}"
