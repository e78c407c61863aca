"""A quick fingerprint of a disk: boot areas, file-system tables and fixed extents. Compared before and after a scan.

Limits:
    It shows that evidence was replaced or written to where systems write first; only the digest of all media shows
    that nothing changed anywhere (`--hash-source`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from triage.evidence.containers import Disk
from triage.evidence.volumes import Volume

_AREA = 64 << 10
_EXTENT = 4096
_EXTENTS = 64


def fingerprint(disk: Disk, volumes: Sequence[Volume]) -> str:
    """SHA-256, lower-case hex, over the same places each time. What cannot be read counts as unreadable."""
    digest = hashlib.sha256(disk.size.to_bytes(8, "little"))
    for offset, size in _places(disk, volumes):
        digest.update(offset.to_bytes(16, "little", signed=True))
        digest.update(_content(disk, offset, size))
    return digest.hexdigest()


def _content(disk: Disk, offset: int, size: int) -> bytes:
    try:
        return disk.read(offset, size)
    except OSError as error:
        return f"unreadable: {error.errno}".encode()


def _places(disk: Disk, volumes: Sequence[Volume]) -> Iterator[tuple[int, int]]:
    yield 0, _AREA
    for volume in sorted(volumes, key=lambda volume: volume.offset):
        yield volume.offset, _AREA
        if volume.filesystem == "ntfs" and (table := _master_file_table(_content(disk, volume.offset, 512))):
            yield volume.offset + table, _AREA
    extents = max(1, disk.size // _EXTENT)
    for number in range(_EXTENTS):
        seed = hashlib.sha256(f"{disk.size}:{number}".encode()).digest()
        yield int.from_bytes(seed[:8], "little") % extents * _EXTENT, _EXTENT


def _master_file_table(boot: bytes) -> int:
    """Where `$MFT` begins, in bytes from the volume's start; 0 where the boot sector does not tell."""
    if len(boot) < 0x38:
        return 0
    per_cluster = boot[13] if boot[13] <= 0x80 else 1 << (256 - boot[13])
    return int.from_bytes(boot[0x30:0x38], "little") * per_cluster * int.from_bytes(boot[11:13], "little")
