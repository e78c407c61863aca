"""NTFS's change journal: when each file was encrypted, when notes and components came, what was deleted.

A rename to the name of an encrypted file is one event for each file: the malware copies the original's times to its
files, but cannot reach this record. Writing, moving and deleting are summed by the minute.

Limits:
    A record tells the number of a folder, not its path. What the journal forgot before `usn.first` is unknown.

References:
    ATT&CK T1486 Data Encrypted for Impact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.detectors.usn_acts import (
    COMPONENT,
    COPIES,
    DETECTOR,
    ENCRYPTED,
    EVENTS,
    FACTS,
    MINUTE,
    NOTE,
    PROBES,
    REMEMBERED,
    STAGED,
    STORES_DELETED,
    TITLES,
    Acts,
    Meaning,
)
from triage.formats import usn
from triage.formats.usn import UsnJournal
from triage.formats.vss import IDENTIFIER
from triage.intel import Intel
from triage.intel.name_index import NameIndex
from triage.model import Content, Entry, Kind, Record

__all__ = ["EVENTS", "FACTS", "TITLES", "Usn"]

_PATHS = ("/$usnjrnl:$j", "/$extend/$j", "/$usnjrnl_$j", "/$usnjrnl.$j", "/$j")
_EXTENSIONS = {"encrypted": ENCRYPTED, "older": ENCRYPTED, "staged": STAGED, "temporary": COPIES}
_PROBE = re.compile(r"~sd[0-9a-f]{1,8}\.tmp")


class Usn:
    """Reads the whole journal, at every depth."""

    name = DETECTOR

    def __init__(self, intel: Intel) -> None:
        self._names = NameIndex(intel.families)

    def wants(self, entry: Entry) -> bool:
        return entry.path.lower().endswith(_PATHS) and (entry.kind is Kind.STREAM or entry.kind is Kind.FILE)

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        journal = UsnJournal(content.file(), entry.size)
        acts = Acts(entry)
        meanings: dict[str, Meaning | None] = {}
        for record in journal:
            acts.records += 1
            when, name = record.when, record.name
            if when is None:
                continue
            if acts.begin is None:
                acts.begin = when
            elif when < acts.last - MINUTE:
                yield acts.clock_back(record, when)
            acts.last = when
            if name not in meanings:
                if len(meanings) >= REMEMBERED:
                    meanings.clear()
                meanings[name] = self._meaning(name)
            meaning = meanings[name]
            if meaning is not None:
                yield from acts.named(record, when, meaning)
            elif record.reason & (usn.RENAME_OLD_NAME | usn.FILE_DELETE):
                yield from acts.other(record, when)
        yield from acts.end(journal.skipped)

    def _meaning(self, name: str) -> Meaning | None:
        known = self._names.find(name)
        if known is not None:
            what = _EXTENSIONS[known.meaning] if known.meaning else NOTE if known.role == "note" else COMPONENT
            return Meaning(what, known.family, known.indicator, known.stem)
        lower = name.lower()
        if lower.endswith(IDENTIFIER) and lower != IDENTIFIER:
            return Meaning(STORES_DELETED, "", "")
        return Meaning(PROBES, "wannacry", "~SD*.tmp") if _PROBE.fullmatch(lower) else None
