"""What the records of a change journal mean together: encrypted, moved, deleted, finished or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from triage.formats import usn
from triage.formats.usn import UsnRecord, record_number
from triage.model import Confidence, Entry, Event, Fact, Finding, Json, Record, Severity, UnixNs
from triage.text import printable
from triage.times import isoformat

DETECTOR = "usn"

ENCRYPTING = "Change journal shows files being encrypted"
TRACES = "Change journal names known components"

TITLES = (ENCRYPTING, TRACES)

ENCRYPTED = "File renamed to the name of an encrypted file"
STAGED = "File renamed to the name of a staged file"
UNFINISHED = "Encryption of a file began and did not finish"
NOTE = "Ransom note created"
COMPONENT = "Known component created"
COMPONENT_DELETED = "Known component deleted"
COPIES = "Temporary copies of the encryption created"
MOVED = "Originals moved away by the encryption"
ORIGINALS = "Originals of encrypted files deleted"
COPIES_DELETED = "Temporary files of the encryption deleted"
PROBES = "Probe files of the malware created"
STORES_DELETED = "Shadow copies deleted"
CLOCK_BACK = "Clock was set back"

EVENTS = (
    ENCRYPTED,
    STAGED,
    UNFINISHED,
    NOTE,
    COMPONENT,
    COMPONENT_DELETED,
    COPIES,
    MOVED,
    ORIGINALS,
    COPIES_DELETED,
    PROBES,
    STORES_DELETED,
    CLOCK_BACK,
)
"""The first three and those of notes and components: one a file, with `name record sequence parent`, and `old` for
renames. The rest: one a minute, at its first, with `files`, `last`, and the first one's `name`."""

FACTS = (
    "usn.first",
    "usn.last",
    "usn.records",
    "usn.damaged_bytes",
    "usn.encrypted_files",
    "usn.first_encrypted",
    "usn.last_encrypted",
)
"""Names of the facts told here; times in ISO 8601, UTC."""

MINUTE = 60_000_000_000
"""Nanoseconds."""
REMEMBERED = 1 << 16
"""Files whose other half (new name, original) is still awaited; the oldest is forgotten first."""

_NEVER = UnixNs(0)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name says: the event of its creation, or of a rename to it. stem: the name without the extension."""

    what: str
    family: str
    indicator: str
    stem: str = ""


@dataclass(slots=True)
class _Sum:
    """What happened alike within a minute."""

    first: UnixNs
    last: UnixNs
    name: str
    files: int = 1


@dataclass(slots=True)
class _Seen:
    """What the journal shows of one family."""

    encrypted: int = 0
    paired: int = 0
    components: int = 0
    first: UnixNs | None = None
    last: UnixNs | None = None


@dataclass(slots=True)
class Acts:
    """Follows one journal. begin, last: times of its first and newest record; records: how many there were."""

    entry: Entry
    records: int = 0
    last: UnixNs = _NEVER
    begin: UnixNs | None = None
    families: dict[str, _Seen] = field(default_factory=dict)
    old_names: dict[int, str] = field(default_factory=dict)
    copies: dict[int, UsnRecord] = field(default_factory=dict)
    originals: dict[tuple[int, str], None] = field(default_factory=dict)
    told: dict[tuple[int, str], None] = field(default_factory=dict)
    sums: dict[str, _Sum] = field(default_factory=dict)

    def clock_back(self, record: UsnRecord, when: UnixNs) -> Event:
        """Records stand in the order of the acts: a time before the last one's is a changed clock."""
        return self._event(CLOCK_BACK, when, {"from": isoformat(self.last), "to": isoformat(when), "usn": record.usn})

    def other(self, record: UsnRecord, when: UnixNs) -> Iterator[Event]:
        """A name that says nothing: an old name, or perhaps the original of an encrypted file."""
        if record.reason & usn.RENAME_OLD_NAME:
            _remember(self.old_names, record.file, record.name)
        elif self.originals.pop((record.parent, record.name.lower()), self) is None:
            yield from self._sum(ORIGINALS, record, when)

    def named(self, record: UsnRecord, when: UnixNs, meaning: Meaning) -> Iterator[Event]:
        """A name that a family uses."""
        reason, what = record.reason, meaning.what
        if what == STORES_DELETED:
            if reason & usn.FILE_DELETE and self._is_new(record):
                yield from self._sum(what, record, when)
        elif reason & usn.RENAME_OLD_NAME:
            _remember(self.old_names, record.file, record.name)
        elif reason & usn.FILE_DELETE:
            self.copies.pop(record.file, None)
            if what in (COPIES, PROBES):
                yield from self._sum(COPIES_DELETED, record, when)
            elif what in (COMPONENT, NOTE):
                yield self._file(COMPONENT_DELETED, record, when, meaning)
        elif reason & usn.RENAME_NEW_NAME:
            if self._is_new(record):
                yield from self._renamed(record, when, meaning)
        elif reason & usn.FILE_CREATE and what not in (ENCRYPTED, STAGED) and self._is_new(record):
            yield from self._created(record, when, meaning)

    def _is_new(self, record: UsnRecord) -> bool:
        """An act is written down once for each reason that joins it, and again at the end."""
        key = (record.file, record.name)
        if key in self.told:
            return False
        _remember(self.told, key, None)
        return True

    def _created(self, record: UsnRecord, when: UnixNs, meaning: Meaning) -> Iterator[Event]:
        if meaning.what in (COPIES, PROBES):
            yield from self._sum(meaning.what, record, when)
            if meaning.what == COPIES:
                if len(self.copies) >= REMEMBERED:
                    yield self._unfinished(self.copies.pop(next(iter(self.copies))))
                self.copies[record.file] = record
        else:
            self._seen(meaning).components += 1
            yield self._file(meaning.what, record, when, meaning)

    def _renamed(self, record: UsnRecord, when: UnixNs, meaning: Meaning) -> Iterator[Event]:
        old = self.old_names.pop(record.file, None)
        if meaning.what == COPIES:
            yield from self._sum(MOVED, record, when)
            return
        if meaning.what in (ENCRYPTED, STAGED):
            self.copies.pop(record.file, None)
            seen = self._seen(meaning)
            seen.encrypted += 1
            seen.paired += old is not None and old.lower() == f"{meaning.stem}.wncryt"
            seen.first, seen.last = seen.first or when, when
            _remember(self.originals, (record.parent, meaning.stem), None)
        elif meaning.what != PROBES:
            self._seen(meaning).components += 1
        yield self._file(meaning.what, record, when, meaning, old)

    def _seen(self, meaning: Meaning) -> _Seen:
        return self.families.setdefault(meaning.family, _Seen())

    def _sum(self, what: str, record: UsnRecord, when: UnixNs) -> Iterator[Event]:
        so_far = self.sums.get(what)
        if so_far is not None and so_far.first // MINUTE == when // MINUTE:
            so_far.files += 1
            so_far.last = when
            return
        self.sums[what] = _Sum(when, when, printable(record.name))
        if so_far is not None:
            yield self._summed(what, so_far)

    def _summed(self, what: str, minute: _Sum) -> Event:
        details: dict[str, Json] = {"files": minute.files, "last": isoformat(minute.last), "name": minute.name}
        return self._event(what, minute.first, details)

    def _file(self, what: str, record: UsnRecord, when: UnixNs, meaning: Meaning, old: str | None = None) -> Event:
        details = {**_place(record), "family": meaning.family, "indicator": meaning.indicator}
        return self._event(what, when, details if old is None else {**details, "old": printable(old)})

    def _unfinished(self, record: UsnRecord) -> Event:
        assert record.when is not None
        return self._event(UNFINISHED, record.when, _place(record))

    def _event(self, what: str, when: UnixNs, details: dict[str, Json]) -> Event:
        return Event(
            detector=DETECTOR, entry=self.entry.id, when=when, what=what, source="$UsnJrnl:$J", details=details
        )

    def end(self, skipped: int) -> Iterator[Record]:
        """What is only known when all is read."""
        for what, minute in self.sums.items():
            yield self._summed(what, minute)
        for record in self.copies.values():
            yield self._unfinished(record)
        for family, seen in self.families.items():
            yield self._finding(family, seen)
        files = sum(seen.encrypted for seen in self.families.values())
        times = [when for seen in self.families.values() for when in (seen.first, seen.last) if when is not None]
        facts = {
            "usn.records": str(self.records),
            "usn.first": None if self.begin is None else isoformat(self.begin),
            "usn.last": None if self.begin is None else isoformat(self.last),
            "usn.damaged_bytes": str(skipped) if skipped else None,
            "usn.encrypted_files": str(files),
            "usn.first_encrypted": isoformat(min(times)) if times else None,
            "usn.last_encrypted": isoformat(max(times)) if times else None,
        }
        for name, value in facts.items():
            if value is not None:
                yield Fact(detector=DETECTOR, entry=self.entry.id, name=name, value=value)

    def _finding(self, family: str, seen: _Seen) -> Finding:
        """The pair of names that only this malware writes proves more than a name does."""
        severity = Severity.INFECTED if seen.paired else Severity.SUSPICIOUS
        sure = Confidence.HIGH if seen.paired else Confidence.MEDIUM if seen.components else Confidence.LOW
        return Finding(
            detector=DETECTOR,
            entry=self.entry.id,
            severity=severity,
            confidence=sure,
            title=ENCRYPTING if seen.encrypted else TRACES,
            family=family,
            indicator="*.WNCRYT > *.WNCRY" if seen.paired else None,
            attack=("T1486",),
            details={
                "files": seen.encrypted,
                "components": seen.components,
                "first": None if seen.first is None else isoformat(seen.first),
                "last": None if seen.last is None else isoformat(seen.last),
            },
        )


def _place(record: UsnRecord) -> dict[str, Json]:
    return {
        "name": printable(record.name),
        "record": record_number(record.file),
        "sequence": record.file >> 48,
        "parent": record_number(record.parent),
    }


def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
    if len(memory) >= REMEMBERED:
        del memory[next(iter(memory))]
    memory[key] = value
