"""Several disks or folders of one machine as one evidence: volumes are numbered on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from triage.case import VolumeInfo
from triage.evidence.freespace import FreeSpace
from triage.evidence.shadow import shadow_label
from triage.model import Entry, Gap, Source, Stream


class Evidence(Source, Protocol):
    """A Source that can say what it is and prove that it is unchanged."""

    @property
    def format(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def stored_hashes(self) -> Mapping[str, str]: ...
    @property
    def volumes(self) -> Sequence[VolumeInfo]: ...

    def fingerprint(self) -> str:
        """SHA-256 over what tells this evidence from any other, quick to read."""

    def hashes(self, step: Callable[[], None]) -> Mapping[str, str]:
        """Digests over all bytes of the media."""

    def free_space(self, volume: int) -> FreeSpace | None:
        """The free clusters of a volume; None where they are not known."""

    def unchanged(self, entry: Entry) -> bool:
        """Whether an entry of a shadow copy lies in one piece on bytes that are the live volume's, too."""


class Several:
    """The parts, in the order given."""

    def __init__(self, parts: Sequence[Evidence]) -> None:
        self._parts = tuple(parts)
        self._of: dict[int, tuple[Evidence, int]] = {}
        volumes: list[VolumeInfo] = []
        for part in self._parts:
            base = len(volumes)
            for volume in part.volumes:
                self._of[base + volume.index] = (part, volume.index)
                volumes.append(_moved(volume, base))
        self.volumes = tuple(volumes)
        self.format = "+".join(part.format for part in self._parts)
        self.name = " + ".join(part.name for part in self._parts)
        self.size = sum(part.size for part in self._parts)
        self.stored_hashes = _numbered(part.stored_hashes for part in self._parts)

    def close(self) -> None:
        """Closes every part."""
        for part in self._parts:
            part.close()

    def fingerprint(self) -> str:
        """SHA-256 over the parts' fingerprints."""
        return hashlib.sha256("".join(part.fingerprint() for part in self._parts).encode()).hexdigest()

    def hashes(self, step: Callable[[], None]) -> Mapping[str, str]:
        """Each part's digests, its number in front."""
        return _numbered(part.hashes(step) for part in self._parts)

    def walk(self, volume: int) -> Iterator[Entry | Gap]:
        """Every entry of a volume."""
        part, index = self._of[volume]
        for record in part.walk(index):
            yield replace(record, volume=volume) if isinstance(record, Entry) else record

    def open(self, entry: Entry) -> Stream:
        """The entry's bytes."""
        part, index = self._of[entry.volume]
        return part.open(replace(entry, volume=index))

    def free_space(self, volume: int) -> FreeSpace | None:
        """The free clusters of a volume; None where they are not known."""
        part, index = self._of[volume]
        return part.free_space(index)

    def beside(self, entry: Entry, name: str) -> Stream | None:
        """Another file of the entry's folder."""
        part, index = self._of[entry.volume]
        return part.beside(replace(entry, volume=index), name)

    def unchanged(self, entry: Entry) -> bool:
        """Whether its bytes in the shadow copy are the live volume's."""
        part, index = self._of[entry.volume]
        return part.unchanged(replace(entry, volume=index))


def _moved(volume: VolumeInfo, base: int) -> VolumeInfo:
    """The volume as it is numbered behind base others."""
    moved = replace(volume, index=base + volume.index)
    if volume.parent is None or not base:
        return moved
    parent = base + volume.parent
    return replace(moved, parent=parent, label=shadow_label(parent, volume.taken))


def _numbered(each: Iterator[Mapping[str, str]]) -> Mapping[str, str]:
    return {f"{number}.{name}": value for number, values in enumerate(each, 1) for name, value in values.items()}
