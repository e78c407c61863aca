"""Names: files and folders called what a known family calls its own, in the places where that counts.

A name is a weak witness: it never says more than `suspicious`. Content is not read.

Limits:
    A family whose encrypted files carry a header is left to the detector that reads the header; of such a
    family only deleted names are reported by their extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.intel import Intel
from triage.intel.families import Family, NameIndicator
from triage.intel.path_index import PathIndex
from triage.intel.patterns import compile_place, is_literal, literal_suffix, translate
from triage.model import Confidence, Content, Entry, Finding, Kind, Severity

_HIDDEN = 0x2  # FILE_ATTRIBUTE_HIDDEN

ROLES = {
    "note": ("Name of a ransom note", Confidence.MEDIUM),
    "note-like": ("Name like a ransom note", Confidence.LOW),
    "component": ("Name of a known component", Confidence.MEDIUM),
    "key": ("Name of a key file", Confidence.MEDIUM),
    "state": ("Name of a state file", Confidence.MEDIUM),
    "script": ("Name of a dropped script", Confidence.MEDIUM),
    "message": ("Name of a message file", Confidence.MEDIUM),
    "temp": ("Name of a temporary file of the encryption", Confidence.MEDIUM),
    "folder": ("Name of an installation folder", Confidence.LOW),
    "trace": ("Trace of a known component that ran", Confidence.MEDIUM),
    "common": ("Common name in a known place", Confidence.MEDIUM),
}
"""What a role weighs is set here, once, and not by the authors of families."""

ELSEWHERE = "Name of a known component, in another place"
EXTENSION = "Extension of encrypted files"
LISTED = "Name from an indicator list"

TITLES = (*(title for title, _ in ROLES.values()), ELSEWHERE, EXTENSION, LISTED)


@dataclass(frozen=True, slots=True)
class _Named:
    family: Family
    indicator: NameIndicator
    pattern: re.Pattern[str]
    places: tuple[re.Pattern[str], ...]
    exceptions: tuple[re.Pattern[str], ...]

    def fits(self, entry: Entry, name: str, path: str) -> bool:
        rule = self.indicator
        if rule.kind != "any" and (rule.kind == "folder") != (entry.kind is Kind.FOLDER):
            return False
        if rule.hidden and not entry.attributes & _HIDDEN:
            return False
        if rule.elsewhere == "ignore" and not self.in_place(path):
            return False
        written = entry.name if rule.exact_case else name
        return bool(self.pattern.fullmatch(written)) and not any(e.fullmatch(path) for e in self.exceptions)

    def in_place(self, path: str) -> bool:
        return not self.places or any(place.fullmatch(path) for place in self.places)


class Names:
    """Exact names and extensions are looked up; only what has neither is matched by pattern."""

    name = "names"

    def __init__(self, intel: Intel) -> None:
        self._exact: dict[str, tuple[_Named, ...]] = {}
        self._suffix: dict[str, tuple[_Named, ...]] = {}
        loose: list[_Named] = []
        for named in [_named(family, name) for family in intel.families for name in family.names]:
            pattern = named.indicator.pattern.lower()
            if is_literal(pattern):
                self._exact[pattern] = (*self._exact.get(pattern, ()), named)
            elif suffix := literal_suffix(pattern):
                self._suffix[suffix] = (*self._suffix.get(suffix, ()), named)
            else:
                loose.append(named)
        self._loose = tuple(loose)
        self._loose_gate = _union(named.pattern.pattern for named in loose)
        self._extensions = {
            extension.extension.lower(): (family, extension)
            for family in intel.families
            for extension in family.extensions
        }
        self._listed = PathIndex(intel.names) if intel.names else None

    def wants(self, entry: Entry) -> bool:
        path = entry.path.lower()
        name = path[path.rfind("/") + 1 :]
        suffix = name[name.rfind(".") :]
        return (
            name in self._exact
            or suffix in self._suffix
            or suffix in self._extensions
            or (self._loose_gate is not None and self._loose_gate.fullmatch(name) is not None)
            or (self._listed is not None and any(self._listed.matches(_windows(entry.path))))
        )

    def detect(self, entry: Entry, content: Content) -> Iterator[Finding]:  # noqa: ARG002 - the name is enough
        path = entry.path.lower()
        name = path[path.rfind("/") + 1 :]
        suffix = name[name.rfind(".") :]
        for named in (*self._exact.get(name, ()), *self._suffix.get(suffix, ()), *self._loose):
            if named.fits(entry, name, path):
                yield _name_finding(entry, named, named.in_place(path))
        if suffix in self._extensions and entry.kind is Kind.FILE:
            family, extension = self._extensions[suffix]
            if not family.headers or not entry.allocated:
                yield Finding(
                    detector=self.name,
                    entry=entry.id,
                    severity=Severity.SUSPICIOUS,
                    confidence=Confidence.LOW,
                    title=EXTENSION,
                    family=family.id,
                    indicator=f"*{extension.extension}",
                    attack=("T1486",),
                    details={"meaning": extension.meaning, "deleted": not entry.allocated},
                )
        yield from self._listed_findings(entry)

    def _listed_findings(self, entry: Entry) -> Iterator[Finding]:
        if self._listed is None:
            return
        for ioc in sorted(self._listed.matches(_windows(entry.path)), key=lambda ioc: ioc.where):
            yield Finding(
                detector=self.name,
                entry=entry.id,
                severity=Severity.SUSPICIOUS,
                confidence=Confidence.LOW if ioc.weak else Confidence.MEDIUM,
                title=LISTED,
                indicator=ioc.regex,
                details={"list": ioc.where, "description": ioc.description, "score": ioc.score},
            )


def _named(family: Family, indicator: NameIndicator) -> _Named:
    words = family.placeholders
    return _Named(
        family,
        indicator,
        re.compile(translate(indicator.pattern, words, indicator.exact_case), re.DOTALL),
        tuple(compile_place(place, words) for place in indicator.where),
        tuple(compile_place(exception.path, words) for exception in indicator.exceptions),
    )


def _union(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined, re.DOTALL) if joined else None


def _windows(path: str) -> str:
    """The path as indicator lists write it: with the back-slashes of Windows."""
    return path.replace("/", "\\")


def _name_finding(entry: Entry, named: _Named, in_place: bool) -> Finding:
    title, confidence = ROLES[named.indicator.role]
    return Finding(
        detector=Names.name,
        entry=entry.id,
        severity=Severity.SUSPICIOUS if in_place and named.indicator.role != "note-like" else Severity.INFO,
        confidence=confidence if in_place else Confidence.LOW,
        title=title if in_place else ELSEWHERE,
        family=named.family.id,
        indicator=named.indicator.id,
        attack=named.indicator.attack,
        details={"pattern": named.indicator.pattern, "role": named.indicator.role, "deleted": not entry.allocated},
    )
