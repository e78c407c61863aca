"""dnsmasq: kill switches go to the sinkhole, or past every other list to the real name servers.

References:
    dnsmasq(8): --address, --server, --local.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Plan

FILE = "dnsmasq-triage.conf"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """A file for `/etc/dnsmasq.d`."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield from comments.commented(
        comments.opening(
            plan,
            "dnsmasq",
            (
                comments.kill_switch(plan),
                comments.sinkhole(plan),
                comments.said("dns-log", option="log-queries"),
                comments.no_addresses(plan),
            ),
            load=(
                f"cp {FILE} /etc/dnsmasq.d/ && dnsmasq --test -C /etc/dnsmasq.d/{FILE} && systemctl restart dnsmasq",
            ),
            undo=(f"rm /etc/dnsmasq.d/{FILE} && systemctl restart dnsmasq",),
        )
    )
    for host in plan.kill_zones:
        # "#" is dnsmasq's word for the usual servers: wins over a shorter name that another list blocks
        yield f"address=/{host.name}/{plan.sinkhole}" if plan.sinkhole else f"server=/{host.name}/#"
    yield from (f"local=/{host.name}/" for host in plan.blocked)
