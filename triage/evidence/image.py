"""A disk image or a device: container, volumes, file systems, entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytsk3

from triage.case import VolumeInfo
from triage.evidence.blockdevice import device_name
from triage.evidence.containers import Disk, open_disk
from triage.evidence.filesystem import FileSystem
from triage.evidence.fingerprint import fingerprint
from triage.evidence.freespace import FreeSpace
from triage.evidence.hashing import hash_media
from triage.evidence.ntfs import IN_ONE_PIECE
from triage.evidence.shadow import CATALOGUE, ShadowDisk, Stores, shadow_volumes
from triage.evidence.streams import Media, PieceStream, TskStream
from triage.evidence.volumes import TskImage, Volume, volumes
from triage.formats.vss import IDENTIFIER
from triage.model import Entry, EntryId, Gap, GapReason, Kind
from triage.text import printable

_REASONS = {
    **dict.fromkeys(("bitlocker", "luks"), GapReason.ENCRYPTED_VOLUME),
    CATALOGUE: GapReason.UNPARSABLE,
}
"""Why a volume that does not open is not examined, by its file system; else it is not supported."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a volume lies: on which disk, as The Sleuth Kit reads that, and where it begins there."""

    disk: Disk | ShadowDisk
    image: pytsk3.Img_Info
    offset: int


class Image:
    """One disk.

    Args:
        path: an image (any segment of a set) or a block device.
        shadow_copies: they are further volumes, behind the live ones.

    Raises:
        EvidenceError: it cannot be opened.
    """

    def __init__(self, path: Path, *, shadow_copies: bool = False) -> None:
        self._disk: Disk = open_disk(path)
        self._live: tuple[Volume, ...] = volumes(self._disk)
        copies = tuple(shadow_volumes(self._disk, self._live)) if shadow_copies else ()
        self._volumes = {volume.index: volume for volume in (*self._live, *copies)}
        self._media = TskImage.of(self._disk)
        self._open: dict[int, FileSystem] = {}
        self._stores: dict[int, Stores] = {}
        self._places = {v.index: _Place(self._disk, self._media, v.offset) for v in self._live}
        self.format = self._disk.format
        self.name = printable(path.name or device_name(path))
        self.size = self._disk.size
        self.stored_hashes: Mapping[str, str] = self._disk.stored_hashes
        self.volumes = tuple(
            VolumeInfo(
                index=v.index,
                offset=v.offset,
                size=v.size,
                filesystem=v.filesystem,
                label=printable(v.label),
                serial=v.serial,
                opened=v.opened,
                problem=printable(v.problem),
                parent=v.parent,
                store=v.store,
                taken=v.taken,
            )
            for v in self._volumes.values()
        )

    def close(self) -> None:
        """Closes the image."""
        self._open.clear()
        self._places.clear()
        self._stores.clear()
        self._disk.close()

    def fingerprint(self) -> str:
        """SHA-256 over boot areas, file-system tables and fixed extents."""
        return fingerprint(self._disk, self._live)

    def hashes(self, step: Callable[[], None]) -> Mapping[str, str]:
        """Digests of all media bytes; step is called as they pass."""
        return hash_media(self._disk, step)

    def _file_system(self, index: int) -> FileSystem:
        if index not in self._open:
            place = self._place(index)
            self._open[index] = FileSystem(place.image, index, place.offset)
        return self._open[index]

    def _place(self, index: int) -> _Place:
        """Where a volume lies; the store of a shadow copy is opened when it is first asked for."""
        if index not in self._places:
            copy = self._volumes[index]
            assert copy.parent is not None
            if copy.parent not in self._stores:
                self._stores[copy.parent] = Stores(self._disk, self._volumes[copy.parent])
            disk = self._stores[copy.parent].disk(copy.store)
            self._places[index] = _Place(disk, TskImage.of(disk), 0)
        return self._places[index]

    def walk(self, volume: int) -> Iterator[Entry | Gap]:
        """Every entry of a volume; one that cannot be opened is one entry and its gap."""
        found = self._volumes[volume]
        problem = found.problem if not found.opened else ""
        reason = _REASONS.get(found.filesystem, GapReason.UNSUPPORTED)
        if found.opened:
            try:
                walk = self._file_system(volume).walk()
            except OSError as error:
                problem, reason = str(error), GapReason.UNREADABLE
            else:
                yield from walk
                return
        yield Entry(id=EntryId(1), volume=volume, path="/", kind=Kind.VOLUME, size=found.size)
        text = f"{found.filesystem} volume at byte {found.offset}: {problem}"
        yield Gap(entry=EntryId(1), stage="walk", reason=reason, detail=printable(text))

    def open(self, entry: Entry) -> TskStream | PieceStream:
        """The entry's bytes.

        Raises:
            OSError: its record cannot be read.
        """
        if entry.key.endswith(IN_ONE_PIECE):
            place = self._place(entry.volume)
            return PieceStream(place.disk, place.offset + entry.position, entry.size)
        file_system = self._file_system(entry.volume)
        file, kind, number = file_system.open_file(entry.key)
        # Windows writes this catalogue below the file system, which takes nothing of it for valid
        stored = entry.name.lower() == IDENTIFIER
        return TskStream(file, kind, number, entry.size, self._below(file_system), stored=stored)

    def free_space(self, volume: int) -> FreeSpace | None:
        """The free clusters of a volume; None where they are not known: not NTFS, or its bitmap cannot be read."""
        found = self._volumes[volume]
        if volume not in self._places:  # a shadow copy: what is free in it is free in the live volume
            return None
        try:
            return self._file_system(volume).free_space(self._disk, found.offset) if found.opened else None
        except OSError:
            return None

    def beside(self, entry: Entry, name: str) -> TskStream | None:
        """Another file of the entry's folder, where that has a plain path."""
        file_system = self._file_system(entry.volume)
        file = file_system.open_path(f"{entry.path.rpartition('/')[0]}/{name}")
        return None if file is None else TskStream(file, 0, 0, file.info.meta.size, self._below(file_system))

    def unchanged(self, entry: Entry) -> bool:
        """Whether an entry of a shadow copy lies in one piece on bytes that are the live volume's, too."""
        if not entry.allocated or not entry.key.endswith(IN_ONE_PIECE):
            return False
        with suppress(OSError):  # not proven: it will be read
            disk = self._place(entry.volume).disk
            return isinstance(disk, ShadowDisk) and disk.is_live(entry.position, entry.size)
        return False

    def _below(self, file_system: FileSystem) -> Media:
        place = self._place(file_system.volume)
        return Media(place.image, place.disk.size, place.offset, file_system.block_size)


def is_image(path: Path) -> bool:
    """The path is to be read as a disk: a regular file or a block device."""
    return path.is_file() or path.is_block_device() or str(path).startswith("\\\\.\\")
