"""Plans of block lists for tests, from the shipped knowledge."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address, ip_network

from triage.intel.families import Family, load_families
from triage.intel.ioc_sets import IocSet, load_ioc_sets
from triage.intel.network import Network, load_network
from triage.intel.roots import rules_root
from triage.outputs.blocklists.plan import Plan, draw_up

SINKHOLE = "10.20.9.9"
SEGMENTS = ("10.20.0.0/16", "10.30.0.0/16", "fd00:20::/48")


@cache
def knowledge() -> tuple[tuple[Family, ...], tuple[IocSet, ...], Network]:
    root = rules_root()
    return load_families(root), load_ioc_sets(root), load_network(root)


def plan(**asked: object) -> Plan:
    """As the command makes it without options, or with those given."""
    return draw_up(*knowledge(), **asked)  # type: ignore[arg-type]


def full() -> Plan:
    """With every option."""
    return plan(block_relays=True, sinkhole=ip_address(SINKHOLE), segments=tuple(ip_network(text) for text in SEGMENTS))
