"""Addresses outside a segment: none of it, all else that another machine can have, and nothing twice."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.outputs.blocklists.ranges import outside

NOBODY_ELSES = ("127.0.0.1", "169.254.1.1", "224.0.0.251", "255.255.255.255", "0.0.0.0", "fe80::1", "ff02::1", "::1")


def holds(ranges: tuple[str, ...], text: str) -> bool:
    address = ip_address(text)
    count = 0
    for one in ranges:
        first, last = map(ip_address, one.split("-"))
        count += first.version == address.version and int(first) <= int(address) <= int(last)
    assert count < 2
    return bool(count)


@pytest.mark.parametrize("inside", [(), (ip_network("10.20.1.0/24"),), (ip_network("fd00:20::/48"),)])
@pytest.mark.parametrize("address", NOBODY_ELSES)
def test_this_machine_its_link_and_broadcasts_are_never_refused(inside: tuple, address: str) -> None:
    assert not holds(outside(*inside), address)


def test_without_a_segment_only_the_internet_is_outside() -> None:
    ranges = outside()
    for address in ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.255.255", "100.64.0.1", "fd12::1"):
        assert not holds(ranges, address)
    for address in ("8.8.8.8", "9.255.255.255", "11.0.0.0", "172.32.0.0", "192.169.0.0", "100.128.0.0", "2001:db8::1"):
        assert holds(ranges, address)


def test_the_other_ip_version_stays_inside_the_organisation() -> None:
    ranges = outside(ip_network("10.20.1.0/24"))
    assert holds(ranges, "10.20.2.1")
    assert not holds(ranges, "fd00::1")
    assert holds(ranges, "2001:db8::1")


@pytest.mark.parametrize("text", ["10.20.1.0/24", "8.0.0.0/8", "192.0.2.7/32", "fd00:20::/48", "2001:db8::/32"])
def test_a_segment_begins_and_ends_where_it_says(text: str) -> None:
    segment = ip_network(text)
    ranges = outside(segment)
    for address in (segment[0], segment[-1]):
        assert not holds(ranges, str(address))
    for address in (segment[0] - 1, segment[-1] + 1):
        assert holds(ranges, str(address))


@given(st.integers(0, 2**32 - 1), st.integers(8, 32), st.integers(0, 2**32 - 1))
def test_an_address_is_outside_when_it_is_not_in_the_segment(base: int, length: int, probe: int) -> None:
    segment = ip_network((base, length), strict=False)
    address = ip_address(probe)
    reachable = not (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or int(address) >> 24 in (0, 127)
        or int(address) >> 28 >= 0xE
    )
    assert holds(outside(segment), str(address)) == (reachable and address not in segment)
