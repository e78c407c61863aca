"""How long a scan is likely to take: by how many names the disk holds and how fast it answers, measured now.

A range, and honestly a wide one: how much of the content is of a kind that has to be read is not known before.

References:
    The cost of an entry on two cores: benchmarks/RESULTS.md.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytsk3

from triage.cli.assistant.apart import apart
from triage.evidence.containers import Disk, open_disk
from triage.evidence.volumes import TskImage, volumes
from triage.scan import Depth

_PATIENCE: Final = 15.0
_LOOKS: Final = 24
_LOOK: Final = 4096
_LONG_LOOK: Final = 8 << 20
_START: Final = 3.0
"""Seconds for rules, listing and reports of a small disk."""
_COST: Final = {Depth.QUICK: 0.00012, Depth.STANDARD: 0.0003}
"""Seconds an entry takes where reading costs nothing."""
_SLOWER: Final = 4
"""How much slower a field machine may be than the one of the benchmark."""
_CONTENT: Final = {Depth.QUICK: 4 << 10, Depth.STANDARD: 64 << 10}
"""Bytes read for an entry on an ordinary machine, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a short look at a disk tells.

    Attributes:
        entries: records of its NTFS volumes, used or not; None where a volume does not tell.
        look: seconds of a small read somewhere.
        byte: seconds for one byte of a long read.
    """

    entries: int | None
    look: float
    byte: float


def measured(target: Path) -> Measured | None:
    """None for a folder, and for a disk that does not answer in time."""
    return None if target.is_dir() else apart(_measured, target, seconds=_PATIENCE)


def _measured(target: Path) -> Measured:
    disk = open_disk(target)
    try:
        return Measured(entries=_entries(disk), look=_look(disk), byte=_byte(disk))
    finally:
        disk.close()


def _entries(disk: Disk) -> int | None:
    total = 0
    image = TskImage.of(disk)
    for volume in volumes(disk):
        if volume.opened and volume.filesystem != "ntfs":
            return None
        if volume.opened:
            total += int(pytsk3.FS_Info(image, offset=volume.offset).info.last_inum)
    return total or None


def _look(disk: Disk) -> float:
    began = time.monotonic()
    for place in range(_LOOKS):
        disk.read(disk.size * place // _LOOKS & -_LOOK, _LOOK)
    return (time.monotonic() - began) / _LOOKS


def _byte(disk: Disk) -> float:
    began = time.monotonic()
    data = disk.read(disk.size // 3 & -_LOOK, _LONG_LOOK)
    return (time.monotonic() - began) / max(1, len(data))


def minutes(known: Measured, depth: Depth) -> tuple[int, int] | None:
    """(at least, at most), in whole minutes, at least 1; None where nothing can be said."""
    if known.entries is None:
        return None
    least = _START + known.entries * _COST[depth]
    reading = known.look / 2 + known.byte * _CONTENT[depth]
    most = _START * _SLOWER + known.entries * (_COST[depth] * _SLOWER + reading)
    low = max(1, round(least / 60))
    return low, max(low, -(-int(most) // 60))
