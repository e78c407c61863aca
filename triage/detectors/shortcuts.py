"""Shortcuts: those that start a known component, and what they remember of it; on which machine they were made.

Limits:
    A shortcut tells the times of its target when it was made, not when it was used.

References:
    ATT&CK T1547.001 Registry Run Keys / Startup Folder, T1204.002 Malicious File.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.errors import FormatError
from triage.formats import lnk
from triage.formats.lnk import Shortcut
from triage.intel import Intel
from triage.intel.name_index import KnownName, NameIndex
from triage.model import Confidence, Content, Entry, Event, Finding, Json, Kind, Record, Severity, UnixNs
from triage.text import printable

TO_COMPONENT = "Shortcut to a known component"
AT_START = "Shortcut in a Startup folder to a known component"
OPENED = "Recently opened file of a known family"

TITLES = (TO_COMPONENT, AT_START, OPENED)

MADE = "Shortcut to a known component made"
TARGET_BORN = "Target of a shortcut created"

EVENTS = (MADE, TARGET_BORN)

_STARTUP = ("/start menu/programs/startup/", "/start menu/programs/autostart/")
_RECENT = ("/recent/", "/microsoft/office/recent/")


class Shortcuts:
    """Every `.lnk` file; one whose target no family knows tells nothing."""

    name = "shortcuts"

    def __init__(self, intel: Intel) -> None:
        self._names = NameIndex(intel.families)

    def wants(self, entry: Entry) -> bool:
        return entry.path.endswith((".lnk", ".LNK", ".Lnk")) and entry.size > 0 and entry.kind is Kind.FILE

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        with content.file() as file:
            data = file.read(lnk.SIZE_MAX)
        try:
            shortcut = lnk.parse(data)
        except FormatError:
            if entry.allocated:
                raise
            return  # the bytes of a deleted file may be another's by now
        known = self._known(shortcut)
        if known is not None:
            yield self._finding(entry, shortcut, known)
            for what, when in ((MADE, entry.times.born), (TARGET_BORN, shortcut.born)):
                if when is not None:
                    yield self._event(entry, what, when, shortcut)

    def _known(self, shortcut: Shortcut) -> KnownName | None:
        """By the target; by the relative path where that alone is told; by what a command line starts."""
        found = self._names.find_path(shortcut.target) or self._names.find_path(shortcut.relative)
        if found is not None:
            return found
        words = shortcut.arguments.replace('"', " ").split()
        return next((known for word in words if (known := self._names.find_path(word)) is not None), None)

    def _finding(self, entry: Entry, shortcut: Shortcut, known: KnownName) -> Finding:
        path = entry.path.lower()
        at_start = any(folder in path for folder in _STARTUP)
        if at_start:
            title, confidence = AT_START, Confidence.MEDIUM
        elif known.role in ("extension", "note") or any(folder in path for folder in _RECENT):
            title, confidence = OPENED, Confidence.MEDIUM
        else:
            title, confidence = TO_COMPONENT, Confidence.MEDIUM
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=Severity.SUSPICIOUS,
            confidence=confidence if entry.allocated else Confidence.LOW,
            title=title,
            family=known.family,
            indicator=known.indicator,
            attack=("T1547.001",) if at_start else ("T1204.002",),
            details=_details(shortcut) if entry.allocated else {**_details(shortcut), "deleted": True},
        )

    def _event(self, entry: Entry, what: str, when: UnixNs, shortcut: Shortcut) -> Event:
        return Event(
            detector=self.name,
            entry=entry.id,
            when=when,
            what=what,
            source=entry.name,
            details={"target": printable(shortcut.target)},
        )


def _details(shortcut: Shortcut) -> dict[str, Json]:
    details: dict[str, Json] = {"target": printable(shortcut.target)}
    texts = {"arguments": shortcut.arguments, "working_folder": shortcut.folder, "machine": shortcut.machine}
    details |= {name: printable(text) for name, text in texts.items() if text}
    if shortcut.serial is not None:
        details["volume"] = f"{shortcut.serial:08x}"
    if shortcut.damaged:
        details["damaged"] = True
    return details
