"""Rows of volumes, and what ties a shadow copy to the volume it is a copy of: statements for `store.py` to run."""

from __future__ import annotations

from triage.case.records import VolumeInfo
from triage.case.rows import Row
from triage.model import UnixNs

ADD = "INSERT INTO volume VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)"
"""Takes `rows.volume_row`."""

ALL = (
    'SELECT idx, v."offset", v.size, filesystem, label, serial, opened, problem, walked, '
    "parent, store, taken, (SELECT count(*) FROM entry WHERE volume = idx) "
    'FROM volume v ORDER BY v."offset", idx'
)
"""Gives what `row_volume` takes."""

JOIN_UNCHANGED = (
    "DROP TABLE IF EXISTS temp.live",
    "CREATE TEMP TABLE live AS SELECT path, key, position, size, coalesce(same_as, id) AS first FROM entry "
    "WHERE allocated AND volume = (SELECT parent FROM volume WHERE idx = :volume)",
    # without it each of a copy's entries would look through all of the live ones
    "CREATE INDEX temp.live_place ON live (position, key)",
    "UPDATE entry SET same_as = coalesce((SELECT first FROM temp.live WHERE live.position = entry.position "
    "AND live.key = entry.key AND live.path = entry.path AND live.size = entry.size), same_as) "
    "WHERE id IN (SELECT value FROM json_each(:entries))",
    "DROP TABLE temp.live",
    # a further name of a joined content leads straight to where it is examined
    "UPDATE entry SET same_as = named.same_as FROM entry named "
    "WHERE entry.volume = :volume AND named.id = entry.same_as AND named.same_as IS NOT NULL",
)
"""One after the other, with what they need of the shadow copy's volume and its unchanged entries, as JSON."""

OF_COPIES = (
    "FROM entry e JOIN volume v ON v.idx = e.volume WHERE v.parent = :volume AND e.allocated "
    "AND e.kind IN ('file', 'stream') AND lower(e.path) IN (SELECT lower(value) FROM json_each(:paths)) "
    "ORDER BY v.taken DESC, v.idx, e.path, e.id"
)
"""The files at some paths in the shadow copies of a volume."""

COUNT_CALLED = (
    r"SELECT count(*) FROM entry WHERE kind = ? AND path LIKE ? ESCAPE '\' "
    "AND volume NOT IN (SELECT idx FROM volume WHERE parent IS NOT NULL)"
)
"""Live entries of a kind with such a path."""


def row_volume(row: Row) -> VolumeInfo:
    """The volume of a row of ALL."""
    return VolumeInfo(
        index=row[0],
        offset=row[1],
        size=row[2],
        filesystem=row[3],
        label=row[4],
        serial=row[5],
        opened=bool(row[6]),
        problem=row[7],
        walked=bool(row[8]),
        parent=row[9],
        store=row[10],
        taken=None if row[11] is None else UnixNs(row[11]),
        entries=row[12],
    )
