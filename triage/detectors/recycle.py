"""Recycle Bin: when what was deleted; files of a known family among them.

WannaCry's own folder `$RECYCLE` (without `.BIN`) is none: it is left to the detector of names.

Limits:
    Only what a person deleted through Windows' Explorer goes there; malware deletes past it.

References:
    libyal, "Windows Recycle.Bin file formats".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.errors import FormatError
from triage.formats import recycle
from triage.formats.recycle import Deleted
from triage.intel import Intel
from triage.intel.name_index import NameIndex
from triage.model import Confidence, Content, Entry, Event, Finding, Json, Kind, Record, Severity
from triage.text import printable
from triage.times import isoformat

FAMILY_FILE = "File of a known family in the Recycle Bin"

TITLES = (FAMILY_FILE,)

DELETED = "File moved to the Recycle Bin"

EVENTS = (DELETED,)

_ITEM = re.compile(r"\$i[0-9a-z]{6}(?:\.[^/]*)?")
_OWNER = re.compile(r"/(s-1-[0-9-]+)/[^/]+$", re.IGNORECASE)


class RecycleBin:
    """`$I` files by their name, `INFO2` in any bin."""

    name = "recycle"

    def __init__(self, intel: Intel) -> None:
        self._names = NameIndex(intel.families)

    def wants(self, entry: Entry) -> bool:
        name = entry.path[entry.path.rfind("/") + 1 :].lower()
        return (
            (name.startswith("$i") and _ITEM.fullmatch(name) is not None) or name == "info2"
        ) and entry.kind is Kind.FILE

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        is_list = entry.name.lower() == "info2"
        with content.file() as file:
            data = file.read(recycle.INFO2_MAX if is_list else recycle.SIZE_MAX)
        try:
            for item in recycle.parse_info2(data) if is_list else (recycle.parse_item(data),):
                yield from self._tell(entry, item)
        except FormatError:
            if entry.allocated:  # the bytes of a deleted file may be another's by now
                raise

    def _tell(self, entry: Entry, item: Deleted) -> Iterator[Record]:
        details: dict[str, Json] = {"path": printable(item.path), "size": item.size}
        if item.index is not None:
            details["index"] = item.index
        if owner := _OWNER.search(entry.path):
            details["user"] = owner[1].upper()
        if item.when is not None:
            yield Event(
                detector=self.name, entry=entry.id, when=item.when, what=DELETED, source=entry.name, details=details
            )
        known = self._names.find_path(item.path)
        if known is not None:
            weak = bool(known.meaning) or not entry.allocated
            yield Finding(
                detector=self.name,
                entry=entry.id,
                severity=Severity.SUSPICIOUS,
                confidence=Confidence.LOW if weak else Confidence.MEDIUM,
                title=FAMILY_FILE,
                family=known.family,
                indicator=known.indicator,
                details={**details, "deleted_at": None if item.when is None else isoformat(item.when)},
            )
