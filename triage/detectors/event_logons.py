"""Logons over the network and by remote desktop, and failed ones: drawn together, since servers have thousands.

References:
    Microsoft, "4624(S): An account was successfully logged on", "4625(F)"; 528, 529, 540 of Windows 2000 to 2003.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.detectors.event_knowledge import Handler, Knowledge
from triage.detectors.event_told import HOUR, MINUTE, Repeats, Sign, Told
from triage.formats.logrecord import LogRecord
from triage.model import Confidence, Severity

NETWORK = "Logon over the network"
REMOTE = "Logon by remote desktop"
FAILED = "Many logons failed"
EVENTS = (NETWORK, REMOTE, FAILED)

GUESSING = "Many logons failed: passwords may have been guessed"
TITLES = (GUESSING,)

FAILED_IDS = frozenset({4625, 529})
BURST = 10
_GUESSING = 100
_REMOTE = ("3,", "3}", '3"', "10")
_PHRASES = {"3": NETWORK, "10": REMOTE}


def logon(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """4624 of type 3 and 10."""
    data = record.data
    return _logon(
        data.get("LogonType", ""),
        user=data.get("TargetUserName", ""),
        domain=data.get("TargetDomainName", ""),
        address=data.get("IpAddress", ""),
        workstation=data.get("WorkstationName", ""),
    )


def logon_xp(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """528 and 540: user, domain, logon id, type, …; the address only since 2003."""
    text = record.data.get
    return _logon(
        text("param4", ""),
        user=text("param1", ""),
        domain=text("param2", ""),
        address=text("param14", ""),
        workstation=text("param7", ""),
    )


def _logon(kind: str, *, user: str, domain: str, address: str, workstation: str) -> Iterator[Told]:
    phrase = _PHRASES.get(kind)
    if phrase is not None:
        yield Told(
            what=phrase,
            details={"account": user, "domain": domain, "address": address, "workstation": workstation},
            repeats=Repeats(key=(user, domain, address, workstation), within=HOUR),
        )


def failed(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """4625: told where they come in bursts."""
    data = record.data
    return _failed(data.get("TargetUserName", ""), data.get("IpAddress", ""), data.get("WorkstationName", ""))


def failed_xp(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """529: user, domain, type, process, package, workstation."""
    return _failed(record.data.get("param1", ""), "", record.data.get("param6", ""))


def _failed(user: str, address: str, workstation: str) -> Iterator[Told]:
    yield Told(
        what=FAILED,
        details={"account": user, "address": address, "workstation": workstation},
        sign=Sign(
            title=GUESSING,
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
            indicator=address or workstation,
            attack=("T1110",),
        ),
        repeats=Repeats(
            key=(address, workstation), within=10 * MINUTE, member=user, least=BURST, events_for_sign=_GUESSING
        ),
    )


def may_be_remote(text: str) -> bool:
    """From a record's text: type 3 or 10, or not to be told this way."""
    at = text.find('"LogonType":')
    return at < 0 or text[at + 12 : at + 16].lstrip('"').startswith(_REMOTE)


HANDLERS: Mapping[tuple[str, int], Handler] = {
    ("security", 4624): logon,
    ("security", 4625): failed,
    ("security", 528): logon_xp,
    ("security", 540): logon_xp,
    ("security", 529): failed_xp,
}
