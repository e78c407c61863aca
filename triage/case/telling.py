"""What a case tells: streams in a fixed order, for the analysis and the outputs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping

from triage.case import moments, originals, volumes
from triage.case.records import Aggregate, Collected, VolumeInfo
from triage.case.rows import (
    COLLECTED_COLUMNS,
    ENTRY_COLUMNS,
    row_collected,
    row_entry,
    row_event,
    row_fact,
    row_finding,
    row_gap,
)
from triage.model import Entry, EntryId, Event, Fact, Finding, Gap, Kind, Level

ENTRY = ", ".join(f"e.{column.strip()}" for column in ENTRY_COLUMNS.split(","))
"""The columns of an entry, of a table called e."""

_FINDING = "f.entry, f.detector, f.severity, f.confidence, f.title, f.family, f.indicator, f.attack, f.details"
_COLLECTED = ", ".join(f"c.{column.strip()}" for column in COLLECTED_COLUMNS.split(","))
_BY_PATH = "ORDER BY e.volume, e.path, e.id"


class Telling:
    """The reading half of a case."""

    _db: sqlite3.Connection

    def volumes(self) -> tuple[VolumeInfo, ...]:
        """All file systems in on-disk order, with the number of entries of each."""
        return tuple(map(volumes.row_volume, self._db.execute(volumes.ALL)))

    def entries(self) -> Iterator[Entry]:
        """Every entry, by volume and path."""
        return map(row_entry, self._db.execute(f"SELECT {ENTRY} FROM entry e {_BY_PATH}"))  # noqa: S608

    def entry(self, entry_id: int) -> Entry:
        """One entry."""
        return row_entry(self._db.execute(f"SELECT {ENTRY} FROM entry e WHERE id = ?", (entry_id,)).fetchone())  # noqa: S608

    def deleted_originals(self, extension: str) -> Iterator[EntryId]:
        """Deleted files beside which an encrypted one lies whose name has the extension more, by volume and path."""
        return (EntryId(row[0]) for row in self._db.execute(originals.DELETED, {"extension": extension}))

    def in_shadow_copies(self, volume: int, paths: Iterable[str]) -> Iterator[tuple[VolumeInfo, Entry]]:
        """The files that stand at these paths of a volume in its shadow copies, the youngest copy first.

        Args:
            volume: the live one.
            paths: as entries have them; ASCII letters match in either case. One pass over the case for all of them.
        """
        copies = {one.index: one for one in self.volumes()}
        wanted = {"volume": volume, "paths": json.dumps(list(paths))}
        rows = self._db.execute(f"SELECT {ENTRY} {volumes.OF_COPIES}", wanted)
        return ((copies[row[1]], row_entry(row)) for row in rows)

    def of_sizes(self, sizes: Container[int]) -> Iterator[Entry]:
        """Every file whose size is among those given, by id."""
        wanted = [row[0] for row in self._db.execute("SELECT id, size FROM entry ORDER BY id") if row[1] in sizes]
        for start in range(0, len(wanted), 500):
            found = self.entries_by_id(wanted[start : start + 500])
            yield from (found[ident] for ident in sorted(found))

    def findings(self) -> Iterator[tuple[Finding, Entry, str | None]]:
        """(finding, its entry, the entry's SHA-256 where it was read in full), by volume and path."""
        rows = self._db.execute(
            f"SELECT {_FINDING}, x.sha256, {ENTRY} FROM finding f "  # noqa: S608  our own column names
            "JOIN entry e ON e.id = f.entry LEFT JOIN examined x ON x.entry = e.id "
            "ORDER BY e.volume, e.path, e.id, f.detector, f.title, f.indicator, f.details"
        )
        return ((row_finding(row[:9]), row_entry(row[10:]), row[9]) for row in rows)

    def titles(self, entry_id: int) -> tuple[str, ...]:
        """What was claimed of an entry, without doubles."""
        rows = self._db.execute("SELECT DISTINCT title FROM finding WHERE entry = ? ORDER BY title", (entry_id,))
        return tuple(row[0] for row in rows)

    def collected(self) -> Iterator[tuple[Entry, Collected]]:
        """What was collected and what was left out of it, by entry."""
        rows = self._db.execute(
            f"SELECT {_COLLECTED}, {ENTRY} FROM collected c JOIN entry e ON e.id = c.entry ORDER BY c.entry"  # noqa: S608
        )
        width = COLLECTED_COLUMNS.count(",") + 1
        return ((row_entry(row[width:]), row_collected(row[:width])) for row in rows)

    def gaps(self) -> Iterator[tuple[Entry, Gap]]:
        """(entry, gap), by volume and path."""
        rows = self._db.execute(
            f"SELECT g.entry, g.stage, g.reason, g.detail, {ENTRY} FROM gap g JOIN entry e ON e.id = g.entry "  # noqa: S608
            f"{_BY_PATH}, g.stage, g.reason, g.detail"
        )
        return ((row_entry(row[4:]), row_gap(row[:4])) for row in rows)

    def events(self) -> Iterator[tuple[Entry, Event]]:
        """(entry, event), in time order."""
        rows = self._db.execute(
            f'SELECT v.entry, v.detector, v."when", v.what, v.source, v.details, {ENTRY} '  # noqa: S608
            'FROM event v JOIN entry e ON e.id = v.entry ORDER BY v."when", e.volume, e.path, e.id, v.what, v.details'
        )
        return ((row_entry(row[6:]), row_event(row[:6])) for row in rows)

    def facts(self) -> tuple[Fact, ...]:
        """Every fact, by name and where it was read."""
        rows = self._db.execute(
            "SELECT f.entry, f.detector, f.name, f.value FROM fact f JOIN entry e ON e.id = f.entry "
            "ORDER BY f.name, e.volume, e.path, f.value"
        )
        return tuple(map(row_fact, rows))

    def observed(self, name: str, *, unexplained: bool = False) -> Iterator[tuple[str, Entry]]:
        """(value, entry) of every fact of a name, by volume and path.

        Args:
            name: of the fact.
            unexplained: only of entries that no family's finding explains.
        """
        only = "AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.entry = o.entry AND f.family IS NOT NULL) "
        rows = self._db.execute(
            f"SELECT o.value, {ENTRY} FROM fact o JOIN entry e ON e.id = o.entry WHERE o.name = ? "  # noqa: S608
            f"{only if unexplained else ''}{_BY_PATH}",
            (name,),
        )
        return ((row[0], row_entry(row[1:])) for row in rows)

    def count_called(self, suffix: str, kind: Kind = Kind.FILE) -> int:
        """How many live entries of a kind have a path that ends so; ASCII letters match in either case."""
        pattern = "%" + suffix.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        return int(self._db.execute(volumes.COUNT_CALLED, (kind.value, pattern)).fetchone()[0])

    def aggregate(self) -> Aggregate:
        """Counts over the whole case."""
        one = self._db.execute
        levels = dict(one("SELECT level, count(*) FROM examined GROUP BY level"))
        gaps = dict(
            one(
                "SELECT reason, count(*) FROM (SELECT entry, min(reason) AS reason FROM gap GROUP BY entry) "
                "GROUP BY reason ORDER BY reason"
            )
        )
        entries, size = one("SELECT count(*), total(size) FROM entry").fetchone()
        return Aggregate(
            entries=entries,
            bytes_entries=int(size),  # total(), not sum(): hostile sizes overflow 64 bits
            levels={level: levels.get(level.value, 0) for level in Level},
            gaps=gaps,
            bytes_read=one("SELECT coalesce(sum(bytes_read), 0) FROM unit").fetchone()[0],
            severities=dict(one("SELECT severity, count(*) FROM finding GROUP BY severity ORDER BY severity")),
            open_units=one("SELECT count(*) FROM unit WHERE NOT done").fetchone()[0],
            walking=one("SELECT count(*) FROM volume WHERE NOT walked").fetchone()[0],
        )

    # -- telling times ------------------------------------------------------------------------------------------

    def times(self, start: int, end: int) -> Iterator[tuple[int, int, bool, int]]:
        """(when, entry id, whether of `$FILE_NAME`, which of them: M 1, A 2, C 4, B 8) of every entry, in that order.

        start, end: UnixNs, both included. The database sorts, on disk where they do not fit its cache.
        """
        rows = self._db.execute(moments.ALL, {"start": start, "end": end})
        return ((when, entry, bool(is_name), bits) for when, entry, is_name, bits in rows)

    def entries_by_id(self, ids: Iterable[int]) -> Mapping[int, Entry]:
        """Some hundreds of entries at once."""
        wanted = "[" + ",".join(map(str, ids)) + "]"
        rows = self._db.execute(f"SELECT {ENTRY} FROM json_each(?) j JOIN entry e ON e.id = j.value", (wanted,))  # noqa: S608
        return {row[0]: row_entry(row) for row in rows}
