"""Block lists and IDS rules: one module for each form, in a fixed order.

To add one: write a module with a function from the plan to bytes, add its line here, and its engine to the tests.
They come from the shipped knowledge alone and never name a case or a machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from triage.outputs.blocklists import (
    csv,
    dnsmasq,
    fortigate,
    hosts,
    iptables,
    mikrotik,
    netsh,
    nftables,
    pfsense,
    powershell,
    rpz,
    snort3,
    suricata,
    zeek,
)
from triage.outputs.blocklists.plan import Plan

Render = Callable[[Plan, str], Iterator[bytes]]
"""(plan, "vi" or "en") to a file's bytes. Comments are in both languages; only `csv` is worded in one."""

BLOCKLISTS: dict[str, Mapping[str, Render]] = {
    "nftables": {nftables.FILE: nftables.render},
    "iptables": {iptables.FILES[4]: iptables.render_4, iptables.FILES[6]: iptables.render_6},
    "netsh": {netsh.FILE: netsh.render},
    "powershell": {powershell.FILE: powershell.render},
    "mikrotik": {mikrotik.FILE: mikrotik.render},
    "fortigate": {fortigate.FILE: fortigate.render},
    "pfsense": {
        pfsense.ADDRESSES: pfsense.render_addresses,
        pfsense.PORTS: pfsense.render_ports,
        pfsense.SEGMENTS: pfsense.render_segments,
    },
    "hosts": {hosts.FILE: hosts.render},
    "dnsmasq": {dnsmasq.FILE: dnsmasq.render},
    "rpz": {rpz.FILE: rpz.render_zone, rpz.RECIPE: rpz.render_recipe},
    "suricata": {suricata.FILE: suricata.render},
    "snort3": {snort3.FILE: snort3.render},
    "zeek": {zeek.FILE: zeek.render},
    "csv": {csv.FILE: csv.render},
}
"""Name on the command line, to its files."""
