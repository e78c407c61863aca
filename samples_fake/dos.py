"""What FAT and exFAT share: times as DOS kept them, and a volume that is filled in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from triage.model import UnixNs


def dos_stamp(when: UnixNs) -> tuple[int, int]:
    """Date and time in UTC (date in the upper half, 2 s steps), and what is left in hundredths of a second."""
    moment = datetime.fromtimestamp(when // 1_000_000_000, UTC)
    date = moment.year - 1980 << 9 | moment.month << 5 | moment.day
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return date << 16 | time, moment.second % 2 * 100 + when % 1_000_000_000 // 10_000_000


def rewrite(path: Path, data: bytes | bytearray) -> None:
    """Writes a volume back, leaving the file sparse where it is zero."""
    with path.open("r+b") as out:
        for at in range(0, len(data), 4096):
            if any(block := data[at : at + 4096]):
                out.seek(at)
                out.write(block)
