"""Where collected files wait for the end of the scan: one encrypted payload for each entry, never in plain.

A part has the name of its entry and depends on nothing else: a unit of work that is done again writes it again, alike.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.case.sealed_zip import is_whole, payload
from triage.model import Entry

FOLDER = "evidence"
_STAGING = "staging"


@dataclass(frozen=True, slots=True)
class Staging:
    """The parts of one case. folder: of the case."""

    folder: Path

    @property
    def place(self) -> Path:
        """Where the parts lie."""
        return self.folder / FOLDER / _STAGING

    def part(self, entry: int) -> Path:
        """The part of an entry."""
        return self.place / f"{entry:010d}.part"

    def write(self, entry: Entry, content: Iterable[bytes | memoryview]) -> tuple[str, str, int]:
        """Writes the part of an entry, whole or not at all; (SHA-256, MD5, bytes) of its content.

        Raises:
            OSError: of the disk of the case, or what content raises.
        """
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        size = 0

        def hashed() -> Iterator[bytes | memoryview]:
            nonlocal size
            for piece in content:
                sha256.update(piece)
                md5.update(piece)
                size += len(piece)
                yield piece

        part = self.part(entry.id)
        unfinished = part.with_suffix(f".{os.getpid()}")
        self.place.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as stream:
                stream.writelines(payload(hashed(), f"{entry.id}:{entry.volume}:{entry.path}"))
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(part)
        finally:
            unfinished.unlink(missing_ok=True)
        return sha256.hexdigest(), md5.hexdigest(), size

    def size_if_whole(self, entry: int) -> int | None:
        """Bytes of a part; None where it did not survive a power cut."""
        part = self.part(entry)
        return part.stat().st_size if part.is_file() and is_whole(part) else None

    def drop(self, entries: Iterable[int]) -> None:
        """Takes parts away."""
        for entry in entries:
            self.part(entry).unlink(missing_ok=True)

    def clear(self) -> None:
        """Takes everything away."""
        if self.place.is_dir():
            for path in self.place.iterdir():
                path.unlink(missing_ok=True)
            self.place.rmdir()
