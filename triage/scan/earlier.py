"""What is seen in a shadow copy says so: it is of the machine as it was then, not as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from triage.model import EntryId, Fact, Json, Record, UnixNs
from triage.times import isoformat

BACKUP = "backup."
"""Begins the facts of older copies."""

_OF_A_FILE = ("observed.", "log.", "usn.", "registry.")
"""Begin facts that are no property of the host: an earlier state of a log or a journal adds nothing to the live one."""


def as_of_then(records: Iterable[Record], taken: Mapping[EntryId, UnixNs]) -> Iterator[Record]:
    """The records; those of shadow copies marked as such.

    Findings and events get `shadow_copy`, the time it was made, and `live: false` in their details; facts begin with
    `backup.`, as those of any older copy do.

    Args:
        records: what the detectors saw.
        taken: when the shadow copy was made that an entry is in; only of entries that are in one.
    """
    for record in records:
        when = taken.get(record.entry)
        if when is None:
            yield record
        elif isinstance(record, Fact):
            if not record.name.startswith(_OF_A_FILE):
                yield replace(record, name=BACKUP + record.name.removeprefix(BACKUP))
        else:
            then: dict[str, Json] = {"live": False, "shadow_copy": isoformat(when)}
            yield replace(record, details={**record.details, **then})
