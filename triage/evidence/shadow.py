"""Shadow copies as further volumes: each store is a disk of its own, laid over the volume it is a copy of.

They are listed by their catalogue alone; libvshadow opens a store only when its volume is walked or read, in a process
that may be ended. Its handles are neither safe between threads nor across a fork: see `library.py`.

Limits:
    A store on another volume than its own (a shadow copy storage association) is named, not opened.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import pyvshadow

from triage.errors import FormatError
from triage.evidence.containers import Disk
from triage.evidence.library import cause
from triage.evidence.volumes import Volume
from triage.formats import vss
from triage.formats.vss import BLOCK, ShadowCopy
from triage.model import UnixNs
from triage.times import isoformat

CATALOGUE = "vss-catalogue"
"""Stands for the file system of shadow copies that cannot be listed."""


def shadow_volumes(disk: Disk, volumes: Sequence[Volume]) -> Iterator[Volume]:
    """The shadow copies of every volume, numbered on behind these, the oldest of a volume first."""
    parents = (volume for volume in volumes if volume.opened and volume.filesystem == "ntfs")
    found = chain.from_iterable(_copies(disk, parent) for parent in parents)
    return (replace(volume, index=index) for index, volume in enumerate(found, len(volumes)))


def _copies(disk: Disk, parent: Volume) -> Iterator[Volume]:
    """The shadow copies of one volume, not numbered yet; one closed volume where they cannot be listed."""
    try:
        copies = listed(disk, parent)
    except (OSError, FormatError) as error:
        yield Volume(
            index=0,
            offset=parent.offset,
            size=parent.size,
            filesystem=CATALOGUE,
            label=shadow_label(parent.index, None),
            opened=False,
            problem=f"its shadow copies cannot be listed: {error}",
            parent=parent.index,
        )
        return
    for copy in copies:
        yield Volume(
            index=0,
            offset=parent.offset,
            size=min(copy.size, parent.size),
            filesystem=parent.filesystem,
            label=shadow_label(parent.index, copy.created),
            serial=parent.serial,
            opened=copy.stored_here,
            problem="" if copy.stored_here else "its store lies on another volume: not joined",
            parent=parent.index,
            store=copy.identifier,
            taken=copy.created,
        )


def shadow_label(parent: int, taken: UnixNs | None) -> str:
    """What a shadow copy is called: of which volume, from when; without a time where none can be listed."""
    return f"shadow copy of volume {parent}" + (f", {isoformat(taken)}" if taken is not None else "")


def listed(disk: Disk, volume: Volume) -> tuple[ShadowCopy, ...]:
    """The shadow copies of a volume, as its catalogue says; nothing where there is no catalogue.

    Raises:
        FormatError: the catalogue is damaged.
        OSError: it cannot be read.
    """
    below = _Below(disk, volume.offset, volume.size)
    start = vss.catalogue_at(below.at(vss.HEADER_AT, vss.HEADER_SIZE))
    return vss.parse_catalogue(vss.read_catalogue(below.at, start)) if start else ()


class Stores:
    """The stores of one volume, opened by libvshadow.

    Args:
        disk: where the volume lies; closed by the caller.
        volume: the one that they are copies of.

    Raises:
        OSError: libvshadow cannot open them.
    """

    def __init__(self, disk: Disk, volume: Volume) -> None:
        self._disk = disk
        self._size = volume.size
        self._lock = threading.Lock()
        self._handle = pyvshadow.volume()
        try:
            self._handle.open_file_object(_Below(disk, volume.offset, volume.size))
            found = [self._handle.get_store(number) for number in range(self._handle.get_number_of_stores())]
        except (OSError, MemoryError) as error:
            raise _failed("its shadow copies cannot be opened", error, disk) from error
        self._stores = sorted(found, key=lambda store: int(store.get_creation_time_as_integer()))

    def disk(self, identifier: str) -> ShadowDisk:
        """The volume as one store keeps it.

        Raises:
            OSError: libvshadow does not know it, or cannot read its table of blocks.
        """
        for place, store in enumerate(self._stores):
            if store.get_identifier().lower() == identifier:
                try:
                    return ShadowDisk(store, self._stores[place:], self._size, self._disk.parts, self._lock)
                except (OSError, MemoryError) as error:
                    raise _failed(f"shadow copy {identifier} cannot be opened", error, self._disk) from error
        raise OSError(errno.ENOENT, f"shadow copy {identifier} is not found by libvshadow", str(self._disk.parts[0]))


class ShadowDisk:
    """A volume as it was, from its first byte.

    Args:
        store: libvshadow's.
        since: this store and the younger ones: what an older one does not hold itself it takes from them.
        most: bytes of the volume as it is now: a store that claims more is cut.
        parts: the files that hold it.
        lock: held around each call of the library.
    """

    format = "shadow-copy"
    stored_hashes: Mapping[str, str] = {}

    def __init__(
        self,
        store: pyvshadow.store,
        since: Sequence[pyvshadow.store],
        most: int,
        parts: tuple[Path, ...],
        lock: threading.Lock,
    ) -> None:
        self.parts = parts
        self.size = min(int(store.get_volume_size()), most)
        self._store = store
        self._since = since
        self._lock = lock

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes; fewer only at the end."""
        end = min(offset + size, self.size)
        pieces: list[bytes] = []
        while offset < end:
            try:
                with self._lock:
                    piece: bytes = self._store.read_buffer_at_offset(end - offset, offset)
            except (OSError, MemoryError) as error:
                raise _failed(f"cannot read offset {offset} of a shadow copy", error, self) from error
            if not piece:
                raise OSError(errno.EIO, f"a shadow copy ends early, at offset {offset}", str(self.parts[0]))
            pieces.append(piece)
            offset += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def view(self, offset: int, size: int) -> memoryview | None:  # noqa: ARG002
        """Nothing: its bytes are put together from several places."""
        return None

    def is_live(self, offset: int, size: int) -> bool:
        """These bytes are those of the volume as it is now: no block that holds them was copied since.

        Raises:
            OSError: the tables of blocks cannot be read.
        """
        if not 0 <= offset < offset + size <= self.size:
            return False
        first, last = offset // BLOCK, (offset + size - 1) // BLOCK
        bits = int.from_bytes(self._changed[first >> 3 : (last >> 3) + 1], "little") >> (first & 7)
        return not bits & ((1 << (last - first + 1)) - 1)

    @cached_property
    def _changed(self) -> bytearray:
        """A bit for each block that was written over since, the lowest first."""
        bits = bytearray(self.size // BLOCK // 8 + 2)
        try:
            with self._lock:
                for store in self._since:
                    for number in range(store.get_number_of_blocks()):
                        start = int(store.get_block(number).get_original_offset())
                        for block in {start // BLOCK, (start + BLOCK - 1) // BLOCK}:
                            if 0 <= block >> 3 < len(bits):
                                bits[block >> 3] |= 1 << (block & 7)
        except (OSError, MemoryError) as error:
            raise _failed("the blocks of a shadow copy cannot be listed", error, self) from error
        return bits

    def close(self) -> None:
        """The store is closed with its volume."""


class _Below:
    """A volume's bytes as the file that libvshadow reads."""

    def __init__(self, disk: Disk, offset: int, size: int) -> None:
        self._disk = disk
        self._offset = offset
        self._size = size
        self._place = 0

    def at(self, offset: int, size: int) -> bytes:
        """Up to size bytes from an offset on the volume; nothing outside of it."""
        if not 0 <= offset < self._size:
            return b""
        return self._disk.read(self._offset + offset, min(size, self._size - offset))

    def read(self, size: int) -> bytes:
        data = self.at(self._place, size)
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence])
        return self._place

    def tell(self) -> int:
        return self._place

    def get_size(self) -> int:
        return self._size


def _failed(what: str, error: OSError | MemoryError, disk: Disk | ShadowDisk) -> OSError:
    why = cause(error) if isinstance(error, OSError) else "it asks for more memory than there is"
    return OSError(errno.EIO, f"{what}: {why}", str(disk.parts[0]))
