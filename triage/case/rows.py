"""Records to rows of `schema.sql` and back. Rows are plain tuples: what travels between processes, too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from triage.case.records import Collected, LeftOut, VolumeInfo, Worth
from triage.model import (
    Confidence,
    Entry,
    EntryId,
    Event,
    Fact,
    Finding,
    Gap,
    GapReason,
    Json,
    Kind,
    Macb,
    Severity,
    UnixNs,
)

Row = tuple[Any, ...]

ENTRY_COLUMNS = (
    "id, volume, path, kind, size, key, si_m, si_a, si_c, si_b, fn, fn_m, fn_a, fn_c, fn_b, "
    "allocated, attributes, mode, owner, inode, position, target, same_as, free"
)
ENTRY_WIDTH = 24

COLLECTED_COLUMNS = "entry, worth, size, sha256, md5, how, why, member"

SQLITE_MAX = 2**63 - 1

_KINDS = {kind.value: kind for kind in Kind}
_NONE = Macb()


def _fitting(number: int | None) -> int | None:
    return None if number is None else max(-SQLITE_MAX, min(number, SQLITE_MAX))


def entry_row(entry: Entry) -> Row:
    """The row of an entry. What hostile metadata holds beyond 64 bits signed is cut to the nearest that fits."""
    t, n = entry.times, entry.name_times
    f = n or _NONE
    return (
        entry.id,
        entry.volume,
        entry.path,
        entry.kind.value,
        min(entry.size, SQLITE_MAX),
        entry.key,
        _fitting(t.modified),
        _fitting(t.accessed),
        _fitting(t.changed),
        _fitting(t.born),
        n is not None,
        _fitting(f.modified),
        _fitting(f.accessed),
        _fitting(f.changed),
        _fitting(f.born),
        entry.allocated,
        entry.attributes,
        entry.mode,
        entry.owner,
        entry.inode,
        min(entry.position, SQLITE_MAX),
        entry.target,
        entry.same_as,
        entry.free,
    )


def volume_row(v: VolumeInfo) -> Row:
    """The row of a volume, but for whether it is walked."""
    return (
        v.index,
        v.offset,
        min(v.size, SQLITE_MAX),
        v.filesystem,
        v.label,
        v.serial,
        v.opened,
        v.problem,
        v.parent,
        v.store,
        _fitting(v.taken),
    )


def renumbered(row: Row, base: int) -> Row:
    """The row of an entry whose walk counted from 1, in a case that already holds `base` entries."""
    if not base:
        return row
    return (row[0] + base, *row[1:22], None if row[22] is None else row[22] + base, row[23])


def row_entry(row: Row) -> Entry:
    """The entry of a row."""
    return Entry(
        id=row[0],
        volume=row[1],
        path=row[2],
        kind=_KINDS[row[3]],
        size=row[4],
        key=row[5],
        times=Macb(modified=row[6], accessed=row[7], changed=row[8], born=row[9]),
        name_times=Macb(modified=row[11], accessed=row[12], changed=row[13], born=row[14]) if row[10] else None,
        allocated=bool(row[15]),
        attributes=row[16],
        mode=row[17],
        owner=row[18],
        inode=row[19],
        position=row[20],
        target=row[21],
        same_as=row[22],
        free=row[23],
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _details(text: str) -> Mapping[str, Json]:
    details: Mapping[str, Json] = json.loads(text)
    return details


def finding_row(f: Finding) -> Row:
    """The row of a finding."""
    return (
        f.entry,
        f.detector,
        f.severity.value,
        f.confidence.value,
        f.title,
        f.family,
        f.indicator,
        _json(list(f.attack)),
        _json(dict(f.details)),
    )


def row_finding(row: Row) -> Finding:
    """The finding of a row."""
    return Finding(
        entry=row[0],
        detector=row[1],
        severity=Severity(row[2]),
        confidence=Confidence(row[3]),
        title=row[4],
        family=row[5],
        indicator=row[6],
        attack=tuple(json.loads(row[7])),
        details=_details(row[8]),
    )


def event_row(e: Event) -> Row:
    """The row of an event. A time beyond the years 1677 to 2262 is cut to what 64 bits hold."""
    return (e.entry, e.detector, _fitting(e.when), e.what, e.source, _json(dict(e.details)))


def row_event(row: Row) -> Event:
    """The event of a row."""
    return Event(
        entry=row[0], detector=row[1], when=UnixNs(row[2]), what=row[3], source=row[4], details=_details(row[5])
    )


def fact_row(f: Fact) -> Row:
    """The row of a fact."""
    return (f.entry, f.detector, f.name, f.value)


def row_fact(row: Row) -> Fact:
    """The fact of a row."""
    return Fact(entry=row[0], detector=row[1], name=row[2], value=row[3])


def gap_row(g: Gap) -> Row:
    """The row of a gap."""
    return (g.entry, g.stage, g.reason.value, g.detail)


def row_gap(row: Row) -> Gap:
    """The gap of a row."""
    return Gap(entry=EntryId(row[0]), stage=row[1], reason=GapReason(row[2]), detail=row[3])


def collected_row(c: Collected) -> Row:
    """The row of a collected file."""
    why = None if c.why is None else c.why.value
    return (c.entry, c.worth.value, c.size, c.sha256, c.md5, c.how, why, c.member)


def row_collected(row: Row) -> Collected:
    """The collected file of a row."""
    return Collected(
        entry=EntryId(row[0]),
        worth=Worth(row[1]),
        size=row[2],
        sha256=row[3],
        md5=row[4],
        how=row[5],
        why=None if row[6] is None else LeftOut(row[6]),
        member=row[7],
    )
