"""The free clusters of a volume, one after the other: what a carver searches.

Limits:
    A deleted file that lay in pieces with living files between them is whole here only where its own pieces are all
    that was free between. What NTFS kept compressed lies here compressed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

from triage.evidence.allocation import Allocation
from triage.evidence.containers import Disk


class FreeSpace:
    """A stream over the free clusters alone.

    Args:
        disk: what holds the volume.
        start: byte offset of the volume on the disk.
        clusters: how many the volume has.
        cluster: bytes of one.

    Attributes:
        cluster: bytes; every deleted file that did not lie in its own record began on a multiple of it.
        size: bytes.
    """

    def __init__(self, disk: Disk, start: int, allocation: Allocation, clusters: int, cluster: int) -> None:
        self._disk, self._start = disk, start
        self._at, self._places = array("q"), array("q")
        self.cluster, self.size = cluster, 0
        for first, count in allocation.free_runs(clusters):
            self._at.append(self.size)
            self._places.append(first * cluster)
            self.size += count * cluster

    def place(self, offset: int) -> int:
        """Byte offset on the volume of a byte of this stream."""
        run = bisect_right(self._at, offset) - 1
        return self._places[run] + offset - self._at[run]

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes; fewer only at the end.

        Raises:
            OSError: they cannot be read.
        """
        end, pieces = min(offset + size, self.size), []
        run = bisect_right(self._at, offset) - 1
        while offset < end:
            stop = min(end, self._at[run + 1] if run + 1 < len(self._at) else self.size)
            wanted = stop - offset
            piece = self._disk.read(self._start + self._places[run] + offset - self._at[run], wanted)
            if len(piece) != wanted:
                raise OSError(f"the media end before byte {self._start + self._places[run] + wanted}")
            pieces.append(piece)
            offset, run = stop, run + 1
        return b"".join(pieces)

    def data_from(self, offset: int) -> int:
        """offset: there are no holes."""
        return offset

    def close(self) -> None:
        """Nothing is held open."""
