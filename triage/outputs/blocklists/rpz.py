"""BIND: a response policy zone, and the piece of named.conf that loads it.

References:
    BIND 9 Administrator Reference Manual, "Response Policy Zone (RPZ) Rewriting".
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.outputs.blocklists import comments
from triage.outputs.blocklists.plan import Plan

ZONE = "triage.rpz"
FILE = "db.triage.rpz"
RECIPE = "named.conf.triage"
POLICY = f'response-policy {{ zone "{ZONE}" log yes; }} qname-wait-recurse no;'
"""Without the last word BIND asks the Internet first, and a network without one never hears of the sinkhole."""


def render_zone(plan: Plan, _lang: str) -> Iterator[bytes]:
    """The zone; its serial is the day of the newest knowledge in it."""
    yield comments.written(_zone(plan))


def render_recipe(plan: Plan, _lang: str) -> Iterator[bytes]:
    """What named.conf must say."""
    yield comments.written(_recipe(plan))


def _zone(plan: Plan) -> Iterator[str]:
    yield from comments.commented(
        comments.opening(
            plan,
            "BIND, response policy zone",
            (comments.kill_switch(plan), comments.sinkhole(plan), comments.no_addresses(plan)),
            load=(f"named-checkzone {ZONE} {FILE} && cp {FILE} /etc/bind/", *comments.said("rpz-load", file=RECIPE)),
            undo=_undo(),
        ),
        mark=";",
    )
    yield "$TTL 300"
    yield f"@ IN SOA localhost. root.localhost. ( {plan.reviewed:%Y%m%d}00 3600 600 86400 300 )"
    yield "@ IN NS localhost."
    kind = "A" if plan.sinkhole and plan.sinkhole.version == 4 else "AAAA"
    answer = f"{kind} {plan.sinkhole}" if plan.sinkhole else "CNAME rpz-passthru."
    for host in plan.kill_zones:
        yield f"{host.name} {answer}"
        yield f"*.{host.name} {answer}"
    for host in plan.blocked:
        yield f"{host.name} CNAME . ; {host.family}"
        yield f"*.{host.name} CNAME ."


def _recipe(plan: Plan) -> Iterator[str]:
    yield from comments.commented(
        comments.opening(
            plan,
            "BIND, named.conf",
            (
                comments.kill_switch(plan),
                comments.sinkhole(plan),
                comments.said("dns-log", option="rpz-client, rpz log yes"),
            ),
            load=(
                f'include "/etc/bind/{RECIPE}";',
                *comments.said("rpz-options"),
                f"  {POLICY}",
                "named-checkconf -z && rndc reconfig",
            ),
            undo=_undo(),
        ),
        mark="//",
    )
    yield f'zone "{ZONE}" {{'
    yield "    type master;"
    yield f'    file "/etc/bind/{FILE}";'
    yield "    allow-query { none; };"
    yield "    allow-transfer { none; };"
    yield "};"


def _undo() -> tuple[str, ...]:
    return (*comments.said("rpz-undo"), "rndc reconfig")
