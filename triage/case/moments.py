"""The statement for every time of every entry; `store.py` runs it."""

from __future__ import annotations

_EACH = " UNION ALL ".join(
    f"SELECT {of}_{letter} t, id, {of == 'fn':d} f, {1 << place} b FROM entry "  # noqa: S608  our own column names
    f"WHERE {of}_{letter} BETWEEN :start AND :end"
    for of in ("si", "fn")
    for place, letter in enumerate("macb")
)
ALL = f"SELECT t, id, f, sum(b) FROM ({_EACH}) GROUP BY t, id, f ORDER BY t, id, f"  # noqa: S608
"""(when, entry, whether of `$FILE_NAME`, which of them), between two times."""
