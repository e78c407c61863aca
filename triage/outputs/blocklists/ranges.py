"""Addresses outside a segment, for firewalls that can only say which remote addresses to refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from triage.outputs.blocklists.plan import Segment

_EVERYBODY: Final = (
    ("1.0.0.0", "126.255.255.255"),
    ("128.0.0.0", "169.253.255.255"),
    ("169.255.0.0", "223.255.255.255"),
    ("2000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
)
"""What other machines can have: not this machine, not its link, no multicast or broadcast."""

INTRANET: Final = tuple(map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
"""Addresses that do not leave an organisation (RFC 1918, 6598, 4193)."""

_ADDRESS: Final = {4: IPv4Address, 6: IPv6Address}


def outside(*inside: Segment) -> tuple[str, ...]:
    """What is not inside, as `first-last`; of an IP version of which nothing is inside, what is not INTRANET.

    Args:
        inside: networks that do not overlap.
    """
    versions = {one.version for one in inside}
    kept = [*inside, *(one for one in INTRANET if one.version not in versions)]
    return tuple(text for version in (4, 6) for text in _left(version, kept))


def _left(version: int, kept: Iterable[Segment]) -> Iterator[str]:
    pairs = ((ip_address(first), ip_address(last)) for first, last in _EVERYBODY)
    spans = [(int(first), int(last)) for first, last in pairs if first.version == version]
    for one in (one for one in kept if one.version == version):
        spans = [part for span in spans for part in _cut(span, int(one[0]), int(one[-1]))]
    for first, last in spans:
        yield f"{_ADDRESS[version](first)}-{_ADDRESS[version](last)}"


def _cut(span: tuple[int, int], low: int, high: int) -> Iterator[tuple[int, int]]:
    """What is left of a span, both ends in it, when the addresses from low to high go."""
    first, last = span
    for part in ((first, min(last, low - 1)), (max(first, high + 1), last)):
        if part[0] <= part[1]:
            yield part
