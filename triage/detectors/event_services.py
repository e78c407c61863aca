"""Events of the service control manager: services installed, started, stopped.

References:
    ATT&CK T1543.003 Windows Service. In 7045 and 7036 the name is the one that people read (display name).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from triage.detectors.event_knowledge import Handler, Knowledge
from triage.detectors.event_told import Sign, Told
from triage.formats.logrecord import LogRecord
from triage.intel.commands import KnownCommands, KnownService
from triage.model import Confidence, Severity

INSTALLED = "Service was installed"
STATE = "Service changed its state"
EVENTS = (INSTALLED, STATE)

FAMILY_SERVICE = "Service of a known family was installed"
FAMILY_SERVICE_RAN = "Service of a known family ran"
TITLES = (FAMILY_SERVICE, FAMILY_SERVICE_RAN)

SHADOW_COPY_SERVICES = frozenset({"volume shadow copy", "vss", "microsoft software shadow copy provider", "swprv"})


def installed(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """System 7045, Security 4697."""
    data = record.data
    name = data.get("ServiceName", data.get("param1", ""))
    image = data.get("ImagePath", data.get("ServiceFileName", data.get("param2", "")))
    commands = known.commands
    named, by_image = commands.service_named(name), commands.service_of_image(image)
    sign = None
    if named and (by_image or named.alone):
        sign = _sign(FAMILY_SERVICE, named, name, Confidence.HIGH)
    elif by_image:
        sign = _sign(FAMILY_SERVICE, by_image, image, Confidence.MEDIUM)
    details = {
        "service": name,
        "image": image,
        "start": data.get("StartType", data.get("ServiceStartType", "")),
        "account": data.get("AccountName", data.get("ServiceAccount", "")),
    }
    yield Told(what=INSTALLED, details=details, sign=sign)


def state(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """System 7036, and 7035 on XP and 2003 (which is sent a control): of services that matter."""
    name, change = record.data.get("param1", ""), record.data.get("param2", "")
    named = known.commands.service_named(name)
    if named is None and name.lower() not in SHADOW_COPY_SERVICES:
        return
    sign = None
    if named and named.alone:
        sign = _sign(FAMILY_SERVICE_RAN, named, name, Confidence.HIGH)
    yield Told(what=STATE, details={"service": name, "state": change}, sign=sign)


def matters(commands: KnownCommands) -> Callable[[str], bool]:
    """Tells from a record's text whether its service may matter; most are seen again and again."""
    seen: dict[str, bool] = {}

    def matters_at_all(text: str) -> bool:
        begin = text.find('"param1":"')
        if begin < 0:
            return True
        name = text[begin + 10 : text.find('"', begin + 10)]
        verdict = seen.get(name)
        if verdict is None:
            verdict = name.lower() in SHADOW_COPY_SERVICES or commands.service_named(name) is not None
            if len(seen) < 10_000:
                seen[name] = verdict
        return verdict

    return matters_at_all


def _sign(title: str, known: KnownService, indicator: str, confidence: Confidence) -> Sign:
    return Sign(
        title=title,
        severity=Severity.INFECTED,
        confidence=confidence,
        indicator=indicator,
        family=known.family,
        attack=known.trait.attack,
    )


HANDLERS: Mapping[tuple[str, int], Handler] = {
    ("system", 7045): installed,
    ("security", 4697): installed,
    ("system", 7035): state,
    ("system", 7036): state,
}
