"""The case on disk: records in and out of SQLite. The only module that speaks SQL.

While a scan writes, the database runs in WAL mode: a killed scan or a pulled stick leaves the last committed
unit. `seal` folds it back into one plain file.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from triage.case import moments, originals, volumes
from triage.case.records import Aggregate, JournalLine, UnitPlan, UnitResult, VolumeInfo
from triage.case.rows import (
    ENTRY_COLUMNS,
    ENTRY_WIDTH,
    Row,
    event_row,
    fact_row,
    finding_row,
    gap_row,
    row_entry,
    row_event,
    row_fact,
    row_finding,
    row_gap,
    volume_row,
)
from triage.errors import CaseError
from triage.model import Entry, EntryId, Event, Fact, Finding, Gap, Kind, Level, UnixNs

FILE_NAME = "case.sqlite"
SCHEMA = "triage.case/1"

GIVEN_UP = "examine"
"""Stage of the gap of an entry that ended its worker: it is not tried again."""

_ENTRY = ", ".join(f"e.{column.strip()}" for column in ENTRY_COLUMNS.split(","))
_FINDING = "f.entry, f.detector, f.severity, f.confidence, f.title, f.family, f.indicator, f.attack, f.details"
_BY_PATH = "ORDER BY e.volume, e.path, e.id"


class Case:
    """One examination of one machine."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    # -- opening and closing ------------------------------------------------------------------------------------

    @classmethod
    @contextmanager
    def create(cls, folder: Path) -> Iterator[Case]:
        """Opens the case of a folder for writing; makes it where there is none.

        Raises:
            CaseError: not a case of ours, already being written, or its disk is full.
        """
        path = folder / FILE_NAME
        with _said(path), _closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as db:
            case = cls(db, path)
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
            is_new = not db.execute("SELECT 1 FROM sqlite_master").fetchone()
            if not is_new:
                case._check_schema()  # before the first write: it may be anybody's
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("BEGIN IMMEDIATE")
            if is_new:
                schema = files("triage.case").joinpath("schema.sql").read_text(encoding="utf-8")
                for statement in schema.split(";"):
                    db.execute(statement)
                db.execute("INSERT INTO meta VALUES ('schema', ?)", (SCHEMA,))
            db.execute("COMMIT")
            yield case

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[Case]:
        """Opens an existing case for reading.

        Raises:
            CaseError: there is none, or it is not ours.
        """
        path = folder / FILE_NAME
        if not path.is_file():
            raise CaseError(f"{folder}: no case here (no {FILE_NAME}); give the folder that `triage scan --case` made")
        uri = path.resolve().as_uri()
        with _said(path):
            mode = "ro" if path.with_name(FILE_NAME + "-wal").exists() else "ro&immutable=1"
            with _closing(sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None)) as db:
                case = cls(db, path)
                case._check_schema()
                yield case

    def _check_schema(self) -> None:
        found = self.meta("schema")
        if found != SCHEMA:
            raise CaseError(
                f"{self.path}: its schema is {found!r}, this version reads {SCHEMA!r}; use the triage that made it"
            )

    def seal(self) -> None:
        """Folds the write-ahead log back: the case is one plain file again."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.execute("PRAGMA journal_mode=DELETE")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # the disk may be full: then SQLite has rolled back already
            with suppress(sqlite3.OperationalError):
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- what the case is about ---------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """A value of the case, None where there is none."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def all_meta(self, prefix: str = "") -> Mapping[str, str]:
        """The values whose key begins with prefix, without it."""
        rows = self._db.execute(
            "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key", (len(prefix), prefix)
        )
        return {key[len(prefix) :]: value for key, value in rows}

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Sets values of the case."""
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def note(self, line: JournalLine) -> None:
        """Appends to the journal."""
        self._db.execute(
            'INSERT INTO journal ("when", who, act, detail) VALUES (?, ?, ?, ?)',
            (line.when, line.who, line.act, line.detail),
        )

    def journal(self) -> tuple[JournalLine, ...]:
        """All acts, in order."""
        rows = self._db.execute('SELECT "when", who, act, detail FROM journal ORDER BY seq')
        return tuple(JournalLine(when=UnixNs(w), who=who, act=act, detail=detail) for w, who, act, detail in rows)

    # -- the walk -----------------------------------------------------------------------------------------------

    def add_volumes(self, found: Iterable[VolumeInfo]) -> None:
        """Records the file systems, none walked yet."""
        self._db.executemany(volumes.ADD, map(volume_row, found))

    def volumes(self) -> tuple[VolumeInfo, ...]:
        """All file systems in on-disk order, with the number of entries of each."""
        return tuple(map(volumes.row_volume, self._db.execute(volumes.ALL)))

    def set_walked(self, volume: int) -> None:
        """The volume's entries are all here."""
        self._db.execute("UPDATE volume SET walked = 1 WHERE idx = ?", (volume,))

    def add_entries(self, rows: Iterable[Row]) -> None:
        """Rows as `rows.entry_row` makes them."""
        marks = ",".join("?" * ENTRY_WIDTH)
        self._db.executemany(f"INSERT INTO entry VALUES ({marks})", rows)  # noqa: S608  only question marks

    def join_unchanged(self, volume: int, entries: Iterable[int]) -> None:
        """Entries of a shadow copy whose bytes are the live volume's are examined there, not again.

        Only where the live volume has a file of the same path, size and place.

        Args:
            volume: the shadow copy, walked; its parent is, too.
            entries: ids of allocated entries that lie in one piece on blocks that were not written over since.
        """
        wanted = {"entries": json.dumps(list(entries)), "volume": volume}
        for statement in volumes.JOIN_UNCHANGED:
            self._db.execute(statement, wanted)

    def last_entry(self) -> int:
        """The highest entry id, 0 in an empty case."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0])

    # -- the plan and its units ---------------------------------------------------------------------------------

    def plan_rows(self) -> Iterator[tuple[int, str, int, str, int | None, str]]:
        """(id, kind, size, path, same_as, key) of every entry, in the order it is best read from disk."""
        return self._db.execute("SELECT id, kind, size, path, same_as, key FROM entry ORDER BY volume, position, id")

    def add_units(self, units: Iterable[UnitPlan]) -> None:
        """Records the plan."""
        self._db.executemany(
            "INSERT INTO unit (id, entries, cost) VALUES (?, ?, ?)",
            ((u.id, array("I", u.entries).tobytes(), u.cost) for u in units),
        )

    def open_units(self) -> tuple[tuple[int, int], ...]:
        """(id, cost) of the units that are not done, in order."""
        return tuple(self._db.execute("SELECT id, cost FROM unit WHERE NOT done ORDER BY id"))

    def work_total(self) -> tuple[int, int, int]:
        """(entries in units, their cost, cost of the units done)."""
        row = self._db.execute("SELECT sum(length(entries) / 4), sum(cost), sum(cost * done) FROM unit").fetchone()
        return row[0] or 0, row[1] or 0, row[2] or 0

    def unit_rows(self, unit: int) -> list[Row]:
        """The entries of a unit, as rows, in reading order; those that ended a worker are left out."""
        ids = array("I")
        ids.frombytes(self._db.execute("SELECT entries FROM unit WHERE id = ?", (unit,)).fetchone()[0])
        given_up = {row[0] for row in self._db.execute("SELECT entry FROM gap WHERE stage = ?", (GIVEN_UP,))}
        wanted = json.dumps([ident for ident in ids if ident not in given_up])
        return self._db.execute(
            f"SELECT {_ENTRY} FROM json_each(?) j JOIN entry e ON e.id = j.value ORDER BY j.key",  # noqa: S608
            (wanted,),
        ).fetchall()

    def finish_unit(self, result: UnitResult) -> None:
        """Everything one unit gave, and that it is done. Call inside a transaction."""
        self.add_gaps(result.gaps)
        self._db.executemany(
            "INSERT INTO examined SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM gap WHERE entry = ?1)",
            result.examined,
        )
        self.add_records(result.records)
        self._db.execute("UPDATE unit SET done = 1, bytes_read = ? WHERE id = ?", (result.bytes_read, result.unit))

    def add_gaps(self, gaps: Iterable[Gap]) -> None:
        """Records what was not examined."""
        self._db.executemany("INSERT INTO gap VALUES (?, ?, ?, ?)", map(gap_row, gaps))

    def add_records(self, records: Iterable[Finding | Event | Fact]) -> None:
        """Records what the detectors saw."""
        for record in records:
            match record:
                case Finding():
                    self._db.execute("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", finding_row(record))
                case Event():
                    self._db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", event_row(record))
                case Fact():
                    self._db.execute("INSERT INTO fact VALUES (?, ?, ?, ?)", fact_row(record))

    # -- telling: streams in a fixed order ----------------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        """Every entry, by volume and path."""
        return map(row_entry, self._db.execute(f"SELECT {_ENTRY} FROM entry e {_BY_PATH}"))  # noqa: S608

    def entry(self, entry_id: int) -> Entry:
        """One entry."""
        return row_entry(self._db.execute(f"SELECT {_ENTRY} FROM entry e WHERE id = ?", (entry_id,)).fetchone())  # noqa: S608

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
        rows = self._db.execute(f"SELECT {_ENTRY} {volumes.OF_COPIES}", wanted)
        return ((copies[row[1]], row_entry(row)) for row in rows)

    def findings(self) -> Iterator[tuple[Finding, Entry, str | None]]:
        """(finding, its entry, the entry's SHA-256 where it was read in full), by volume and path."""
        rows = self._db.execute(
            f"SELECT {_FINDING}, x.sha256, {_ENTRY} FROM finding f "  # noqa: S608  our own column names
            "JOIN entry e ON e.id = f.entry LEFT JOIN examined x ON x.entry = e.id "
            "ORDER BY e.volume, e.path, e.id, f.detector, f.title, f.indicator, f.details"
        )
        return ((row_finding(row[:9]), row_entry(row[10:]), row[9]) for row in rows)

    def gaps(self) -> Iterator[tuple[Entry, Gap]]:
        """(entry, gap), by volume and path."""
        rows = self._db.execute(
            f"SELECT g.entry, g.stage, g.reason, g.detail, {_ENTRY} FROM gap g JOIN entry e ON e.id = g.entry "  # noqa: S608
            f"{_BY_PATH}, g.stage, g.reason, g.detail"
        )
        return ((row_entry(row[4:]), row_gap(row[:4])) for row in rows)

    def events(self) -> Iterator[tuple[Entry, Event]]:
        """(entry, event), in time order."""
        rows = self._db.execute(
            f'SELECT v.entry, v.detector, v."when", v.what, v.source, v.details, {_ENTRY} '  # noqa: S608
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
            f"SELECT o.value, {_ENTRY} FROM fact o JOIN entry e ON e.id = o.entry WHERE o.name = ? "  # noqa: S608
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
        rows = self._db.execute(f"SELECT {_ENTRY} FROM json_each(?) j JOIN entry e ON e.id = j.value", (wanted,))  # noqa: S608
        return {row[0]: row_entry(row) for row in rows}


@contextmanager
def _closing(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """SQLite's errors as one line that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "full" in text or "disk I/O" in text:
            hint = "its disk is full or gone: free space or plug it back, then give the same command again to go on"
        elif "locked" in text:
            hint = "another triage is writing it: wait for that one, or choose another --case"
        elif "unable to open" in text or "readonly" in text:
            hint = "the folder cannot be written: choose another --case"
        else:
            hint = "not a case of ours, or damaged: choose another --case"
        raise CaseError(f"{path}: {text}; {hint}") from error
