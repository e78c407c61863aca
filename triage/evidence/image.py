"""A disk image or a device: container, volumes, file systems, entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from triage.case import VolumeInfo
from triage.evidence.containers import Disk, open_disk
from triage.evidence.filesystem import FileSystem
from triage.evidence.fingerprint import fingerprint
from triage.evidence.hashing import hash_media
from triage.evidence.ntfs import IN_ONE_PIECE
from triage.evidence.streams import Media, PieceStream, TskStream
from triage.evidence.volumes import TskImage, Volume, volumes
from triage.model import Entry, EntryId, Gap, GapReason, Kind
from triage.text import printable

ENCRYPTED = {"bitlocker", "luks"}


class Image:
    """One disk.

    Args:
        path: an image (any segment of a set) or a block device.

    Raises:
        EvidenceError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._disk: Disk = open_disk(path)
        self._volumes: tuple[Volume, ...] = volumes(self._disk)
        self._media = TskImage.of(self._disk)
        self._open: dict[int, FileSystem] = {}
        self._offsets = {volume.index: volume.offset for volume in self._volumes}
        self.format = self._disk.format
        self.name = printable(path.name)
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
            )
            for v in self._volumes
        )

    def close(self) -> None:
        """Closes the image."""
        self._open.clear()
        self._disk.close()

    def fingerprint(self) -> str:
        """SHA-256 over boot areas, file-system tables and fixed extents."""
        return fingerprint(self._disk, self._volumes)

    def hashes(self, step: Callable[[], None]) -> Mapping[str, str]:
        """Digests of all media bytes; step is called as they pass."""
        return hash_media(self._disk, step)

    def _file_system(self, index: int) -> FileSystem:
        if index not in self._open:
            volume = next(v for v in self._volumes if v.index == index)
            self._open[index] = FileSystem(self._media, index, volume.offset)
        return self._open[index]

    def walk(self, volume: int) -> Iterator[Entry | Gap]:
        """Every entry of a volume; one that cannot be opened is one entry and its gap."""
        found = next(v for v in self._volumes if v.index == volume)
        problem = found.problem if not found.opened else ""
        reason = GapReason.ENCRYPTED_VOLUME if found.filesystem in ENCRYPTED else GapReason.UNSUPPORTED
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
            return PieceStream(self._disk, self._offsets[entry.volume] + entry.position, entry.size)
        file_system = self._file_system(entry.volume)
        file, kind, number = file_system.open_file(entry.key)
        return TskStream(file, kind, number, entry.size, self._below(file_system))

    def beside(self, entry: Entry, name: str) -> TskStream | None:
        """Another file of the entry's folder, where that has a plain path."""
        file_system = self._file_system(entry.volume)
        file = file_system.open_path(f"{entry.path.rpartition('/')[0]}/{name}")
        return None if file is None else TskStream(file, 0, 0, file.info.meta.size, self._below(file_system))

    def _below(self, file_system: FileSystem) -> Media:
        return Media(self._media, self.size, self._offsets[file_system.volume], file_system.block_size)


def is_image(path: Path) -> bool:
    """The path is to be read as a disk: a regular file or a block device."""
    return path.is_file() or path.is_block_device() or str(path).startswith("\\\\.\\")
