"""Hashes: files known byte by byte, to a family or to a list that the user brought.

A digest is computed only where some known file could be this one: by its size, or by its kind of content where no
source gives the size.

References:
    Sources of each hash: `yara_rules/families/*/hashes.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from triage.intel import Intel
from triage.intel.hashes import DIGITS, Algorithm, KnownFile
from triage.intel.matcher import TEXT_TYPES
from triage.intel.patterns import compile_place
from triage.model import Confidence, Content, Entry, Finding, Json, Kind, Level, Severity

KNOWN = "Known malicious file (hash)"
TOOL = "Known attack tool (hash)"
IN_PLACE = "Known file in the malware's folder (hash)"
LISTED = "File from an indicator list (hash)"

UNSIZED_MAX = 8 << 20
"""Largest file, in bytes, that a family's hash without a size is looked for in: twice the largest known sample."""

TITLES = (KNOWN, TOOL, IN_PLACE, LISTED)


@dataclass(slots=True)
class _Known:
    """The files that one algorithm finds, and what could be one of them."""

    files: dict[str, list[tuple[str | None, KnownFile]]] = field(default_factory=dict)
    sizes: set[int] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)

    def add(self, family: str | None, file: KnownFile, value: str) -> None:
        self.files.setdefault(value, []).append((family, file))
        if file.size is None:
            self.contents.add(file.content)
        else:
            self.sizes.add(file.size)

    def possible(self, entry: Entry, content: Content) -> bool:
        return bool(self.files) and (
            entry.size in self.sizes
            or "any" in self.contents
            or (entry.size <= UNSIZED_MAX and not self.contents.isdisjoint(_contents(content)))
        )


class Hashes:
    """Looks for the strongest digest that a known file has, and no other."""

    name = "hashes"

    def __init__(self, intel: Intel) -> None:
        self._known: dict[Algorithm, _Known] = {algorithm: _Known() for algorithm in DIGITS}
        self._places: dict[str, re.Pattern[str]] = {}
        for family, file in intel.hashes:
            algorithm, value = file.strongest
            self._known[algorithm].add(family, file, value)
            if file.place:
                self._places[file.place] = compile_place(file.place, {})

    def wants(self, entry: Entry) -> bool:
        return entry.size > 0 and entry.kind in (Kind.FILE, Kind.STREAM)

    def detect(self, entry: Entry, content: Content) -> Iterator[Finding]:
        if content.level is not Level.FULL:
            return
        for algorithm, known in self._known.items():
            if not known.possible(entry, content):
                continue
            value = content.digest(algorithm)
            found = False
            for family, file in known.files.get(value or "", ()):
                if not file.place or self._places[file.place].fullmatch(entry.path.lower()):
                    found = True
                    yield _finding(entry, family, file, algorithm)
            if found:
                return


def _contents(content: Content) -> set[str]:
    if content.head[:2] == b"MZ":
        return {"pe"}
    if content.type in ("rtf", "script"):
        return {content.type, "text"}
    return {"text"} if content.type in TEXT_TYPES else set()


def _finding(entry: Entry, family: str | None, file: KnownFile, algorithm: Algorithm) -> Finding:
    title, severity, confidence = _weight(family, file)
    details: dict[str, Json] = {
        "algorithm": algorithm,
        "name": file.name,
        "role": file.role,
        "source": list(file.source),
    }
    if file.note:
        details["note"] = file.note
    return Finding(
        detector=Hashes.name,
        entry=entry.id,
        severity=severity,
        confidence=confidence,
        title=title,
        family=family,
        indicator=file.strongest[1],
        details=details,
    )


def _weight(family: str | None, file: KnownFile) -> tuple[str, Severity, Confidence]:
    """A known sample is an infection; a low-confidence or context hash, or a tool, is a suspicion."""
    if file.confidence == "context":
        return IN_PLACE, Severity.SUSPICIOUS, Confidence.MEDIUM
    confidence = Confidence(file.confidence)
    severity = Severity.SUSPICIOUS if confidence is Confidence.LOW else Severity.INFECTED
    if file.role == "exploit":
        return TOOL, Severity.SUSPICIOUS, confidence
    return (KNOWN if family else LISTED), severity, confidence
