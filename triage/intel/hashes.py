"""Known files by their hashes: `hashes.csv` beside a family, and the lists a user brings."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from triage.errors import RuleError

Algorithm = Literal["sha256", "sha1", "md5"]
HashConfidence = Literal["high", "medium", "low", "context"]
"""`context`: a legitimate file that says something only in its place."""

ContentGroup = Literal["pe", "script", "text", "rtf", "any"]
"""What kind of content a known file has; `any` where it cannot be told by its first bytes."""

DIGITS: Final[dict[Algorithm, int]] = {"sha256": 64, "sha1": 40, "md5": 32}
"""Hex digits of each algorithm, strongest first."""

EMPTY: Final = frozenset(
    {
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
)
"""Digests of no bytes at all: in a list of malware, always a mistake."""

COLUMNS: Final = (
    *("name", "role", "size", "content", "md5", "sha1", "sha256"),
    *("confidence", "place", "source", "note"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """A known file; lower-case hex digests, at least one.

    Attributes:
        name: what its family or list calls it.
        role: what it is to its family; `listed` in a user's list.
        size: bytes, None where no source gives it.
        content: the group of content types it belongs to: spares hashing all others.
        place: where a `context` file counts (`intel/patterns.py`).
    """

    name: str
    role: str
    confidence: HashConfidence
    source: tuple[str, ...]
    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    size: int | None = None
    content: ContentGroup = "any"
    place: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        given = self.digests
        if not given:
            raise ValueError("no digest: md5, sha1 or sha256 is needed")
        for algorithm, value in given.items():
            if not re.fullmatch(f"[0-9a-f]{{{DIGITS[algorithm]}}}", value):
                raise ValueError(f"{algorithm}: {value!r} is not {DIGITS[algorithm]} lower-case hex digits")
            if value in EMPTY:
                raise ValueError(f"{algorithm}: the hash of an empty file")
        if self.confidence not in get_args(HashConfidence):
            raise ValueError(f"confidence: {self.confidence!r} is not one of {', '.join(get_args(HashConfidence))}")
        if self.content not in get_args(ContentGroup):
            raise ValueError(f"content: {self.content!r} is not one of {', '.join(get_args(ContentGroup))}")
        if (self.confidence == "context") != bool(self.place):
            raise ValueError("place: goes with confidence context, and only with it")

    @property
    def digests(self) -> dict[Algorithm, str]:
        """The digests given, strongest first."""
        pairs: tuple[tuple[Algorithm, str], ...] = (("sha256", self.sha256), ("sha1", self.sha1), ("md5", self.md5))
        return {algorithm: value for algorithm, value in pairs if value}

    @property
    def strongest(self) -> tuple[Algorithm, str]:
        """The digest to look for; the others say nothing more."""
        return next(iter(self.digests.items()))


def load_hashes(path: Path) -> tuple[KnownFile, ...]:
    """Rows of a `hashes.csv`; sources are separated by blanks.

    Raises:
        RuleError: `path:line: …`.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, strict=True)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise RuleError(f"{path}:1: columns must be {','.join(COLUMNS)}")
        files: dict[str, KnownFile] = {}
        for row in rows:
            file = _row(row, f"{path}:{rows.line_num}")
            for value in file.digests.values():
                if value in files:
                    raise RuleError(f"{path}:{rows.line_num}: {value} is there twice")
                files[value] = file
    return tuple(dict.fromkeys(files.values()))


def _row(row: dict[str, str], where: str) -> KnownFile:
    if len(row) != len(COLUMNS) or None in row.values():
        raise RuleError(f"{where}: not {len(COLUMNS)} columns")
    if row["size"] and not row["size"].isdecimal():
        raise RuleError(f"{where}: size: {row['size']!r} is not a number of bytes")
    try:
        return KnownFile(
            name=row["name"],
            role=row["role"],
            size=int(row["size"]) if row["size"] else None,
            content=row["content"],  # type: ignore[arg-type] # the record refuses what is none of them
            md5=row["md5"],
            sha1=row["sha1"],
            sha256=row["sha256"],
            confidence=row["confidence"],  # type: ignore[arg-type] # as above
            place=row["place"],
            source=tuple(row["source"].split()),
            note=row["note"],
        )
    except ValueError as error:
        raise RuleError(f"{where}: {error}") from error
