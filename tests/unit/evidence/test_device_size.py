"""A device whose driver does not answer is measured by reading."""

from __future__ import annotations

import errno

import pytest

from triage.evidence.blockdevice import size_by_reading


@pytest.mark.parametrize("size", [0, 512, 4096, 4097, 8192, 1 << 20, (1 << 20) + 512, 123_456_512])
@pytest.mark.parametrize("refuses", [False, True], ids=["gives nothing behind the end", "refuses behind the end"])
def test_the_end_is_found_by_reading(size: int, refuses: bool) -> None:
    reads = []

    def read(offset: int, wanted: int) -> bytes:
        reads.append(offset)
        if refuses and offset >= size:
            raise OSError(errno.EIO, "behind the end")
        return bytes(max(0, min(wanted, size - offset)))

    assert size_by_reading(read) == size
    assert len(reads) < 80
