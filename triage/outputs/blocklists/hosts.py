r"""A hosts file, for machines that have no name server of their own to change.

References:
    hosts(5); on Windows `%SystemRoot%\System32\drivers\etc\hosts`.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Plan

FILE = "hosts.txt"


def render(plan: Plan, _lang: str) -> Iterator[bytes]:
    """Lines to add to a hosts file."""
    yield comments.written(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield from comments.commented(
        comments.opening(
            plan,
            "hosts",
            (comments.kill_switch(plan), comments.sinkhole(plan), comments.no_addresses(plan)),
            load=tuple(comments.said("hosts-load")),
            undo=tuple(comments.said("hosts-undo")),
        )
    )
    yield "# >>> triage"
    mark = "" if plan.sinkhole else "# "
    yield from (f"{mark}{plan.sinkhole or 'SINKHOLE'} {host.name}" for host in plan.kill_switches)
    yield from (f"0.0.0.0 {host.name} # {host.family}" for host in plan.blocked)
    yield "# <<< triage"
