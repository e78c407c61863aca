"""Partition tables: MBR with its chain of logical partitions, and GPT with its backup; 512 to 4096-byte sectors.

Read here and not through The Sleuth Kit, which knows neither an MBR of 4096-byte sectors nor the backup of a GPT
whose first header is lost.

References:
    UEFI 2.10, section 5 (MBR 5.2.1, GPT 5.3).
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from triage.evidence.signatures import BOOT_SECTORS, HEAD, recognise

SWAP_TYPES = frozenset({"0x82", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"})
RESERVED_TYPE = "e3c9e316-0b5c-4db8-817d-f92df00215ae"
"""Microsoft's reserved partition: room for later, no file system."""

_EXTENDED = frozenset({0x05, 0x0F, 0x15, 0x1F, 0x85, 0xC5})
_PROTECTIVE = 0xEE
_SECTORS = (512, 4096, 2048, 1024)
_MOST_LOGICAL = 1024
_MOST_GPT = 1024


class Media(Protocol):
    """What a table is read from: any Disk."""

    size: int

    def read(self, offset: int, size: int) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition. `type` is `0x07` (MBR) or a GUID in lower case (GPT)."""

    offset: int
    size: int
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionTable:
    """A disk's division, in on-disk order.

    Attributes:
        scheme: `mbr` or `gpt`.
        sector: bytes.
        problem: what is wrong with the table, one line; empty where nothing is.
    """

    scheme: str
    sector: int
    partitions: tuple[Partition, ...]
    problem: str = ""


def partition_table(media: Media) -> PartitionTable | None:
    """The table of a disk; None where it has none that makes sense.

    Raises:
        OSError: sector 0 cannot be read.
    """
    head = media.read(0, HEAD)
    entries = _entries(head)
    protective = any(kind == _PROTECTIVE for kind, _, _ in entries)
    if (protective or not entries) and (table := _gpt(media)):
        return table
    if not entries or not _is_sane(head):
        return None
    table = _mbr(media, entries)
    if protective:
        return PartitionTable(
            scheme="mbr",
            sector=table.sector,
            partitions=tuple(p for p in table.partitions if p.type != f"{_PROTECTIVE:#04x}"),
            problem="GPT and its backup are damaged",
        )
    if recognise(head) in BOOT_SECTORS and not any(_holds_something(media, p) for p in table.partitions):
        return None  # a file system that begins at sector 0; its boot code merely looks like a table
    return table if any(p.offset < media.size for p in table.partitions) else None


def _entries(sector: bytes) -> list[tuple[int, int, int]]:
    """(type, first sector, sectors) of the entries in use."""
    if sector[510:512] != b"\x55\xaa":
        return []
    found = []
    for start in range(446, 510, 16):
        entry = sector[start : start + 16]
        kind, first, count = entry[4], int.from_bytes(entry[8:12], "little"), int.from_bytes(entry[12:], "little")
        if kind and count:
            found.append((kind, first, count))
    return found


def _is_sane(sector: bytes) -> bool:
    return all(sector[start] in {0, 0x80} for start in range(446, 510, 16))


def _mbr(media: Media, entries: list[tuple[int, int, int]]) -> PartitionTable:
    """The division by the sector size with which most partitions begin with something known."""
    tables = []
    for sector in (512, 4096):
        partitions = sorted(_primary_and_logical(media, entries, sector), key=lambda p: (p.offset, p.size))
        tables.append(PartitionTable(scheme="mbr", sector=sector, partitions=tuple(partitions)))
    containers = [first for kind, first, _ in entries if kind in _EXTENDED]
    return max(tables, key=lambda table: _plausibility(media, table, containers))


def _plausibility(media: Media, table: PartitionTable, containers: list[int]) -> tuple[int, int]:
    known = sum(_holds_something(media, partition) for partition in table.partitions)
    return known, sum(_is_record(media, first * table.sector) for first in containers)


def _is_record(media: Media, offset: int) -> bool:
    try:
        return media.read(offset, 512)[510:] == b"\x55\xaa"
    except OSError:
        return False


def _primary_and_logical(media: Media, entries: list[tuple[int, int, int]], sector: int) -> Iterator[Partition]:
    for kind, first, count in entries:
        if kind in _EXTENDED:
            yield from _logical(media, first, sector)
        else:
            yield Partition(offset=first * sector, size=count * sector, type=f"{kind:#04x}")


def _logical(media: Media, container: int, sector: int) -> Iterator[Partition]:
    """The chain of extended boot records; ends where it breaks, turns back or is absurdly long."""
    table, seen = container, set[int]()
    while table not in seen and len(seen) < _MOST_LOGICAL:
        seen.add(table)
        try:
            entries = _entries(media.read(table * sector, 512))
        except OSError:
            return
        following = None
        for kind, first, count in entries:
            if kind in _EXTENDED:
                following = container + first if following is None else following
            else:
                yield Partition(offset=(table + first) * sector, size=count * sector, type=f"{kind:#04x}")
        if following is None:
            return
        table = following


def _holds_something(media: Media, partition: Partition) -> bool:
    try:
        return bool(recognise(media.read(partition.offset, HEAD)))
    except OSError:
        return False


def _gpt(media: Media) -> PartitionTable | None:
    """By the first header whose checksums hold, else by the backup in the last sector."""
    for sector in _SECTORS:
        if table := _gpt_at(media, sector, sector):
            return table
    for sector in _SECTORS:
        if table := _gpt_at(media, media.size // sector * sector - sector, sector):
            return PartitionTable(
                scheme="gpt",
                sector=sector,
                partitions=table.partitions,
                problem="first GPT is damaged; its backup was read",
            )
    return None


def _gpt_at(media: Media, offset: int, sector: int) -> PartitionTable | None:
    try:
        header = media.read(offset, sector) if offset > 0 else b""
        length = int.from_bytes(header[12:16], "little")
        if not header.startswith(b"EFI PART") or not 92 <= length <= sector:
            return None
        blank = header[:16] + bytes(4) + header[20:length]
        first, count, size = (int.from_bytes(header[a:b], "little") for a, b in ((72, 80), (80, 84), (84, 88)))
        if zlib.crc32(blank) != int.from_bytes(header[16:20], "little"):
            return None
        if not 128 <= size <= 4096 or count > _MOST_GPT:
            return None
        entries = media.read(first * sector, count * size)
    except OSError:
        return None
    if zlib.crc32(entries) != int.from_bytes(header[88:92], "little"):
        return None
    partitions = sorted(_gpt_partitions(entries, size, sector), key=lambda p: (p.offset, p.size))
    return PartitionTable(scheme="gpt", sector=sector, partitions=tuple(partitions))


def _gpt_partitions(entries: bytes, size: int, sector: int) -> Iterator[Partition]:
    for start in range(0, len(entries) - 127, size):
        kind, first, last = (
            entries[start : start + 16],
            entries[start + 32 : start + 40],
            entries[start + 40 : start + 48],
        )
        begin, end = int.from_bytes(first, "little"), int.from_bytes(last, "little") + 1
        if any(kind) and begin < end:
            yield Partition(offset=begin * sector, size=(end - begin) * sector, type=str(uuid.UUID(bytes_le=kind)))
