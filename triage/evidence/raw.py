"""Raw images: the media's bytes as they are, in one file or in a numbered set.

Limits:
    A mapped image that shrinks while it is read ends the process (SIGBUS); the scan's workers may be ended.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import cast

from triage.errors import EvidenceError
from triage.evidence.parts import PartFiles, open_readonly

RELEASE = 64 << 20
"""Bytes looked at through a map before its pages are given back: a disk must not fill the memory of a process."""

FAULT_AROUND = 64 << 10
"""Bytes that a look at one page of a map may bring into memory."""


class RawDisk:
    """One plain file, or several end to end. Safe to read from several threads.

    Args:
        parts: the files, in media order.
        format: as `Disk.format`.
        size: bytes of media, where a trailer follows them; None for all.

    Raises:
        EvidenceError: a file cannot be read, or they hold fewer bytes than size.
    """

    stored_hashes: Mapping[str, str] = {}

    def __init__(self, parts: Sequence[Path], format: str, size: int | None = None) -> None:  # noqa: A002
        self.format = format
        self.parts = tuple(parts)
        self._files = PartFiles(self.parts)
        self._starts = (0, *accumulate(self._files.sizes))
        held = self._starts[-1]
        self.size = held if size is None else size
        if self.size > held:
            raise EvidenceError(f"{self.parts[-1]}: ends {self.size - held} bytes early: copy it again")
        self._map = _mapped(self.parts[0]) if len(self.parts) == 1 else None
        self._seen = 0

    def read(self, offset: int, size: int) -> bytes:
        end = min(offset + size, self.size)
        pieces = []
        while offset < end:
            part = bisect_right(self._starts, offset) - 1
            take = min(end, self._starts[part + 1]) - offset
            pieces.append(self._files.read(part, offset - self._starts[part], take))
            offset += take
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def view(self, offset: int, size: int) -> memoryview | None:
        if self._map is None:
            return None
        self._seen += max(size, FAULT_AROUND)
        if self._seen > RELEASE:
            self._seen = size
            self._release(self._map)
        return self._map[offset : min(offset + size, self.size)]

    @staticmethod
    def _release(view: memoryview) -> None:
        """Gives back the memory of pages that were looked at; views stay good, the system still caches the file."""
        if hasattr(mmap, "MADV_DONTNEED"):
            cast("mmap.mmap", view.obj).madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        self._map = None  # unmapped when the last view is gone
        self._files.close()


def _mapped(path: Path) -> memoryview | None:
    descriptor = open_readonly(path)
    try:
        return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError, OverflowError):
        return None  # no room in the address space, or a file system without maps: read() serves
    finally:
        os.close(descriptor)
