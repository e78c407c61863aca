"""An entry's content, read once and shared: what the scan hands to the detectors."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, cast

from triage.formats.leading import leading_type
from triage.model import Entry, Level, NoContentError, Stream

HEAD = 4096
WINDOW = 32 << 20
"""Bytes held at once. Larger contents pass in windows of this size."""
BESIDE_MAX = 64 << 20
"""Largest neighbour that is read for a detector, in bytes."""
OVERLAP = 64 << 10
"""Bytes that two windows share, so that nothing shorter is cut in two."""


class StreamFile(io.RawIOBase):
    """A stream as a read-only file."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves, as any file does; a place behind the end reads as nothing."""
        start = (0, self._at, self._stream.size)[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  what io calls a writeable buffer
        """Fills the buffer as far as there are bytes."""
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._stream.size - self._at))
        data = self._stream.read(self._at, wanted) if wanted else b""
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Nothing:
    """The bytes of an empty file."""

    size = 0

    def read(self, offset: int, size: int) -> bytes:
        del offset, size
        return b""

    def data_from(self, offset: int) -> int:
        return offset

    def close(self) -> None:
        """Nothing is held open."""


NOTHING = _Nothing()


class Reading:
    """Content of one entry.

    Args:
        entry: whose bytes.
        stream: open; closed by the caller.
        level: of the entry and its leading type, how much is to be read.
        algorithms: digests that a pass over a content larger than one window computes.
        beside: opens another file of the same folder.

    Raises:
        OSError: the first bytes cannot be read.
    """

    def __init__(
        self,
        entry: Entry,
        stream: Stream,
        level: Callable[[Entry, str], Level],
        algorithms: Sequence[str] = ("sha256",),
        beside: Callable[[str], Stream | None] = lambda _name: None,
    ) -> None:
        self._stream = stream
        self._beside = beside
        self._algorithms = algorithms
        self._whole: memoryview | None = None
        self._digests: dict[str, str] = {}
        self._passed = False
        self.size = stream.size
        self.head = bytes(self._read(0, min(HEAD, self.size)))
        self.bytes_read = len(self.head)
        self.type = leading_type(self.head, entry.name)
        self.level = Level.FULL if self.size <= len(self.head) else level(entry, self.type)

    def _read(self, offset: int, size: int) -> bytes | memoryview:
        data = self._stream.read(offset, size)
        if len(data) < size:
            raise OSError(f"only {len(data)} of {size} bytes at offset {offset}")
        return data

    @property
    def whole(self) -> memoryview | None:
        """Every byte, where level is FULL and they fit one window."""
        if self._whole is None and self.level is Level.FULL and self.size <= WINDOW:
            if self.size <= len(self.head):
                self._whole = memoryview(self.head)
            else:
                self._whole = memoryview(self._read(0, self.size))
                self.bytes_read = self.size
        return self._whole

    def windows(self) -> Iterator[tuple[int, memoryview]]:
        """(offset, bytes) over what level allows, in order."""
        if self.level is not Level.FULL:
            yield 0, memoryview(self.head)
        elif (whole := self.whole) is not None:
            yield 0, whole
        else:
            yield from self._pass()

    def _pass(self) -> Iterator[tuple[int, memoryview]]:
        hashes = {name: hashlib.new(name, usedforsecurity=False) for name in self._algorithms}
        kept = memoryview(b"")
        offset = holes = read = 0
        self._passed = True
        while offset < self.size:
            if (stored := self._stream.data_from(offset)) >= offset + WINDOW:
                holes += stored - offset
                offset, kept = stored, memoryview(b"")
                continue
            data = memoryview(self._read(offset, min(WINDOW, self.size - offset)))
            for digest in hashes.values():
                digest.update(data)
            start = offset - len(kept)
            yield start, memoryview(bytes(kept) + bytes(data)) if kept else data
            kept = data[-OVERLAP:]
            offset += len(data)
            read += len(data)
            self.bytes_read = max(self.bytes_read, read)
        if not holes:
            self._digests = {name: digest.hexdigest() for name, digest in hashes.items()}

    def digest(self, algorithm: str) -> str | None:
        """Lower-case hex of the whole content.

        None where level is not FULL, the algorithm was not asked for, or the content has a hole longer than a window:
        a hole holds nothing, and hashing its zeros may take days.
        """
        if self.level is not Level.FULL:
            return None
        if algorithm not in self._digests:
            if (whole := self.whole) is not None:
                self._digests[algorithm] = hashlib.new(algorithm, whole, usedforsecurity=False).hexdigest()
            elif not self._passed:
                for _ in self._pass():
                    pass
        return self._digests.get(algorithm)

    def tail(self, size: int) -> bytes:
        """The last bytes."""
        start = max(0, self.size - size)
        return bytes(self._read(start, self.size - start))

    def file(self) -> BinaryIO:
        """The content as a seekable file; valid until the entry is done."""
        return cast("BinaryIO", io.BufferedReader(StreamFile(self._stream), 1 << 16))

    def data_from(self, offset: int) -> int:
        """Where the next stored byte lies."""
        return self._stream.data_from(offset)

    def beside(self, name: str) -> bytes | None:
        """A neighbour's bytes."""
        stream = self._beside(name)
        if stream is None:
            return None
        try:
            return bytes(stream.read(0, stream.size)) if stream.size <= BESIDE_MAX else None
        finally:
            stream.close()


class NoContent:
    """Content of an entry that has none to look at."""

    level = Level.METADATA
    whole: memoryview | None = None
    bytes_read = 0

    @property
    def head(self) -> bytes:
        """Raises NoContentError."""
        raise NoContentError

    @property
    def type(self) -> str:
        """Raises NoContentError."""
        raise NoContentError

    def windows(self) -> Iterator[tuple[int, memoryview]]:
        """Nothing."""
        return iter(())

    def digest(self, algorithm: str) -> str | None:
        """None."""
        del algorithm
        return None

    def tail(self, size: int) -> bytes:
        """Raises NoContentError."""
        raise NoContentError(size)

    def file(self) -> BinaryIO:
        """Raises NoContentError."""
        raise NoContentError

    def data_from(self, offset: int) -> int:
        """Raises NoContentError."""
        raise NoContentError(offset)

    def beside(self, name: str) -> bytes | None:
        """None."""
        del name
        return None


NO_CONTENT = NoContent()
