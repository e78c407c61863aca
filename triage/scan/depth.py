"""How much of an entry's content a depth reads: first bytes always, the whole where it can be a component.

References:
    docs/architecture.md, "Depth".
"""

from __future__ import annotations

from enum import Enum

from triage.model import Entry, Level

KIB = 1 << 10
MIB = 1 << 20

COMPONENT_LIMITS = {
    "pe": 16 * MIB,
    "elf": 16 * MIB,
    "unknown": 16 * MIB,
    "zip": 16 * MIB,
    "rar": 16 * MIB,
    "7z": 16 * MIB,
    "cab": 16 * MIB,
    "rtf": 4 * MIB,
    "bmp": 2 * MIB,
    "script": MIB,
    "html": 64 * KIB,
    "text": 16 * KIB,
    "lnk": 64 * KIB,
}
"""Largest size, in bytes, of what can be a component or a note, by type. The largest known one, the worm, is 3.7 MB,
and four times that is read;
the wallpaper is a 1.4 MB bitmap, a note a few KB. A user's document (ooxml, pdf, jpeg …) cannot be one."""

SMALL_STATE_SUFFIXES = (".wnry", ".pky", ".eky", ".dky", ".res", ".bat", ".vbs")
SMALL_STATE_LIMIT = 64 * KIB


class Depth(Enum):
    """What the user asked for."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"


HASHED_LIMIT = 32 * MIB
"""Largest file, in bytes, that standard depth reads where a user's list of hashes could mean any file."""


def level_for(depth: Depth, entry: Entry, content_type: str, *, listed_hashes: bool = False) -> Level:
    """FULL or HEAD for an entry whose first bytes say it is of content_type.

    listed_hashes: the user brought hashes of files of any kind.
    """
    if depth is Depth.FULL:
        return Level.FULL
    if entry.size <= SMALL_STATE_LIMIT and entry.path.lower().endswith(SMALL_STATE_SUFFIXES):
        return Level.FULL
    if depth is Depth.STANDARD and entry.size <= COMPONENT_LIMITS.get(content_type, -1):
        return Level.FULL
    if depth is Depth.STANDARD and listed_hashes and entry.size <= HASHED_LIMIT:
        return Level.FULL
    return Level.HEAD


def expected_cost(depth: Depth, size: int) -> int:
    """Bytes that reading an entry is likely to cost, before its type is known: what progress is measured in."""
    if depth is Depth.FULL:
        return size + 4096
    return min(size, 4096 if depth is Depth.QUICK else 128 * 1024) + 4096
