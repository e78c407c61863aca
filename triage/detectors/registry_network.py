"""How the machine faces the network: interfaces, SMBv1, the firewall's profiles and its rules on ports 139 and 445.

References:
    Microsoft, "Detect, enable and disable SMBv1, SMBv2 and SMBv3 in Windows".
    [MS-GPFAS] Firewall and Advanced Security Data Structure: firewall rule strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, unix_time
from triage.formats.registry import Key, Value
from triage.model import Record

LEASED = "Network address was leased"

EVENTS = (LEASED,)

PROFILES = {"DomainProfile": "domain", "StandardProfile": "private", "PublicProfile": "public"}
PORTS = (139, 445)

FACTS = (
    *("network.interface", "smb1.server", "smb1.server_why", "smb1.client", "smb1.client_why", "firewall.rule"),
    *(f"firewall.{profile}" for profile in PROFILES.values()),
    *(f"firewall.policy.{profile}" for profile in PROFILES.values()),
)

_AUTOMATIC, _DISABLED = 2, 4
_TCP = ("6", "256", "")
_OPEN_PORT = re.compile(r"(\d{1,5}):TCP:([^:]*):(Enabled|Disabled)(?::|$)", re.IGNORECASE)


def interfaces(view: HiveView) -> Iterator[Record]:
    """Addresses by interface, fixed or leased; interfaces that never had one are left out."""
    key = view.key("Services\\Tcpip\\Parameters\\Interfaces")
    for interface in key.subkeys() if key else ():
        leased = interface.number("EnableDHCP") == 1
        start = "Dhcp" if leased else ""
        addresses = [one for one in _texts(interface, f"{start}IPAddress") if one not in ("", "0.0.0.0")]  # noqa: S104
        if not addresses:
            continue
        gateways = _texts(interface, f"{start}DefaultGateway")
        parts = [" ".join(addresses), "dhcp" if leased else "static"]
        parts += [f"gateway {' '.join(gateways)}"] if any(gateways) else []
        yield view.fact("network.interface", ", ".join(parts))
        when = unix_time(interface.number("LeaseObtainedTime")) if leased else None
        if when is not None:
            yield view.event(
                LEASED, when, address=addresses[0], server=interface.text("DhcpServer"), interface=interface.name
            )


def _texts(key: Key, name: str) -> list[str]:
    value = key.value(name)
    if value is None:
        return []
    return list(value.data) if isinstance(value.data, tuple) else [value.text]


def smb1_server(view: HiveView) -> Iterator[Record]:
    """Whether the machine serves SMBv1, the worm's way in; and what says so."""
    server = view.key("Services\\LanmanServer")
    driver = view.key("Services\\srv")
    if view.control is None or (server is None and driver is None):
        state, why = "undetermined", "no service LanmanServer"
    elif server is not None and server.number("Start") == _DISABLED:
        state, why = "disabled", "service LanmanServer is disabled"
    elif driver is None:
        state, why = "disabled", "the SMBv1 driver srv is not registered"
    elif driver.number("Start") == _DISABLED:
        state, why = "disabled", "the SMBv1 driver srv is disabled"
    else:
        parameters = view.key("Services\\LanmanServer\\Parameters")
        setting = parameters.value("SMB1") if parameters else None
        if setting is None:
            state, why = "enabled", "SMB1 is not set: on by default"
        elif setting.number is None:
            state, why = "undetermined", "SMB1 is no number"
        else:
            state, why = ("enabled" if setting.number else "disabled"), f"SMB1 = {setting.number}"
    yield view.fact("smb1.server", state)
    yield view.fact("smb1.server_why", why)


def smb1_client(view: HiveView) -> Iterator[Record]:
    """Whether the machine asks others by SMBv1."""
    driver = view.key("Services\\mrxsmb10")
    older = view.key("Services\\mrxsmb")
    if driver is not None:
        off = driver.number("Start") == _DISABLED
        state, why = ("disabled" if off else "enabled"), f"mrxsmb10 Start = {driver.number('Start')}"
    elif view.key("Services\\mrxsmb20") is not None:
        state, why = "disabled", "the SMBv1 driver mrxsmb10 is not registered"
    elif older is not None:  # before Vista one driver speaks SMBv1 alone
        off = older.number("Start") == _DISABLED
        state, why = ("disabled" if off else "enabled"), f"mrxsmb Start = {older.number('Start')}"
    else:
        state, why = "undetermined", "no driver mrxsmb"
    yield view.fact("smb1.client", state)
    yield view.fact("smb1.client_why", why)


def firewall(view: HiveView) -> Iterator[Record]:
    """The profiles, and the active incoming rules that speak of the ports of SMB."""
    policy = view.key("Services\\SharedAccess\\Parameters\\FirewallPolicy")
    if policy is None:
        return
    yield from _profiles(view, policy, "firewall.")
    for profile, called in PROFILES.items():
        ports = policy.key(f"{profile}\\GloballyOpenPorts\\List")
        for value in ports.values() if ports else ():
            if told := _open_port(value):
                yield view.fact("firewall.rule", f"{told} profile {called}")
    rules = policy.key("FirewallRules")
    for value in rules.values() if rules else ():
        if told := _rule(value.text):
            yield view.fact("firewall.rule", told)


def group_policy(view: HiveView) -> Iterator[Record]:
    """Profiles that an administrator set for the domain: they outrank the machine's own."""
    policy = view.key("Policies\\Microsoft\\WindowsFirewall")
    if policy:
        yield from _profiles(view, policy, "firewall.policy.")


def _profiles(view: HiveView, policy: Key, start: str) -> Iterator[Record]:
    for profile, called in PROFILES.items():
        key = policy.key(profile)
        on = key.number("EnableFirewall") if key else None
        if on is not None:
            yield view.fact(f"{start}{called}", "enabled" if on else "disabled")


def _open_port(value: Value) -> str:
    """`445:TCP:*:Enabled:name`, Windows XP; the value's own name holds port and protocol too."""
    match = _OPEN_PORT.match(value.text)
    if match is None or int(match[1]) not in PORTS or match[3].lower() != "enabled":
        return ""
    return f"allow in {match[1]} from {match[2] or '*'}"


def _rule(text: str) -> str:
    """An active incoming TCP rule on 139 or 445 as one line, else nothing."""
    fields: dict[str, list[str]] = {}
    for part in text.split("|"):
        name, equals, data = part.partition("=")
        if equals:
            fields.setdefault(name.lower(), []).append(data)

    def one(name: str) -> str:
        return fields.get(name, [""])[0]

    ports = [port for port in PORTS if any(_covers(given, port) for given in _ports(fields))]
    if not ports or one("active").lower() != "true" or one("dir").lower() != "in" or one("protocol") not in _TCP:
        return ""
    where = [*fields.get("ra4", ()), *fields.get("ra42", ())]
    said = [one("action").lower(), "in", ",".join(map(str, ports))]
    said += [f"from {','.join(where)}"] if where else []
    said += [f"profile {','.join(fields['profile']).lower()}"] if "profile" in fields else []
    return " ".join([*said, f"name {one('name')}"])[:300]


def _ports(fields: dict[str, list[str]]) -> list[str]:
    return [*fields.get("lport", ()), *fields.get("lport2_10", ())]


def _covers(given: str, port: int) -> bool:
    low, dash, high = given.partition("-")
    if not low.isdecimal() or len(low) > 5 or (dash and not (high.isdecimal() and len(high) <= 5)):
        return False
    return int(low) <= port <= int(high or low)


SYSTEM = (interfaces, smb1_server, smb1_client, firewall)
SOFTWARE = (group_policy,)
