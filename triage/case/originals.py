"""Originals of encrypted files: a statement for `store.py` to run."""

from __future__ import annotations

DELETED = (
    "SELECT DISTINCT o.id FROM (SELECT DISTINCT c.volume, c.path FROM finding f JOIN entry c ON c.id = f.entry "
    "WHERE f.severity = 'encrypted' AND c.path LIKE '%' || :extension) e CROSS JOIN entry o "
    "ON o.volume = e.volume AND o.path = substr(e.path, 1, length(e.path) - length(:extension)) "
    "WHERE o.allocated = 0 AND o.kind = 'file' ORDER BY o.volume, o.path, o.id"
)
"""Ids of deleted files that are called as encrypted ones in their folders are without the extension."""
