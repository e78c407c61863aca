"""Which token stands for which name: `redaction.sqlite` beside the case, never copied elsewhere.

A name keeps its token for good. Names found together are numbered in an order that tells nothing of them: by a digest
that takes all of them to compute.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from triage.errors import CaseError

FILE_NAME = "redaction.sqlite"

_TABLE = (
    "CREATE TABLE IF NOT EXISTS name (kind TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, number INTEGER, "
    "PRIMARY KEY (kind, key)) WITHOUT ROWID"
)
_REMEMBERED = 50_000


class Redactions:
    """Names by kind and key (the name without regard to case and form), each with its number."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.execute(_TABLE)
        self._number = lru_cache(_REMEMBERED)(self._look_up)

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[Redactions]:
        """The table of a case; made where there is none.

        Raises:
            CaseError: it cannot be read or written, or another redaction writes it.
        """
        path = folder / FILE_NAME
        try:
            db = sqlite3.connect(path, isolation_level=None, timeout=1)
            try:
                db.execute("BEGIN IMMEDIATE")
                yield cls(db)
                db.execute("COMMIT")
            finally:
                db.close()
        except sqlite3.DatabaseError as error:
            raise CaseError(f"{path}: {error}; wait for another redaction, or free space, and try again") from error

    def meet(self, kind: str, key: str, text: str) -> None:
        """Writes down a name; its number comes with `settle`."""
        self._db.execute("INSERT OR IGNORE INTO name VALUES (?, ?, ?, NULL)", (kind, key, text))

    def settle(self) -> None:
        """Gives every name that has none yet its number, for good: what is written next may be given away."""
        total = hashlib.sha256()
        for row in self._db.execute("SELECT kind, key FROM name WHERE number IS NULL ORDER BY kind, key"):
            total.update("\0".join((*row, "")).encode("utf-8", "backslashreplace"))
        secret = total.digest()

        def mark(text: str) -> bytes:
            return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16, key=secret).digest()

        self._db.create_function("mark", 1, mark, deterministic=True)
        self._db.execute(
            "CREATE TEMP TABLE fresh AS SELECT n.kind, n.key, coalesce(last, 0) + row_number() "
            "OVER (PARTITION BY n.kind ORDER BY mark(n.key)) AS number FROM name n LEFT JOIN "
            "(SELECT kind, max(number) AS last FROM name GROUP BY kind) USING (kind) WHERE n.number IS NULL"
        )
        self._db.execute(
            "UPDATE name SET number = fresh.number FROM fresh WHERE name.kind = fresh.kind AND name.key = fresh.key"
        )
        self._db.execute("DROP TABLE fresh")
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def number(self, kind: str, key: str, text: str) -> int:
        """A name's number; the next one where it was never met."""
        return self._number(kind, key, text)

    def _look_up(self, kind: str, key: str, text: str) -> int:
        row = self._db.execute("SELECT number FROM name WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        if row is not None and row[0] is not None:
            return int(row[0])
        last = self._db.execute("SELECT coalesce(max(number), 0) FROM name WHERE kind = ?", (kind,)).fetchone()[0]
        self._db.execute("INSERT OR REPLACE INTO name VALUES (?, ?, ?, ?)", (kind, key, text, last + 1))
        return int(last) + 1

    def known(self, kind: str) -> tuple[tuple[str, str], ...]:
        """(key, text) of every name of a kind."""
        return tuple(self._db.execute("SELECT key, text FROM name WHERE kind = ? ORDER BY key", (kind,)))

    def text_of(self, kind: str, number: int) -> str | None:
        """The name that a token stands for."""
        row = self._db.execute("SELECT text FROM name WHERE kind = ? AND number = ?", (kind, number)).fetchone()
        return None if row is None else str(row[0])
