"""What a hive's transaction logs still hold: Windows writes there first; where power was lost it stands only there.

Limits:
    The hive bins inside recovered pages are not checked one by one, as Windows does; their reader does that.

References:
    M. Suhanov, "Windows registry file format specification", format of transaction log files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

BASE_BLOCK = 4096
SECTOR = 512

_ENTRY = struct.Struct("<4s5I8s8s")
_REFERENCE = struct.Struct("<II")
_SEED = (0x7A4E55C5, 0x82EF4D88)
_WORD = 0xFFFFFFFF
_CHECKED = 508


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseBlock:
    """The first sector of a hive or of its log.

    Attributes:
        sequences: primary, secondary; they differ while a write is under way.
        written: FILETIME of the last write.
        size: bytes of the hive bins.
        sound: the checksum holds.
    """

    raw: bytes
    sequences: tuple[int, int]
    written: int
    size: int
    sound: bool

    @property
    def dirty(self) -> bool:
        """Changes may wait in the log."""
        return not self.sound or self.sequences[0] != self.sequences[1]


def base_block(sector: bytes) -> BaseBlock | None:
    """The base block; None where these are not the first 512 bytes of a hive or its log."""
    if len(sector) < SECTOR or sector[:4] != b"regf":
        return None
    primary, secondary, written = struct.unpack_from("<IIQ", sector, 4)
    (size,) = struct.unpack_from("<I", sector, 40)
    (checksum,) = struct.unpack_from("<I", sector, _CHECKED)
    return BaseBlock(
        raw=sector[:SECTOR],
        sequences=(primary, secondary),
        written=written,
        size=size,
        sound=checksum == base_checksum(sector),
    )


def base_checksum(sector: bytes | bytearray) -> int:
    """XOR of the first 508 bytes as 32-bit words; 0 and -1 are not used."""
    total = 0
    for (word,) in struct.iter_unpack("<I", sector[:_CHECKED]):
        total ^= word
    return {0: 1, _WORD: _WORD - 1}.get(total, total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What replaces parts of the hive.

    Attributes:
        base: the first sector as it should be.
        sectors: number of a 512-byte sector of the hive bins, from 0, to its bytes.
        applied: log entries taken; 1 for a log of the older kind.
    """

    base: bytes
    sectors: Mapping[int, memoryview]
    applied: int


def recover(hive: BaseBlock, logs: Iterable[bytes]) -> Recovery | None:
    """The newest state that a dirty hive's logs allow; None where they hold nothing for it.

    Args:
        hive: of the primary file.
        logs: the files beside it, in the order `.LOG1 .LOG2 .LOG`.
    """
    held = [(block, memoryview(data)) for data in logs if (block := base_block(data[:SECTOR])) and block.sound]
    if not hive.sound and held:
        # the log keeps a copy of the base block: the hive's own was cut off while it was written
        block = max((block for block, _ in held), key=lambda block: block.sequences[1])
        hive = replace(hive, sequences=block.sequences, written=block.written, size=block.size, raw=block.raw)
    return _newer_kind(hive, held) or _older_kind(hive, held)


class _Entry(NamedTuple):
    sequence: int
    size: int
    flags: int
    body: memoryview
    pages: int
    hash: bytes


def _newer_kind(hive: BaseBlock, held: list[tuple[BaseBlock, memoryview]]) -> Recovery | None:
    """Windows 8.1 and later: numbered entries, each with the pages it changes."""
    found = {entry.sequence: entry for _, data in held for entry in _entries(data, hive.sequences[1])}
    sectors: dict[int, memoryview] = {}
    base = hive.raw
    number = min(found, default=0)
    applied = 0
    while (entry := found.get(number)) is not None and marvin32(entry.body) == entry.hash:
        for at, page in _pages(entry):
            for start in range(0, len(page), SECTOR):
                sectors[(at + start) // SECTOR] = page[start : start + SECTOR]
        base = clean_base(hive.raw, entry.sequence, entry.size, entry.flags)
        applied += 1
        number += 1
    return Recovery(base=base, sectors=sectors, applied=applied) if applied else None


def _entries(data: memoryview, first: int) -> Iterator[_Entry]:
    """Entries whose own header is sound, from number `first` on."""
    at = SECTOR
    while at + _ENTRY.size <= len(data):
        mark, length, flags, sequence, size, count, body_hash, head_hash = _ENTRY.unpack_from(data, at)
        sound = mark == b"HvLE" and not length % SECTOR and _ENTRY.size < length <= len(data) - at and not size % 4096
        if not sound or marvin32(data[at : at + 32]) != head_hash:
            return
        if sequence >= first:
            yield _Entry(sequence, size, flags, data[at + _ENTRY.size : at + length], count, body_hash)
        at += length


def _pages(entry: _Entry) -> Iterator[tuple[int, memoryview]]:
    """Offset in the hive bins and bytes of each page, as far as they lie inside."""
    at = entry.pages * _REFERENCE.size
    if at > len(entry.body):
        return
    for offset, size in _REFERENCE.iter_unpack(entry.body[:at]):
        if offset % SECTOR or size % SECTOR or at + size > len(entry.body) or offset + size > entry.size:
            return
        yield offset, entry.body[at : at + size]
        at += size


def _older_kind(hive: BaseBlock, held: list[tuple[BaseBlock, memoryview]]) -> Recovery | None:
    """Up to Windows 8: one bitmap of changed sectors, then the sectors."""
    for block, data in held:
        if (
            bytes(data[SECTOR : SECTOR + 4]) != b"DIRT"
            or block.written != hive.written
            or len(set(block.sequences)) != 1
        ):
            continue
        bitmap = data[SECTOR + 4 : SECTOR + 4 + block.size // 4096]
        at = SECTOR + -(-(4 + len(bitmap)) // SECTOR) * SECTOR
        sectors: dict[int, memoryview] = {}
        for number in (byte * 8 + bit for byte, bits in enumerate(bitmap) for bit in range(8) if bits >> bit & 1):
            if at + SECTOR > len(data):
                break
            sectors[number] = data[at : at + SECTOR]
            at += SECTOR
        if sectors:
            return Recovery(base=clean_base(hive.raw, hive.sequences[0], block.size), sectors=sectors, applied=1)
    return None


def clean_base(raw: bytes, sequence: int, size: int, flags: int | None = None) -> bytes:
    """A base block that says: nothing is under way. size: of the hive bins, in bytes."""
    sector = bytearray(raw)
    struct.pack_into("<II", sector, 4, sequence, sequence)
    struct.pack_into("<I", sector, 28, 0)
    struct.pack_into("<I", sector, 40, size)
    if flags is not None:
        struct.pack_into("<I", sector, 144, flags)
    struct.pack_into("<I", sector, _CHECKED, base_checksum(sector))
    return bytes(sector)


def marvin32(data: bytes | memoryview) -> bytes:
    """The 8 bytes that guard a log entry; 10 MB/s."""
    low, high = _SEED
    whole = len(data) & ~3
    tail = int.from_bytes(bytes(data[whole:]) + b"\x80", "little")
    for word in (*(word for (word,) in struct.iter_unpack("<I", data[:whole])), tail, 0):
        low = low + word & _WORD
        high ^= low
        low = ((low << 20 | low >> 12) + high) & _WORD
        high = (high << 9 | high >> 23) & _WORD ^ low
        low = ((low << 27 | low >> 5) + high) & _WORD
        high = (high << 19 | high >> 13) & _WORD
    return struct.pack("<II", low, high)
