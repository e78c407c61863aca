"""Prefetch files: programs of a known family that ran, what programs loaded of its files, and tools it calls.

The name of a program is a weak witness; what the program loaded, and from where, is a strong one.

Limits:
    Windows keeps the last run before Windows 8 and the last eight since. Servers keep no prefetch files as a rule, nor
    do many machines with solid-state disks.

References:
    ATT&CK T1204 User Execution, T1490 Inhibit System Recovery.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.errors import FormatError
from triage.formats import prefetch
from triage.formats.prefetch import Prefetch
from triage.intel import Intel
from triage.intel.name_index import KnownName, NameIndex
from triage.model import Confidence, Content, Entry, Event, Finding, Json, Kind, Record, Severity
from triage.text import printable
from triage.times import isoformat

RAN = "Program with a known component's name ran"
RAN_WITH = "Known component ran, with its own files"
LOADED = "Program loaded files of a known family"

TITLES = (RAN, RAN_WITH, LOADED)

COMPONENT_RAN = "Program with a known component's name ran"
TOOL_RAN = "Tool that ransomware calls ran"

EVENTS = (COMPONENT_RAN, TOOL_RAN)

TOOLS = frozenset(
    f"{tool}.exe"
    for tool in ("vssadmin", "wbadmin", "bcdedit", "wmic", "icacls", "attrib", "cscript", "reg", "taskkill")
)
"""What WannaCry starts, and administrators too."""

_FILE_NAME = re.compile(r"-[0-9a-f]{8}\.pf$")
_EXAMPLES = 20


class PrefetchFiles:
    """Every prefetch file is read; most tell nothing."""

    name = "prefetch"

    def __init__(self, intel: Intel) -> None:
        self._names = NameIndex(intel.families)

    def wants(self, entry: Entry) -> bool:
        return (
            entry.path.endswith((".pf", ".PF"))
            and entry.kind is Kind.FILE
            and _FILE_NAME.search(entry.path.lower()) is not None
        )

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        with content.file() as file:
            data = file.read(prefetch.SIZE_MAX + 1)
        try:
            seen = prefetch.parse(data)
        except FormatError:
            if entry.allocated:
                raise
            return  # the bytes of a deleted file may be another's by now
        name = seen.name.lower()
        known = self._names.find(name)
        of_family: dict[str, list[str]] = {}
        for path in seen.loaded:
            if family := self._family_of(path, name):
                of_family.setdefault(family, []).append(printable(path))
        if known is not None and known.role == "component":
            yield self._ran(entry, seen, known, of_family.pop(known.family, []))
            yield from self._events(entry, seen, COMPONENT_RAN, known.family)
        elif name in TOOLS:
            yield from self._events(entry, seen, TOOL_RAN, None)
        for family, paths in of_family.items():
            details = _details(seen, paths)
            yield self._finding(entry, LOADED, Severity.SUSPICIOUS, Confidence.MEDIUM, family, seen.name, details)

    def _family_of(self, path: str, own: str) -> str | None:
        """The family whose file a loaded path is; the program's own name says nothing more of it."""
        name = path[path.rfind("\\") + 1 :]
        known = None if name.lower() == own else self._names.find(name)
        return None if known is None else known.family

    def _ran(self, entry: Entry, seen: Prefetch, known: KnownName, paths: list[str]) -> Finding:
        at_home = seen.path is not None and known.in_place(seen.path)
        title, severity = (RAN_WITH, Severity.INFECTED) if paths else (RAN, Severity.SUSPICIOUS)
        sure = Confidence.HIGH if paths and at_home else Confidence.MEDIUM
        details = {**_details(seen, paths), "in_its_place": at_home}
        return self._finding(entry, title, severity, sure, known.family, known.indicator, details)

    def _finding(
        self,
        entry: Entry,
        title: str,
        severity: Severity,
        confidence: Confidence,
        family: str,
        indicator: str,
        details: dict[str, Json],
    ) -> Finding:
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=severity,
            confidence=confidence if entry.allocated else Confidence.LOW,
            title=title,
            family=family,
            indicator=indicator,
            attack=("T1204",),
            details=details if entry.allocated else {**details, "deleted": True},
        )

    def _events(self, entry: Entry, seen: Prefetch, what: str, family: str | None) -> Iterable[Event]:
        details: dict[str, Json] = {"program": printable(seen.name), "run_count": seen.run_count}
        if seen.path is not None:
            details["path"] = printable(seen.path)
        if family is not None:
            details["family"] = family
        for when in seen.runs:
            yield Event(detector=self.name, entry=entry.id, when=when, what=what, source=entry.name, details=details)


def _details(seen: Prefetch, paths: list[str]) -> dict[str, Json]:
    return {
        "program": printable(seen.name),
        "path": None if seen.path is None else printable(seen.path),
        "path_hash": f"{seen.path_hash:08x}",
        "run_count": seen.run_count,
        "runs": [isoformat(run) for run in seen.runs],
        "loaded": list(paths[:_EXAMPLES]),
        "loaded_count": len(paths),
        "volumes": [f"{volume.serial:08x}" for volume in seen.volumes],
    }
