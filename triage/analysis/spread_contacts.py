"""Events that tell of one machine reaching another over SMB or by remote desktop.

Limits:
    Of Sysmon's connections to port 445 a program's hour is one event, with the first address and how many there were.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from triage.analysis.spread_records import Contact, Reach
from triage.model import Event, UnixNs
from triage.times import from_isoformat

LEASED: Final = "Network address was leased"
_INCOMING: Final = {
    "Logon over the network": Reach.LOGON,
    "Logon by remote desktop": Reach.REMOTE,
    "SMB1 was used to reach this machine": Reach.SMB1,
}
_CONNECTED: Final = "Program connected to port 445"
_OWN: Final = re.compile(r"(?:^|\\)(?:mssecsvc|tasksche)\.exe$", re.IGNORECASE)
"""The worm's service, and the loader that carries it."""


def contact_of(event: Event, normal: Callable[[str], str]) -> Contact | None:
    """The contact an event tells of, None of other events. normal: writes an address in one way."""
    text = {name: value for name, value in event.details.items() if isinstance(value, str)}
    until = from_isoformat(text.get("until", ""))
    count, record = event.details.get("count"), event.details.get("record")
    reach, name, own = _INCOMING.get(event.what), "", False
    if event.what == _CONNECTED:
        reach, address = Reach.CONNECTED, normal(text.get("address", ""))
        own = _OWN.search(text.get("image", "")) is not None
    elif reach is Reach.SMB1:
        client = text.get("client", "").lstrip("\\")
        address = normal(client)
        name = "" if address else _name(client)
    elif reach is not None:
        address, name = normal(text.get("address", "")), _name(text.get("workstation", ""))
    if reach is None or not (address or name):
        return None
    return Contact(
        reach=reach,
        when=event.when,
        until=UnixNs(max(event.when, until or event.when)),
        count=count if isinstance(count, int) else 1,
        address=address,
        name=name,
        account=text.get("account", ""),
        image=text.get("image", ""),
        one=event.details.get("different", 1) == 1,
        own_program=own,
        source=event.source,
        record=record if isinstance(record, int) else None,
    )


def _name(text: str) -> str:
    """A computer's name as it gave it, in capital letters, without its domain."""
    name = text.strip().lstrip("\\").partition(".")[0].upper()
    return "" if name in ("-", "LOCALHOST") else name
