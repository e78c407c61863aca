"""Programs: the traits of known components in what a PE file carries, whatever its name and hash.

Every program's headers are screened; more is asked only where they fit a known component, the name is a known
one, or the place is one where programs are not installed by an administrator.

Limits:
    A program larger than one window (64 MB) is screened only: no known component comes near.
    A compile time alone says nothing: malware copies it from Windows' own programs.

References:
    ATT&CK T1036.005 Match Legitimate Name or Location; Mandiant, "Tracking Malware with Import Hashing".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from triage.errors import FormatError
from triage.formats.imphash import imphash
from triage.formats.pe import PeScreen, screen, section_md5
from triage.formats.pe_directories import PeReport, Want, inspect
from triage.intel import Intel
from triage.intel.traits import PeResource, PeTrait
from triage.model import Confidence, Content, Entry, Finding, Json, Kind, Level, Severity
from triage.times import from_unix, isoformat

KNOWN = "Program with the traits of a known component"
RESEMBLES = "Program that resembles a known component"
LIES = "Program whose version information names another program"

TITLES = (KNOWN, RESEMBLES, LIES)

EXECUTABLE = (".exe", ".dll", ".sys", ".scr")
"""Lower case. A malformed program under one of these names is a gap; under another it is no program."""

# Where users, or malware with their rights, put programs: profiles, shared data, temporary folders, the root of
# a drive, Windows' own folder (not those below it), and the folder that the loader makes at a drive's root.
_PLACE = re.compile(
    r"/(?:programdata|intel|perflogs|users|documents and settings|temp|tmp|\$recycle(?:\.bin)?|recycler)/.+"
    r"|/windows/(?:temp/.+|[^/]+)|/[a-z]{8,15}\d{3}/.+|/[^/]+"
)
_SMALLEST = 0x40
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Known:
    """A trait with its family and its figures as the headers hold them."""

    family: str
    trait: PeTrait
    compiled: int | None
    linker: tuple[int, int] | None
    section_names: tuple[str, ...]

    def contradicts(self, seen: PeScreen) -> bool:
        return self.trait.bits not in (None, seen.bits)

    def fits(self, seen: PeScreen) -> bool:
        """The headers alone make this component worth a closer look."""
        if self.contradicts(seen):
            return False
        same_sections = not self.section_names or self.section_names == tuple(s.name for s in seen.sections)
        return self.compiled == seen.timestamp or (self.linker == seen.linker and same_sections)


class Pe:
    """Import hash, section hashes, resources, exports, version information and compile time of known components."""

    name = "pe"

    def __init__(self, intel: Intel) -> None:
        self._known = tuple(_known(family.id, trait) for family in intel.families for trait in family.pe)
        self._components = frozenset(known.trait.component.lower() for known in self._known)

    def wants(self, entry: Entry) -> bool:
        return entry.size >= _SMALLEST and (entry.kind is Kind.FILE or entry.kind is Kind.STREAM)

    def detect(self, entry: Entry, content: Content) -> Iterable[Finding]:
        if content.type != "pe" or content.level is not Level.FULL:
            return ()
        return self._program(entry, content)

    def _program(self, entry: Entry, content: Content) -> Iterator[Finding]:
        whole = content.whole
        path = entry.path.lower()
        try:
            seen = screen(content.head if whole is None else whole)
            if seen is None or whole is None:
                return
            candidates = self._candidates(path, seen)
            if candidates:
                yield from self._compare(entry, whole, seen, candidates)
        except FormatError:
            if path.endswith(EXECUTABLE):
                raise

    def _candidates(self, path: str, seen: PeScreen) -> tuple[_Known, ...]:
        if path[path.rfind("/") + 1 :] in self._components or _PLACE.fullmatch(path):
            return tuple(known for known in self._known if not known.contradicts(seen))
        return tuple(known for known in self._known if known.fits(seen))

    def _compare(
        self, entry: Entry, whole: memoryview, seen: PeScreen, candidates: tuple[_Known, ...]
    ) -> Iterator[Finding]:
        report, broken_tables = _tried(lambda: inspect(whole, _want(seen, candidates)), PeReport())
        hashed, broken_imports = _tried(lambda: imphash(whole, seen), "")
        told = _Seen(
            name=entry.name.lower(),
            whole=whole,
            screen=seen,
            report=report,
            strings={key.lower(): value for key, value in report.strings},
            imphash=hashed,
            section_md5=_hashed_sections(whole, seen, candidates),
        )
        for known in candidates:
            traits = tuple(_traits(known, told))
            judged = _judge(known.trait, traits)
            if judged:
                title, severity, confidence = judged
                yield Finding(
                    detector=self.name,
                    entry=entry.id,
                    severity=severity,
                    confidence=confidence if entry.allocated else Confidence.LOW,
                    title=title,
                    family=known.family,
                    indicator=known.trait.id,
                    attack=known.trait.attack,
                    details=_details(known.trait, traits, told),
                )
        for error in (broken_tables, broken_imports):
            if error:
                raise error


def _tried(ask: Callable[[], _T], otherwise: _T) -> tuple[_T, FormatError | None]:
    """One broken table must not hide what the others say; its error is raised when they have spoken."""
    try:
        return ask(), None
    except FormatError as error:
        return otherwise, error


def _known(family: str, trait: PeTrait) -> _Known:
    major, _, minor = trait.linker.partition(".")
    return _Known(
        family=family,
        trait=trait,
        compiled=int(datetime.fromisoformat(trait.compiled).replace(tzinfo=UTC).timestamp())
        if trait.compiled
        else None,
        linker=(int(major), int(minor or 0)) if major else None,
        section_names=tuple(section.name for section in trait.sections),
    )


def _want(seen: PeScreen, candidates: tuple[_Known, ...]) -> Want:
    exports = seen.exports and any(known.trait.exports or known.trait.internal_name for known in candidates)
    return (Want.RESOURCES if seen.resources else Want.NOTHING) | (Want.EXPORTS if exports else Want.NOTHING)


def _hashed_sections(whole: memoryview, seen: PeScreen, candidates: tuple[_Known, ...]) -> dict[str, str | None]:
    """MD5 by section name, only where headers and section names are a component's: it reads every byte again."""
    if not any(known.section_names and known.fits(seen) for known in candidates):
        return {}
    return {section.name: section_md5(whole, section) for section in seen.sections}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Everything read from one program."""

    name: str
    whole: memoryview
    screen: PeScreen
    report: PeReport
    strings: dict[str, str]
    imphash: str
    section_md5: dict[str, str | None]

    def shows(self, wanted: PeResource) -> bool:
        """A resource of this type, id and language whose data begins so; what is empty is not asked."""
        prefix = bytes.fromhex(wanted.prefix)
        return any(
            wanted.type in ("", one.type)
            and wanted.id in ("", one.id)
            and wanted.language in (None, one.language)
            and self.whole[one.offset : one.offset + len(prefix)] == prefix
            for one in self.report.resources
        )


def _traits(known: _Known, seen: _Seen) -> Iterator[str]:
    """Names of the component's traits that this program shows."""
    trait = known.trait
    if trait.imphash and trait.imphash == seen.imphash:
        yield "imphash"
    if any(seen.section_md5.get(section.name) == section.md5 for section in trait.sections):
        yield "sections"
    for wanted in trait.resources:
        if seen.shows(wanted):
            yield "resource" if wanted.type and wanted.id else "resource data"
    if trait.exports and set(trait.exports) == set(seen.report.exports):
        yield "exports"
    module = trait.internal_name.lower()
    if module and module in (seen.report.module.lower(), seen.strings.get("internalname", "").lower()):
        yield "internal name"
    original = seen.strings.get("originalfilename", "").lower()
    if original and original == trait.original_filename.lower() and seen.name not in (original, trait.lies.lower()):
        yield "original filename"
    if known.compiled == seen.screen.timestamp:
        yield "compile time"
    if known.linker == seen.screen.linker:
        yield "linker"


_STRONG = {"imphash", "sections", "resource"}


def _judge(trait: PeTrait, traits: tuple[str, ...]) -> tuple[str, Severity, Confidence] | None:
    """What the traits together allow to say: one strong one, or exports with a second; a lie is suspicious."""
    shown = set(traits)
    strong = shown & _STRONG
    if strong or ("exports" in shown and shown & {"internal name", "compile time", "resource data"}):
        if trait.confidence == "low":
            return RESEMBLES, Severity.SUSPICIOUS, Confidence.LOW
        certain = len(strong) > 1 or (strong and shown & {"compile time", "original filename", "exports"})
        return KNOWN, Severity.INFECTED, Confidence.HIGH if certain else Confidence.MEDIUM
    if "original filename" in shown:
        return LIES, Severity.SUSPICIOUS, Confidence.MEDIUM
    return (RESEMBLES, Severity.SUSPICIOUS, Confidence.LOW) if "exports" in shown else None


def _details(trait: PeTrait, traits: tuple[str, ...], seen: _Seen) -> dict[str, Json]:
    end, size = seen.screen.end, len(seen.whole)
    return {
        "component": trait.component,
        "traits": list(traits),
        "compiled": isoformat(from_unix(seen.screen.timestamp)),
        "bits": seen.screen.bits,
        "linker": ".".join(map(str, seen.screen.linker)),
        "imphash": seen.imphash,
        "original_filename": seen.strings.get("originalfilename"),
        "overlay": size - end if 0 < end < size else 0,
    }
