"""Shadow copies of a volume: what the header and the catalogue of Windows' volsnap say of them.

The catalogue is a chain of blocks on the volume, and a file that volsnap writes below the file system.

References:
    libyal, "Volume Shadow Snapshot (VSS) format": volume header, catalog block, catalog entries 2 and 3.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import from_filetime

HEADER_AT = 0x1E00
"""Bytes from the start of the volume; inside `$Boot`."""
HEADER_SIZE = 0x80
BLOCK = 0x4000
"""Bytes of a block: of the catalogue, and of what is copied before it is written over."""
MOST_BLOCKS = 4096
CATALOGUE_MAX = MOST_BLOCKS * BLOCK

IDENTIFIER = "{3808876b-c176-4e48-b7ae-04046e6cc752}"
"""The catalogue's name, and the end of the name of every store, in `/System Volume Information`."""

_MARK = uuid.UUID(IDENTIFIER).bytes_le
_HEAD = struct.Struct("<16sIIQQQ")  # mark, version, record type, relative offset, offset, next offset
_VERSIONS = (1, 2)
_HEADER, _BLOCK = 1, 2
_ENTRY = 128
_EMPTY, _COPY, _STORE = (0, 1), 2, 3
_COPIED = struct.Struct("<QQ16sQQQ")  # type, volume size, identifier, number, flags, created
_STORED = struct.Struct("<QQ16s")  # type, offset, identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowCopy:
    """One shadow copy.

    Attributes:
        identifier: of its store, as in the name of its file: lower case, without braces.
        created: when it was made.
        size: bytes of the volume as it was.
        stored_here: its store lies on the volume it is a copy of.
    """

    identifier: str
    created: UnixNs
    size: int
    stored_here: bool


def catalogue_at(header: bytes) -> int:
    """Where the catalogue begins, in bytes from the start of the volume; 0 where there is none.

    Args:
        header: HEADER_SIZE bytes from HEADER_AT of the volume.

    Raises:
        FormatError: volsnap's mark is there, but no header that is known.
    """
    if len(header) < HEADER_SIZE or not header.startswith(_MARK):
        return 0
    _, version, kind, _, _, _ = _HEAD.unpack_from(header)
    if version not in _VERSIONS or kind != _HEADER:
        raise FormatError(f"VSS volume header of version {version}, type {kind}", HEADER_AT)
    return int.from_bytes(header[48:56], "little")


def read_catalogue(read: Callable[[int, int], bytes], start: int) -> bytes:
    """The blocks of the catalogue end to end, as its file holds them.

    Args:
        read: gives bytes of the volume, from (offset, size).
        start: as `catalogue_at` gives it.

    Raises:
        FormatError: the chain of blocks is broken or has no end.
        OSError: it cannot be read.
    """
    blocks: list[bytes] = []
    while start:
        if len(blocks) == MOST_BLOCKS:
            raise FormatError("VSS catalogue without an end", start)
        block = read(start, BLOCK)
        start = _next(block, len(blocks) * BLOCK)
        blocks.append(block)
    return b"".join(blocks)


def parse_catalogue(data: bytes) -> tuple[ShadowCopy, ...]:
    """The shadow copies that a catalogue lists, the oldest first.

    Args:
        data: its blocks end to end.

    Raises:
        FormatError: it is none, or damaged.
    """
    copies: dict[bytes, tuple[int, int]] = {}
    stores: set[bytes] = set()
    start, more = 0, True
    while more:
        block = data[start : start + BLOCK]
        more = bool(_next(block, start))
        for at in range(_ENTRY, BLOCK, _ENTRY):
            kind = int.from_bytes(block[at : at + 8], "little")
            if kind == _COPY:
                _, size, identifier, _, _, created = _COPIED.unpack_from(block, at)
                copies[identifier] = created, size
            elif kind == _STORE:
                stores.add(_STORED.unpack_from(block, at)[2])
            elif kind not in _EMPTY:
                raise FormatError(f"VSS catalogue entry of type {kind:#x}", start + at)
        start += BLOCK
    return tuple(
        ShadowCopy(
            identifier=str(uuid.UUID(bytes_le=identifier)),
            created=from_filetime(created),
            size=size,
            stored_here=identifier in stores,
        )
        for identifier, (created, size) in sorted(copies.items(), key=lambda item: (item[1], item[0]))
    )


def _next(block: bytes, place: int) -> int:
    """The offset on the volume of the block after this one, 0 behind the last.

    Args:
        block: one block.
        place: where it begins in the catalogue's file, as it must say itself.
    """
    if len(block) < BLOCK:
        raise FormatError("VSS catalogue block", place)
    mark, version, kind, relative, _, following = _HEAD.unpack_from(block)
    if mark != _MARK or version not in _VERSIONS or kind != _BLOCK or relative != place:
        raise FormatError("VSS catalogue block", place)
    return int(following)
