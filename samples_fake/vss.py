"""A shadow copy for a volume that is a plain image: volsnap's header, catalogue and one store, holding harmless fakes.

The volume brings the files that volsnap writes below the file system, the catalogue and each store, in one piece and
filled with whatever: their clusters take what is written here.

References:
    libyal, "Volume Shadow Snapshot (VSS) format"; a store of Windows 7, byte by byte.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.model import UnixNs
from triage.times import to_filetime

BLOCK = 0x4000
HEADER_AT = 0x1E00
CATALOGUE_SIZE = 4 * BLOCK
MARK = uuid.UUID("3808876b-c176-4e48-b7ae-04046e6cc752")
CATALOGUE_NAME = f"{{{MARK}}}"

_HEADER, _CATALOGUE, _LIST, _STORE, _RANGES, _BITMAP = 1, 2, 3, 4, 5, 6
_HEAD = 128
_DESCRIPTORS = (BLOCK - _HEAD) // 32
_NAME = "may-thu-nghiem".encode("utf-16-le")


def store_name(identifier: uuid.UUID) -> str:
    """Of the file in `/System Volume Information`."""
    return f"{{{identifier}}}{CATALOGUE_NAME}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeCopy:
    """One shadow copy.

    Attributes:
        identifier: of its store.
        made: when.
        before: the volume as it was then, an image of the same size that holds the same two files at the same places.
        start: where the file of its store lies, in bytes from the start of the volume.
        room: bytes of that file.
    """

    identifier: uuid.UUID
    made: UnixNs
    before: Path
    start: int
    room: int


def write_copies(volume: Path, catalogue: int, copies: Sequence[FakeCopy]) -> None:
    """Puts shadow copies, the oldest first, under a volume.

    Args:
        volume: the image of the volume as it is now; changed.
        catalogue: where the catalogue's file lies, CATALOGUE_SIZE bytes.
        copies: with stores that do not overlap.

    Raises:
        ValueError: a store has not room enough.
    """
    now = bytearray(volume.read_bytes())
    following = bytes(now)
    parts, rows = [(HEADER_AT, _header(catalogue))], b""
    for number, copy in reversed(list(enumerate(copies, 1))):
        before = copy.before.read_bytes()
        # each keeps what the next younger one, or the present, has written over
        kept = [at for at in range(0, len(before), BLOCK) if before[at : at + BLOCK] != following[at : at + BLOCK]]
        parts += _store(copy, before, kept)
        rows = _entries(copy, number, len(before), len(kept)) + rows
        following = before
    parts += _catalogue(catalogue, rows)
    for start, data in parts:
        now[start : start + len(data)] = data
    volume.write_bytes(now)


def _lists(kept: int) -> int:
    """Blocks that the list of so many kept blocks takes."""
    return max(1, -(-kept // _DESCRIPTORS))


def _store(copy: FakeCopy, before: bytes, kept: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    ranges = BLOCK * (1 + _lists(len(kept)))
    data = ranges + 2 * BLOCK
    if data + len(kept) * BLOCK > copy.room:
        raise ValueError(f"store needs {data + len(kept) * BLOCK} bytes, has {copy.room}")
    yield _block(_STORE, copy.start, 0, _made(), more=len(_made()))
    for number in range(_lists(len(kept))):
        first, place = number * _DESCRIPTORS, BLOCK * (1 + number)
        rows = b"".join(
            struct.pack("<QQQII", at, data + index * BLOCK, copy.start + data + index * BLOCK, 0, 0)
            for index, at in enumerate(kept[first : first + _DESCRIPTORS], first)
        )
        last = place + BLOCK == ranges
        yield _block(_LIST, copy.start, place, rows, following=0 if last else copy.start + place + BLOCK)
    yield _block(_RANGES, copy.start, ranges, struct.pack("<QQQ", copy.start, 0, copy.room))
    yield _block(_BITMAP, copy.start, ranges + BLOCK, b"")
    for index, at in enumerate(kept):
        yield copy.start + data + index * BLOCK, before[at : at + BLOCK]


def _made() -> bytes:
    """What the head of a store tells of its making: ids, context, attributes, the machine twice."""
    ids = b"".join(uuid.uuid5(MARK, part).bytes_le for part in ("provider", "copy", "set"))
    return ids + struct.pack("<IIII", 9, 1, 0x00420009, 0) + 2 * (struct.pack("<H", len(_NAME)) + _NAME)


def _header(catalogue: int) -> bytes:
    volume = uuid.uuid5(MARK, "volume").bytes_le
    head = MARK.bytes_le + struct.pack("<IIQQQQQ", 1, _HEADER, HEADER_AT, HEADER_AT, 0, catalogue, 0)
    return (head + volume + volume).ljust(_HEAD, b"\0")


def _entries(copy: FakeCopy, number: int, size: int, kept: int) -> bytes:
    """The two entries of the catalogue that make a copy."""
    name, ranges = copy.identifier.bytes_le, copy.start + BLOCK * (1 + _lists(kept))
    made = struct.pack("<QQ16sQQQ", 2, size, name, number, 0x40, to_filetime(copy.made))
    kept_at = struct.pack("<QQ16sQQQ", 3, copy.start + BLOCK, name, copy.start, ranges, ranges + BLOCK)
    return made.ljust(128, b"\0") + kept_at.ljust(128, b"\0")


def _catalogue(start: int, rows: bytes) -> Iterator[tuple[int, bytes]]:
    for place in range(0, CATALOGUE_SIZE, BLOCK):
        following = start + place + BLOCK if place + BLOCK < CATALOGUE_SIZE else 0
        yield _block(_CATALOGUE, start, place, b"" if place else rows, following=following)


def _block(kind: int, start: int, place: int, rows: bytes, *, following: int = 0, more: int = 0) -> tuple[int, bytes]:
    """(offset on the volume, block); start: of what it is part of, place: in that."""
    head = MARK.bytes_le + struct.pack("<IIQQQQ", 1, kind, place, start + place, following, more)
    return start + place, (head.ljust(_HEAD, b"\0") + rows).ljust(BLOCK, b"\0")
