"""A hive as its reader needs it: with what its logs replace, zeros for what cannot be read, healed on demand."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from triage.errors import FormatError
from triage.formats.regf_heal import healed_bins
from triage.formats.regf_log import BASE_BLOCK, SECTOR, base_block, clean_base, recover

_BIN = 4096
_SIZE_FIELD = 40


class HiveBytes(io.RawIOBase):
    """Read-only, seekable.

    Args:
        file: the primary file; what cannot be read of it counts as zeros, and is remembered.
        logs: the bytes of its transaction logs; asked only where the hive is dirty.

    Attributes:
        dirty: the file alone is not the newest state.
        recovered: how many log entries were applied.
        cut: the file is shorter than it says.
        unreadable: the first error of the evidence, None where all could be read so far.

    Raises:
        FormatError: this is no hive.
    """

    def __init__(self, file: BinaryIO, logs: Callable[[], Sequence[bytes]]) -> None:
        self._file = file
        self.unreadable: OSError | None = None
        self._at = 0
        self._base: bytes | None = None
        self._sectors: dict[int, bytes | memoryview] = {}
        self._healing: dict[int, bytes] = {}
        self._size = file.seek(0, os.SEEK_END)
        base = base_block(self._piece(0, SECTOR))
        if base is None:
            raise FormatError("registry base block", 0)
        self.dirty = base.dirty
        recovery = recover(base, logs()) if base.dirty else None
        self.recovered = recovery.applied if recovery else 0
        if recovery:
            self._base = recovery.base
            self._sectors.update(recovery.sectors)
            (bins,) = struct.unpack_from("<I", recovery.base, _SIZE_FIELD)
            self._size = max(self._size, BASE_BLOCK + bins)
        self.cut = not recovery and base.sound and BASE_BLOCK + base.size > self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def get_size(self) -> int:
        """What pyregf asks instead of seeking to the end."""
        return self._size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, (0, self._at, self._size)[whence] + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        wanted = max(0, self._size - self._at)
        if size is not None and size >= 0:
            wanted = min(wanted, size)
        data = self._piece(self._at, wanted)
        if self._base or self._sectors or self._healing:
            data = self._patched(self._at, data.ljust(wanted, b"\0"), self._healing)
        self._at += len(data)
        return data

    def unhealed(self, at: int, size: int) -> bytes:
        """Bytes of the hive bins as they were before damaged ones were made readable."""
        at += BASE_BLOCK
        size = max(0, min(size, self._size - at))
        return self._patched(at, self._piece(at, size).ljust(size, b"\0"), {})

    @property
    def bins(self) -> int:
        """Bytes of all hive bins."""
        return max(0, self._size - BASE_BLOCK)

    def _piece(self, at: int, size: int) -> bytes:
        try:
            self._file.seek(at)
            return self._file.read(size)
        except OSError as error:
            self.unreadable = self.unreadable or error
            first = at // SECTOR * SECTOR
            sectors = b"".join(self._sector(start) for start in range(first, at + size, SECTOR))
            return sectors[at - first : at - first + size]

    def _sector(self, at: int) -> bytes:
        """One sector; zeros where it cannot be read."""
        try:
            self._file.seek(at)
            return self._file.read(SECTOR).ljust(SECTOR, b"\0")
        except OSError:
            return bytes(SECTOR)

    def _patched(self, at: int, data: bytes, healing: Mapping[int, bytes]) -> bytes:
        if not self._base and not self._sectors and not healing:
            return data
        out = bytearray(data)
        for start in range(at - at % SECTOR, at + len(data), SECTOR):
            number = (start - BASE_BLOCK) // SECTOR
            sector = (healing.get(number) or self._sectors.get(number)) if start else self._base
            if sector is not None:
                left, right = max(at, start), min(at + len(data), start + SECTOR)
                out[left - at : right - at] = sector[left - start : right - start]
        return bytes(out)

    def heal(self) -> int:
        """Makes damaged bins readable, and the hive as long as its file; how many bins that changed."""

        def bins(at: int, size: int) -> bytes:
            self.seek(BASE_BLOCK + at)
            return self.read(size)

        size = max(0, self._size - BASE_BLOCK) // _BIN * _BIN
        sectors, healed = healed_bins(bins, size)
        self._healing.update(sectors)
        if self.cut:
            raw = self._base or self._piece(0, SECTOR)
            (sequence,) = struct.unpack_from("<I", raw, 8)
            self._base = clean_base(raw, sequence, size)
        return healed + self.cut
