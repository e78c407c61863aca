"""Builds the benchmark disks, once: raw, and E01 of the same. Needs ntfs-3g, faketime, fdisk and ewf-tools."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sys
from pathlib import Path

from benchmarks.packages import download
from benchmarks.tree import benchmark_files
from samples_fake.clock import ToolError, run
from samples_fake.tree import FakeFile, Volume
from triage.model import UnixNs

MADE = UnixNs(1_490_000_000_000_000_000)
START = 2048
"""Sectors: partitions begin on a MiB."""
SECTOR = 512
NEEDED = 15 << 30
VOLUME_SIZE = 5 << 30
_COPIED = 1 << 20


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def benchmark_image(data: Path) -> Path:
    """The raw image of the benchmark disk."""
    image = data / "disk.raw"
    if not is_whole(image):
        free = shutil.disk_usage(data).free
        if free < NEEDED:
            raise ToolError(f"{data}: {free >> 30} GiB free, {NEEDED >> 30} needed")
        say("downloading packages …")
        wheels = download(data / "wheels")
        write_image(tuple(benchmark_files(wheels)), image, VOLUME_SIZE)
    return image


def entries_image(data: Path, count: int) -> Path:
    """A raw image with this many small files: what enumeration and a quick scan cost for each entry."""
    image = data / f"entries-{count}.raw"
    if not is_whole(image):
        files = tuple(
            FakeFile(
                path=f"/Data/{n // 10_000:03d}/{n // 200 % 50:02d}/Van ban {n:06d}.txt", content=b"%d\r\n" % n * 40
            )
            for n in range(count)
        )
        write_image(files, image, (64 << 20) + count * 2560 // _COPIED * _COPIED)
    return image


def write_image(files: tuple[FakeFile, ...], image: Path, size: int) -> None:
    """One NTFS volume behind an MBR; the same files give the same bytes.

    Args:
        size: bytes of the volume.
    """
    say(f"{image.name}: writing {len(files):,} files …")
    part = image.with_suffix(".part")
    with part.open("wb") as out:
        out.truncate(size)
    geometry = ["-p", str(START), "-H", "255", "-S", "63"]
    run("mkntfs", "-Q", "-q", "-F", "-s", str(SECTOR), "-c", "4096", *geometry, "-L", "WIN", part, when=MADE)
    volume = Volume(filesystem="ntfs", size=size, label="WIN", made=MADE, files=files)
    # unlike samples_fake.ntfs, contents are made in the writing process, one at a time: they are gigabytes
    writer = "samples_fake.libntfs"
    run(
        sys.executable,
        "-m",
        writer,
        part,
        when=MADE,
        data=pickle.dumps(volume),
        PYTHONPATH=str(Path(__file__).parents[1]),
    )
    with image.open("wb") as out:
        out.truncate(START * SECTOR + size)
    run("sfdisk", "-q", "--no-reread", "--no-tell-kernel", image, data=b"label: dos\nlabel-id: 0x77616e61\n2048,,7\n")
    _copy_sparse(part, image, START * SECTOR)
    part.unlink()
    finish(image)


def ewf_image(image: Path) -> Path:
    """The same disk as an E01 of several segments."""
    first = image.with_suffix(".E01")
    if not is_whole(first):
        say(f"{first.name}: acquiring …")
        for old in image.parent.glob(f"{image.stem}.E[0-9][0-9]"):
            old.unlink()
        labels = ["-C", "benchmark", "-D", "disk", "-e", "examiner", "-E", "1", "-N", "none", "-m", "fixed"]
        form = ["-M", "physical", "-f", "encase6", "-c", "fast", "-S", "1.4GiB", "-q"]
        run("ewfacquire", "-u", "-t", image.with_suffix(""), *labels, *form, image)
        finish(first)
    return first


def is_whole(path: Path) -> bool:
    """It was built to its end, and by the present recipe."""
    mark = _mark(path)
    return path.exists() and mark.exists() and mark.read_text("utf-8") == _recipe()


def finish(path: Path) -> None:
    """Marks what was built to its end."""
    _mark(path).write_text(_recipe(), "utf-8")


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.ok")


def _recipe() -> str:
    """Stands for how disks are built: one of another recipe is built anew."""
    here = Path(__file__)
    sources = (here, here.with_name("packages.py"), here.with_name("tree.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _copy_sparse(source: Path, target: Path, offset: int) -> None:
    empty = bytes(_COPIED)
    with source.open("rb") as part, target.open("r+b") as out:
        out.seek(offset)
        while block := part.read(_COPIED):
            if block == empty[: len(block)]:
                out.seek(len(block), os.SEEK_CUR)
            else:
                out.write(block)
