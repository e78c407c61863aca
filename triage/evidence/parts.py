"""The files a container is made of, opened for reading only and read by position.

Limits:
    Access times are kept only where the system has O_NOATIME and lets this user ask for it.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from triage.errors import EvidenceError

_MOST_OPEN = 64  # a 2 TB acquisition has over a thousand segments; a process may open about as many files


def open_readonly(path: Path | str) -> int:
    """A file descriptor that cannot write, and does not touch the access time where that may be asked.

    Raises:
        OSError: as the system says it.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    noatime = getattr(os, "O_NOATIME", 0)
    try:
        return os.open(path, flags | noatime)
    except PermissionError:
        if not noatime:
            raise
        return os.open(path, flags)  # O_NOATIME is the owner's alone


def read_at(descriptor: int, offset: int, size: int) -> bytes:
    """Up to size bytes; fewer only at the end of the file. The caller keeps other readers away on Windows.

    Raises:
        OSError: as the system says it.
    """
    pieces: list[bytes] = []
    while size > 0:
        if sys.platform == "win32":
            os.lseek(descriptor, offset, os.SEEK_SET)
            piece = os.read(descriptor, size)
        else:
            piece = os.pread(descriptor, size, offset)
        if len(piece) == size and not pieces:
            return piece
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
        size -= len(piece)
    return b"".join(pieces)


class PartFiles:
    """Files read by position from any thread; at most 64 of them are open at once.

    Raises:
        EvidenceError: a file is not there or may not be read.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._open: OrderedDict[int, int] = OrderedDict()
        self.paths = tuple(paths)
        self._lock = threading.Lock()
        try:
            self.sizes = tuple(path.stat().st_size for path in self.paths)
            with self._lock:
                self._descriptor(0)
        except OSError as error:
            raise EvidenceError(f"{error.filename}: cannot be read: {error.strerror}") from error

    def read(self, part: int, offset: int, size: int) -> bytes:
        """Exactly size bytes from offset of one file.

        Raises:
            OSError: they cannot be read, or the file ends before them.
        """
        path = self.paths[part]
        try:
            with self._lock:
                data = read_at(self._descriptor(part), offset, size)
        except OSError as error:
            raise OSError(
                error.errno, f"cannot read {size} bytes at offset {offset}: {error.strerror}", str(path)
            ) from error
        if len(data) != size:
            raise OSError(errno.EIO, f"file ends before offset {offset + size}", str(path))
        return data

    def _descriptor(self, part: int) -> int:
        descriptor = self._open.pop(part, None)
        if descriptor is None:
            if len(self._open) >= _MOST_OPEN:
                os.close(self._open.popitem(last=False)[1])
            descriptor = open_readonly(self.paths[part])
        self._open[part] = descriptor
        return descriptor

    def close(self) -> None:
        """Closes every file; reading afterwards opens them again."""
        with self._lock:
            while self._open:
                os.close(self._open.popitem()[1])

    def __del__(self) -> None:  # a disk that was refused half-way leaves no file open
        while self._open:
            os.close(self._open.popitem()[1])
