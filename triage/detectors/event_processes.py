"""Events that tell of programs started, and Sysmon's of what they did: connections, files, registry, names looked up.

Limits:
    Command lines are in Security 4688 only where that was switched on; without them a program is known by its path.

References:
    Microsoft, "4688(S): A new process has been created"; Sysinternals, Sysmon event ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.detectors.event_knowledge import Handler, Knowledge
from triage.detectors.event_told import HOUR, MINUTE, Repeats, Sign, Told
from triage.formats.logrecord import LogRecord
from triage.intel.commands import KnownCommand
from triage.model import Confidence, Json, Severity

STARTED = "Program was started"
CONNECTED = "Program connected to port 445"
MARKED = "File with a known family's extension was created"
RUN_VALUE = "Run value was set"
LOOKED_UP = "Kill-switch address was looked up"
EVENTS = (STARTED, CONNECTED, MARKED, RUN_VALUE, LOOKED_UP)

COMPONENT = "Known component was started"
COMPONENT_NAME = "Program called like a known component was started"
KNOWN_HASH = "Program with a known hash was started"
SPREADING = "Program connected to port 445 of many addresses"
KILL_SWITCH = "Kill-switch address was looked up: do not block it, look at this machine"
_TITLE_OF = {
    "component": COMPONENT,
    "component-name": COMPONENT_NAME,
    "persistence": "Command that makes a known component start with Windows",
    "script": "Command that runs a script as a known family does",
    "permissions": "Command that opens a folder to everybody",
    "hide": "Command that hides a folder as a known family does",
    "shadow-copies": "Command that deletes shadow copies",
    "recovery": "Command that switches off recovery",
    "backup": "Command that deletes the backup catalogue",
    "stop-databases": "Command that ends databases and mail servers",
}
FAMILY_RUN_VALUE = "Run value that starts a known component"
TITLES = (*_TITLE_OF.values(), KNOWN_HASH, SPREADING, KILL_SWITCH, FAMILY_RUN_VALUE)

SPREADING_ADDRESSES = 50


def started(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """Security 4688, Sysmon 1: the family's commands and hashes; all other programs are left out."""
    data = record.data
    image = data.get("NewProcessName") or data.get("Image", "")
    command = data.get("CommandLine", "")
    details: dict[str, Json] = {
        "image": image,
        "command": command,
        "parent": data.get("ParentProcessName") or data.get("ParentImage", ""),
        "account": data.get("User") or data.get("TargetUserName") or data.get("SubjectUserName", ""),
    }
    return _started(image, command, details, data.get("Hashes", ""), known)


def started_xp(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """Security 592 of XP and 2003: no command line."""
    image = record.data.get("param2", "")
    return _started(image, "", {"image": image, "account": record.data.get("param4", "")}, "", known)


def _started(image: str, command: str, details: dict[str, Json], hashes: str, known: Knowledge) -> Iterator[Told]:
    signs = []
    if digest := known.known_digest(hashes):
        signs.append(
            Sign(
                title=KNOWN_HASH,
                severity=Severity.INFECTED if digest.family else Severity.SUSPICIOUS,
                confidence=Confidence.HIGH,
                indicator=digest.value,
                family=digest.family,
            )
        )
    seen = set()
    for found in (*known.commands.commands_in(command), *known.commands.commands_in(image)):
        if found.command.kind not in seen:
            seen.add(found.command.kind)
            signs.append(_sign(found))
    if any(sign.title == COMPONENT for sign in signs):
        signs = [sign for sign in signs if sign.title != COMPONENT_NAME]
    for number, sign in enumerate(signs):
        yield Told(what="" if number else STARTED, details=details, sign=sign)


def _sign(found: KnownCommand) -> Sign:
    command = found.command
    return Sign(
        title=_TITLE_OF[command.kind],
        severity=Severity.INFECTED if command.own else Severity.SUSPICIOUS,
        confidence=Confidence.HIGH if command.own else Confidence.MEDIUM,
        indicator=command.id,
        family=found.family if command.own or command.kind == "component-name" else None,
        attack=command.attack,
    )


def connected(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """Sysmon 3 to port 445, drawn together by program and hour."""
    data = record.data
    if data.get("DestinationPort") != "445" or data.get("Initiated", "true").lower() != "true":
        return
    image, address = data.get("Image", ""), data.get("DestinationIp", "")
    found = known.commands.commands_in(image)
    yield Told(
        what=CONNECTED,
        details={"image": image, "address": address, "account": data.get("User", "")},
        sign=Sign(
            title=SPREADING,
            severity=Severity.SUSPICIOUS,
            confidence=Confidence.HIGH if found else Confidence.MEDIUM,
            indicator="445",
            family=found[0].family if found else None,
            attack=("T1210", "T1018"),
        ),
        repeats=Repeats(key=(image,), within=HOUR, member=address, members_for_sign=SPREADING_ADDRESSES),
    )


def file_created(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """Sysmon 11 and 15 of encrypted files, drawn together by program and minute."""
    path = record.data.get("TargetFilename", "")
    family = known.family_of_extension(path)
    if family is None:
        return
    image = record.data.get("Image", "")
    yield Told(
        what=MARKED,
        details={"image": image, "path": path, "family": family},
        repeats=Repeats(key=(image, family), within=MINUTE),
    )


def run_value(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """Sysmon 13 under a Run key."""
    target, value = record.data.get("TargetObject", ""), record.data.get("Details", "")
    if "\\currentversion\\run" not in target.lower():
        return
    found = known.commands.commands_in(value)
    sign = None
    if found:
        sign = Sign(
            title=FAMILY_RUN_VALUE,
            severity=Severity.INFECTED if found[0].command.own else Severity.SUSPICIOUS,
            confidence=Confidence.HIGH if found[0].command.own else Confidence.MEDIUM,
            indicator=found[0].command.id,
            family=found[0].family,
            attack=("T1547.001",),
        )
    yield Told(
        what=RUN_VALUE, details={"image": record.data.get("Image", ""), "value": target, "starts": value}, sign=sign
    )


def looked_up(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """Sysmon 22 and the DNS client's log: kill switches only."""
    name = record.data.get("QueryName", "").rstrip(".").lower()
    family = known.kill_switches.get(name)
    if family is None:
        return
    image = record.data.get("Image", "")
    by_component = bool(known.commands.commands_in(image))
    yield Told(
        what=LOOKED_UP,
        details={"image": image, "name": name, "answer": record.data.get("QueryResults", "")},
        sign=Sign(
            title=KILL_SWITCH,
            severity=Severity.INFECTED if by_component else Severity.SUSPICIOUS,
            confidence=Confidence.HIGH,
            indicator=name,
            family=family,
            attack=("T1016.001",),
        ),
    )


_SYSMON = "microsoft-windows-sysmon/operational"
_DNS = "microsoft-windows-dns-client/operational"

HANDLERS: Mapping[tuple[str, int], Handler] = {
    ("security", 4688): started,
    ("security", 592): started_xp,
    (_SYSMON, 1): started,
    (_SYSMON, 3): connected,
    (_SYSMON, 11): file_created,
    (_SYSMON, 13): run_value,
    (_SYSMON, 22): looked_up,
    (_DNS, 3006): looked_up,
    (_DNS, 3008): looked_up,
    (_DNS, 3020): looked_up,
}
