"""Entries and their bytes in memory, for tests that look at one file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping

from triage.formats.leading import leading_type
from triage.model import Entry, EntryId, Kind, Level


class MemoryContent:
    """A file's bytes as a Source would give them; at HEAD only the first 4096 are shown."""

    def __init__(
        self, data: bytes, name: str = "", level: Level = Level.FULL, neighbours: Mapping[str, bytes] | None = None
    ) -> None:
        self._neighbours = neighbours or {}
        self._data = data
        self.head = data[:4096]
        self.type = leading_type(self.head, name)
        self.level = level

    @property
    def whole(self) -> memoryview | None:
        return memoryview(self._data) if self.level is Level.FULL else None

    def windows(self) -> Iterator[tuple[int, memoryview]]:
        yield 0, memoryview(self._data if self.level is Level.FULL else self.head)

    def digest(self, algorithm: str) -> str | None:
        return hashlib.new(algorithm, self._data).hexdigest() if self.level is Level.FULL else None

    def tail(self, size: int) -> bytes:
        return self._data[-size:] if size else b""

    def file(self) -> io.BytesIO:
        return io.BytesIO(self._data)

    def data_from(self, offset: int) -> int:
        return offset

    def beside(self, name: str) -> bytes | None:
        return self._neighbours.get(name)


def entry_of(path: str, data: bytes = b"", **more: object) -> Entry:
    """A file of these bytes."""
    return Entry(id=EntryId(1), volume=0, path=path, **{"kind": Kind.FILE, "size": len(data), **more})  # type: ignore[arg-type]


def records(detector, path: str, data: bytes, level: Level = Level.FULL, **more: object) -> list:
    """What a detector says of a file, the way the scan asks it."""
    entry = entry_of(path, data, **more)
    if not detector.wants(entry):
        return []
    return list(detector.detect(entry, MemoryContent(data, entry.name, level)))
