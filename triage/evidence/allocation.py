"""Which clusters of an NTFS volume are free, by its `$Bitmap`: what was deleted lies untouched in those alone.

Limits:
    A cluster that is free now may have been another file's in between: only the content can tell.

References:
    libfsntfs, "New Technologies File System (NTFS)", metadata file `$Bitmap`: one bit a cluster, the lowest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pytsk3

from triage.evidence.placement import NOT_STORED

BITMAP = 6
"""Its record in `$MFT`."""
_PIECE = 1 << 22
_NOT_FULL: Final = re.compile(rb"\0+|[^\xff]")
_IN_BYTE: Final = tuple(
    tuple((bit, 1) for bit in range(8) if not byte >> bit & 1)  # neighbours are joined by whoever walks them
    for byte in range(256)
)
"""Free clusters of the eight that a byte tells of."""


class Allocation:
    """The bitmap of a volume.

    Args:
        bitmap: as stored; clusters behind its end count as taken.
    """

    def __init__(self, bitmap: bytes) -> None:
        self._bitmap = bitmap

    def free(self, first: int, count: int) -> int:
        """How many of count clusters, from first on, are free."""
        end = min(first + count, len(self._bitmap) * 8)
        if first < 0 or end <= first:
            return 0
        start, stop = first // 8, -(-end // 8)
        bits = int.from_bytes(self._bitmap[start:stop], "little") >> first % 8
        return (end - first) - (bits & (1 << (end - first)) - 1).bit_count()

    def free_bytes(self, runs: Iterable[pytsk3.TSK_FS_ATTR_RUN], cluster: int) -> int:
        """Bytes of free clusters in an attribute's runs; holes have none."""
        return sum(self.free(run.addr, run.len) * cluster for run in runs if not run.flags & NOT_STORED)

    def free_runs(self, clusters: int) -> Iterator[tuple[int, int]]:
        """(first, count) of every longest run of free clusters, in order.

        Args:
            clusters: of the volume; bits behind them say nothing.
        """
        first = end = 0
        for found in _NOT_FULL.finditer(self._bitmap):
            at, byte = found.start() * 8, found[0][0]
            for bit, count in _IN_BYTE[byte] if byte else ((0, 8 * len(found[0])),):
                if at + bit != end:
                    yield from _run(first, end, clusters)
                    first = at + bit
                end = at + bit + count
        yield from _run(first, end, clusters)


def _run(first: int, end: int, clusters: int) -> Iterator[tuple[int, int]]:
    count = min(end, clusters) - first
    if count > 0:
        yield first, count


def read_allocation(file_system: pytsk3.FS_Info) -> Allocation | None:
    """The bitmap of an NTFS volume, None where it cannot be read whole."""
    try:
        file = file_system.open_meta(inode=BITMAP)
        size: int = file.info.meta.size
        pieces = [file.read_random(at, min(_PIECE, size - at)) for at in range(0, size, _PIECE)]
    except OSError:
        return None
    data = b"".join(pieces)
    return Allocation(data) if len(data) == size else None
