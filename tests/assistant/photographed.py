"""The assistant at a machine that never changes: its disks, its stick, its free space and how fast it answers.

Everything else is real: the screen, the keys, the scan of the demo disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

from triage.cli.assistant import estimate, evidence_step, guide, places, scanning
from triage.cli.assistant.estimate import Measured
from triage.cli.assistant.plugged import Area, Attached

GIB = 1 << 30
DISKS = (
    Attached(
        path=Path("sda"),
        size=466 * GIB,
        name="ST500DM002-1BD142",
        areas=(
            Area(filesystem="ntfs", label="System Reserved", size=100 << 20),
            Area(filesystem="ntfs", label="WIN7", size=120 * GIB),
            Area(filesystem="ntfs", label="DULIEU", size=345 * GIB),
        ),
    ),
    Attached(
        path=Path("sdb"),
        size=932 * GIB,
        name="WD My Passport",
        areas=(Area(filesystem="bitlocker", label="", size=931 * GIB),),
        is_removable=True,
    ),
    Attached(path=Path("sdc"), size=29 * GIB, name="USB TRIAGE", folders=(Path("USB"),), is_removable=True),
)


def interrupted_once() -> None:
    real = scanning.examine

    def examine(*_arguments):
        scanning.examine = real
        raise KeyboardInterrupt

    scanning.examine = examine


def main() -> int:
    evidence_step.attached = lambda: [] if "no-disks" in sys.argv else list(DISKS)
    named = evidence_step._named
    evidence_step._named = lambda one, words: f"/dev/{named(one, words)}"
    evidence_step.is_own = lambda one: one.name == "USB TRIAGE"
    places.holds = lambda _one, _place: False
    places.free = lambda _place: 90 << 20 if "full" in sys.argv else 27 * GIB
    estimate.measured = lambda _target: Measured(entries=184_000, look=0.006, byte=1 / (90 << 20))
    if "interrupt" in sys.argv:
        interrupted_once()
    return guide(plain="plain" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
