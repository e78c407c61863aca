"""The case on disk: records into SQLite, and back where a scan needs them (`telling` reads the rest).

While a scan writes, the database runs in WAL mode: a killed scan or a pulled stick leaves the last committed
unit. `fold` makes it one plain file again; a case that is read is opened as immutable, and stays as it is to the byte.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from triage.case import volumes
from triage.case.journal import BEGINNING, link
from triage.case.records import Collected, JournalLine, UnitPlan, UnitResult, VolumeInfo
from triage.case.rows import (
    COLLECTED_COLUMNS,
    ENTRY_WIDTH,
    Row,
    collected_row,
    event_row,
    fact_row,
    finding_row,
    gap_row,
    volume_row,
)
from triage.case.telling import ENTRY, Telling
from triage.errors import CaseError
from triage.model import Event, Fact, Finding, Gap, UnixNs

FILE_NAME = "case.sqlite"
SCHEMA = "triage.case/2"

GIVEN_UP = "examine"
"""Stage of the gap of an entry that ended its worker: it is not tried again."""


WRITING = "the folder cannot be written: choose another --case"
READING = "the scan was cut off and its disk cannot be written: copy the folder of the case to another disk first"


class OtherSchemaError(CaseError):
    """A case of another version of triage: whole, perhaps, but not for this one to read."""


class Case(Telling):
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
        with _said(path, WRITING), _closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as db:
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
        with _said(path, READING):
            mode = "ro" if path.with_name(FILE_NAME + "-wal").exists() else "ro&immutable=1"
            with _closing(sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None)) as db:
                case = cls(db, path)
                case._check_schema()
                yield case

    def _check_schema(self) -> None:
        found = self.meta("schema")
        if found != SCHEMA:
            kind = OtherSchemaError if found and found.startswith(SCHEMA.partition("/")[0]) else CaseError
            raise kind(
                f"{self.path}: its schema is {found!r}, this version reads {SCHEMA!r}; use the triage that made it"
            )

    def fold(self) -> None:
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
        seq, chain = self.journal_head()
        self._db.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)",
            (seq + 1, line.when, line.who, line.act, line.detail, link(chain, seq + 1, line)),
        )

    def journal_head(self) -> tuple[int, str]:
        """(number of the last line, its link of the chain)."""
        row = self._db.execute("SELECT seq, chain FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, BEGINNING)

    def chained_journal(self) -> Iterator[tuple[int, JournalLine, str]]:
        """(number, line, link) of every line, as they stand."""
        rows = self._db.execute('SELECT seq, "when", who, act, detail, chain FROM journal ORDER BY seq')
        return ((row[0], JournalLine(when=row[1], who=row[2], act=row[3], detail=row[4]), row[5]) for row in rows)

    def quick_check(self) -> str:
        """What SQLite says of the file's structure: `ok`, or its first complaint."""
        return str(self._db.execute("PRAGMA quick_check(1)").fetchone()[0])

    def journal(self) -> tuple[JournalLine, ...]:
        """All acts, in order."""
        rows = self._db.execute('SELECT "when", who, act, detail FROM journal ORDER BY seq')
        return tuple(JournalLine(when=UnixNs(w), who=who, act=act, detail=detail) for w, who, act, detail in rows)

    # -- the walk -----------------------------------------------------------------------------------------------

    def add_volumes(self, found: Iterable[VolumeInfo]) -> None:
        """Records the file systems, none walked yet."""
        self._db.executemany(volumes.ADD, map(volume_row, found))

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
            f"SELECT {ENTRY} FROM json_each(?) j JOIN entry e ON e.id = j.value ORDER BY j.key",  # noqa: S608
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
        self.add_collected(result.collected)
        self._db.execute("UPDATE unit SET done = 1, bytes_read = ? WHERE id = ?", (result.bytes_read, result.unit))

    def add_gaps(self, gaps: Iterable[Gap]) -> None:
        """Records what was not examined."""
        self._db.executemany("INSERT INTO gap VALUES (?, ?, ?, ?)", map(gap_row, gaps))

    def add_collected(self, collected: Iterable[Collected]) -> None:
        """Records files that matter, in the place of what was known of them."""
        marks = ",".join("?" * (COLLECTED_COLUMNS.count(",") + 1))
        self._db.executemany(
            f"INSERT OR REPLACE INTO collected VALUES ({marks})",  # noqa: S608  only question marks
            map(collected_row, collected),
        )

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


@contextmanager
def _closing(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _said(path: Path, hint_where_closed: str) -> Iterator[None]:
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
            hint = hint_where_closed
        else:
            hint = "not a case of ours, or damaged: take a sound copy of it, or scan into another --case"
        raise CaseError(f"{path}: {text}; {hint}") from error
