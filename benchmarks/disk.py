"""Builds the benchmark disks, once: raw, E01, and a read-only mount of the raw one.

Limits:
    Needs ntfs-3g, faketime, fdisk and ewf-tools. The mount needs root, a loop device and FUSE; without them the
    files are unpacked into an ordinary folder and the peers read those.
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.packages import download
from benchmarks.tree import benchmark_files
from samples_fake.clock import ToolError, run, tool
from samples_fake.folder import write_files
from samples_fake.tree import FakeFile, Volume
from triage.model import UnixNs

MADE = UnixNs(1_490_000_000_000_000_000)
START = 2048
"""Sectors: partitions begin on a MiB."""
SECTOR = 512
NEEDED = 15 << 30
VOLUME_SIZE = 5 << 30
_COPIED = 1 << 20
_FINISHED = ".ok"


@dataclass(frozen=True, slots=True)
class Mount:
    """The files for tools that read no image. server: process id of the file system, 0 for an ordinary folder."""

    folder: Path
    server: int


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def benchmark_image(data: Path) -> Path:
    """The raw image of the benchmark disk."""
    image = data / "disk.raw"
    if not _is_whole(image):
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
    if not _is_whole(image):
        files = tuple(
            FakeFile(path=f"/Data/{n // 10_000:03d}/{n // 200 % 50:02d}/Van ban {n:06d}.txt", content=b"%d\r\n" % n * 40)
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
    writer = [sys.executable, "-m", "samples_fake.libntfs", part]
    run(*writer, when=MADE, data=pickle.dumps(volume), PYTHONPATH=str(Path(__file__).parents[1]))
    with image.open("wb") as out:
        out.truncate(START * SECTOR + size)
    run("sfdisk", "-q", "--no-reread", "--no-tell-kernel", image, data=b"label: dos\nlabel-id: 0x77616e61\n2048,,7\n")
    _copy_sparse(part, image, START * SECTOR)
    part.unlink()
    _finish(image)


def ewf_image(image: Path) -> Path:
    """The same disk as an E01 of several segments."""
    first = image.with_suffix(".E01")
    if not _is_whole(first):
        say(f"{first.name}: acquiring …")
        for old in image.parent.glob(f"{image.stem}.E[0-9][0-9]"):
            old.unlink()
        labels = ["-C", "benchmark", "-D", "disk", "-e", "examiner", "-E", "1", "-N", "none", "-m", "fixed"]
        form = ["-M", "physical", "-f", "encase6", "-c", "fast", "-S", "1.4GiB", "-q"]
        run("ewfacquire", "-u", "-t", image.with_suffix(""), *labels, *form, image)
        _finish(first)
    return first


@contextmanager
def mounted(image: Path) -> Iterator[Mount]:
    """The files of the image for tools that read no image: mounted read-only, else unpacked."""
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as point:
        try:
            device = _attach(image)
        except (ToolError, PermissionError) as error:
            say(f"no mount ({error}); the peers read an unpacked folder instead")
            yield Mount(_unpacked(image.parent), 0)
            return
        try:
            server = subprocess.Popen([tool("ntfs-3g"), "-o", "ro,no_detach", device, point])
            try:
                _await_mount(Path(point), server)
                yield Mount(Path(point), server.pid)
            finally:
                subprocess.run([tool("umount"), point], check=False)
                server.wait(timeout=30)
        finally:
            subprocess.run([tool("losetup"), "-d", device], check=True)


def _attach(image: Path) -> str:
    if os.geteuid() or not Path("/dev/fuse").exists():
        raise PermissionError("root and /dev/fuse are needed")
    offset, size = START * SECTOR, image.stat().st_size - START * SECTOR
    options = ["-r", "-f", "--show", "-o", str(offset), "--sizelimit", str(size)]
    return run("losetup", *options, image).decode().strip()


def _await_mount(point: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if point.is_mount():
            return
        try:
            status = server.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        raise ToolError(f"ntfs-3g ended with {status}")
    raise ToolError("ntfs-3g does not mount")


def _unpacked(data: Path) -> Path:
    folder = data / "unpacked"
    if not _is_whole(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_files(tuple(benchmark_files(download(data / "wheels"))), folder, default=MADE)
        _finish(folder)
    return folder


def _is_whole(path: Path) -> bool:
    return path.exists() and path.with_name(path.name + _FINISHED).exists()


def _finish(path: Path) -> None:
    path.with_name(path.name + _FINISHED).touch()


def _copy_sparse(source: Path, target: Path, offset: int) -> None:
    empty = bytes(_COPIED)
    with source.open("rb") as part, target.open("r+b") as out:
        out.seek(offset)
        while block := part.read(_COPIED):
            if block == empty[: len(block)]:
                out.seek(len(block), os.SEEK_CUR)
            else:
                out.write(block)
