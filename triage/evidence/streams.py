"""The bytes of one content: through The Sleuth Kit's tables, or straight from the disk where they lie in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytsk3

from triage.evidence.placement import NON_RESIDENT, NOT_STORED
from triage.evidence.volumes import TskImage

STORED = int(pytsk3.TSK_FS_FILE_READ_FLAG_SLACK)


class Media:
    """What a stream must know of the disk below it.

    Args:
        image: as The Sleuth Kit reads it.
        size: bytes of media.
        offset: of the volume, bytes from the start of the media.
        block_size: of the file system, bytes.
    """

    def __init__(self, image: pytsk3.Img_Info, size: int, offset: int, block_size: int) -> None:
        self._image = image
        self._size = size
        self._offset = offset
        self.block_size = block_size

    @property
    def doubtful(self) -> bool:
        """Some read of the disk failed: contents may hold zeros that are none."""
        return isinstance(self._image, TskImage) and bool(self._image.failed)

    def failed(self, block: int, blocks: int) -> bool:
        """A read of some of these blocks failed, or they lie behind the end of the media."""
        start = self._offset + block * self.block_size
        end = start + blocks * self.block_size
        if end > self._size:
            return True
        ranges = self._image.failed if isinstance(self._image, TskImage) else ()
        return any(first < end and start < last for first, last in ranges)


class TskStream:
    """One attribute of one file, through The Sleuth Kit.

    Args:
        file: the library's.
        kind: attribute type, 0 outside NTFS.
        number: attribute id, 0 outside NTFS.
        size: bytes.
        media: what it lies on.
        stored: give the bytes behind the valid data length as they are stored, not as zeros.
    """

    def __init__(
        self, file: pytsk3.File, kind: int, number: int, size: int, media: Media, *, stored: bool = False
    ) -> None:
        self._file = file
        self._kind = kind
        self._number = number
        self._media = media
        self._flags = STORED if stored else 0
        self.size = size

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes.

        Raises:
            OSError: some of them could not be read. The library itself may give zeros in their place.
        """
        if self._kind:
            data: bytes = self._file.read_random(offset, size, self._kind, self._number, self._flags)
        else:
            data = self._file.read_random(offset, size)
        if self._media.doubtful:
            self._check(offset, size)
        return data

    def data_from(self, offset: int) -> int:
        """Where the next stored byte lies, from offset on; size where only a hole follows."""
        runs = sorted((first, last) for first, last, _ in self._runs())
        if not runs:
            return offset
        return next((max(first, offset) for first, last in runs if last > offset), self.size)

    def close(self) -> None:
        """Nothing is held open."""

    def _check(self, offset: int, size: int) -> None:
        block_size = self._media.block_size
        for first, last, block in self._runs():
            start, end = max(offset, first), min(offset + size, last)
            if start < end:
                skipped = (start - first) // block_size
                if self._media.failed(block + skipped, -(-(end - first) // block_size) - skipped):
                    raise OSError(f"the disk cannot be read below offset {start}")

    def _runs(self) -> Iterator[tuple[int, int, int]]:
        """(first byte, byte behind the last, first block) of every stored run; nothing where resident."""
        block_size = self._media.block_size
        for attribute in self._file:
            info = attribute.info
            if self._kind and (info.type != self._kind or info.id != self._number):
                continue
            if info.flags & NON_RESIDENT:
                for run in attribute:
                    if not run.flags & NOT_STORED:
                        first = run.offset * block_size
                        yield first, first + run.len * block_size, run.addr
            return


class Viewed(Protocol):
    """Bytes that are given with a copy or, where they are mapped, without one; see `Disk`."""

    def read(self, offset: int, size: int) -> bytes: ...
    def view(self, offset: int, size: int) -> memoryview | None: ...


class PieceStream:
    """Bytes that lie on the disk in one piece; without a copy, where the disk is mapped."""

    def __init__(self, disk: Viewed, start: int, size: int) -> None:
        self._disk = disk
        self._start = start
        self.size = size

    def read(self, offset: int, size: int) -> bytes | memoryview:
        """Up to size bytes."""
        size = min(size, self.size - offset)
        view = self._disk.view(self._start + offset, size)
        return self._disk.read(self._start + offset, size) if view is None else view

    def data_from(self, offset: int) -> int:
        """offset: there are no holes."""
        return offset

    def close(self) -> None:
        """Nothing is held open."""
