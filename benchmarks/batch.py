"""`python -m benchmarks.batch`: what a queue of images gains from a second job, and how it grows with their number.

Every image is its own disk, in the page cache, so that images share no bottleneck but the cores.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.disk import say
from benchmarks.machine import description
from benchmarks.measure import MeasureError, Run, measure
from benchmarks.session import warm
from samples_fake.build import build_image
from samples_fake.clock import ToolError
from samples_fake.scenes import SCENES
from samples_fake.tree import FakeFile, Scene

HERE = Path(__file__).parent
COUNTS = (10, 20, 30)
GAIN = 1.7
"""Two jobs over one."""
LINEAR = 1.15
"""Seconds an image may take among thirty, over those it takes among ten."""

_SCENES = ("infected_office", "infected_windows", "patched_windows", "dropped_not_run", "benign_office")
_FOUND = (0, 1, 3)
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Median seconds of the wall by (images, jobs), and the largest private memory seen, in bytes."""

    walls: dict[tuple[int, int], float]
    private: int

    @property
    def gain(self) -> float:
        """One job's time over that of two, on the largest queue."""
        return self.walls[COUNTS[-1], 1] / self.walls[COUNTS[-1], 2]

    def linearity(self, jobs: int) -> float:
        """Seconds for each image of the largest queue, over those of the smallest."""
        first, last = COUNTS[0], COUNTS[-1]
        return (self.walls[last, jobs] / last) / (self.walls[first, jobs] / first)


def growth(data: Path, runs: int, ballast: int = 64) -> Growth:
    """Measures queues of 10, 20 and 30 images with one job and with two, in rounds.

    Args:
        data: where the images are kept.
        runs: of each queue.
        ballast: MiB on each disk, beside a scene, that a scan of standard depth reads in full.

    Raises:
        MeasureError: a queue failed.
    """
    folders = {count: _images(data, count, ballast) for count in COUNTS}
    measured: dict[tuple[int, int], list[Run]] = {(count, jobs): [] for count in COUNTS for jobs in (1, 2)}
    for turn in range(runs):
        for (count, jobs), taken in measured.items():
            run = measure(_command(folders[count], data / "out", jobs), accepted=_FOUND)
            say(f"{turn + 1}/{runs}  {count} images, {jobs} at a time: {run.wall:.1f} s, {run.private >> 20} MiB")
            taken.append(run)
    return Growth(
        walls={key: sorted(run.wall for run in taken)[len(taken) // 2] for key, taken in measured.items()},
        private=max(run.private for taken in measured.values() for run in taken),
    )


def _command(folder: Path, out: Path, jobs: int) -> list[str]:
    shutil.rmtree(out, ignore_errors=True)
    options = ["--jobs", str(jobs), "--workers", "1", "--quiet"]
    return [sys.executable, "-m", "triage", "batch", str(folder), "--out", str(out), *options]


def _images(data: Path, count: int, ballast: int) -> Path:
    """A folder of so many disks, no two of them alike; the disks are built once, and shared by all counts."""
    folder = data / str(count)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        disk, link = data / f"{ballast}-{number:02d}.img", folder / f"may-{number:02d}.img"
        if not disk.exists():
            say(f"{disk.name}: building …")
            build_image(_scene(number, ballast), disk)
        link.unlink(missing_ok=True)
        os.link(disk, link)
    warm(sorted(folder.iterdir()))
    return folder


def _scene(number: int, ballast: int) -> Scene:
    """A scene with files of no known type beside its own: each is read and matched as a whole."""
    scene = SCENES[_SCENES[number % len(_SCENES)]]
    data = random.Random(number).randbytes(_MIB)
    files = tuple(
        FakeFile(path=f"/Data/{number:02d}/{place:04d}.bin", content=bytes([place % 251, number]) + data)
        for place in range(ballast)
    )
    first, *others = scene.volumes
    filled = replace(first, size=first.size + (ballast * 5 // 4) * _MIB, files=(*first.files, *files))
    return replace(scene, volumes=(filled, *others))


def main() -> int:
    """Exit status: 0 where both targets are met, 1 where one is not, 2 where a queue failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each queue")
    parser.add_argument("--ballast", type=int, default=64, help="MiB read in full on each disk")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where the disks are kept, 4 GB")
    options = parser.parse_args()
    try:
        seen = growth(options.data / "batch", options.runs, options.ballast)
    except (ToolError, MeasureError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    print(f"{description()}\n")
    for (count, jobs), wall in seen.walls.items():
        print(f"{count} images, {jobs} at a time: {wall:.1f} s, {wall / count:.2f} s an image")
    print(f"two jobs over one: {seen.gain:.2f} (at least {GAIN})")
    for jobs in (1, 2):
        print(f"an image among 30 over one among 10, {jobs} at a time: {seen.linearity(jobs):.2f} (at most {LINEAR})")
    print(f"private memory of all processes: {seen.private >> 20} MiB")
    return 0 if seen.gain >= GAIN and max(seen.linearity(1), seen.linearity(2)) <= LINEAR else 1


if __name__ == "__main__":
    sys.exit(main())
