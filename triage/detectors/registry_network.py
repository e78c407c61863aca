"""How the machine faces the network: interfaces and SMBv1.

References:
    Microsoft, "Detect, enable and disable SMBv1, SMBv2 and SMBv3 in Windows".
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, coded, unix_time
from triage.formats.registry import Key
from triage.model import Record

LEASED = "Network address was leased"

EVENTS = (LEASED,)

FACTS = ("network.interface", "smb1.server", "smb1.server_why", "smb1.client", "smb1.client_why")

_DISABLED = 4


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
        told = {
            "address": " ".join(addresses),
            "given": "leased" if leased else "fixed",
            "gateway": " ".join(filter(None, gateways)),
        }
        yield view.fact("network.interface", coded(told))
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
    client = view.key("Services\\LanmanWorkstation")
    driver = view.key("Services\\mrxsmb10")
    older = view.key("Services\\mrxsmb")
    if client is not None and client.number("Start") == _DISABLED:
        state, why = "disabled", "service LanmanWorkstation is disabled"
    elif driver is not None:
        state, why = _by_start("mrxsmb10", driver)
    elif view.key("Services\\mrxsmb20") is not None:
        state, why = "disabled", "the SMBv1 driver mrxsmb10 is not registered"
    elif older is not None:  # before Vista one driver speaks SMBv1 alone
        state, why = _by_start("mrxsmb", older)
    else:
        state, why = "undetermined", "no driver mrxsmb"
    yield view.fact("smb1.client", state)
    yield view.fact("smb1.client_why", why)


def _by_start(name: str, driver: Key) -> tuple[str, str]:
    start = driver.number("Start")
    state = "undetermined" if start is None else "disabled" if start == _DISABLED else "enabled"
    return state, f"{name} Start = {'?' if start is None else start}"


SYSTEM = (interfaces, smb1_server, smb1_client)
