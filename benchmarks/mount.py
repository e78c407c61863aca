"""The files of a disk for tools that read no image: a read-only mount.

Limits:
    Needs root, a loop device and FUSE; without them the files are unpacked into an ordinary folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.disk import MADE, SECTOR, START, finish, is_whole, say
from benchmarks.packages import download
from benchmarks.tree import benchmark_files
from samples_fake.clock import ToolError, run, tool
from samples_fake.folder import write_files


@dataclass(frozen=True, slots=True)
class Mount:
    """The files for tools that read no image. server: process id of the file system, 0 for an ordinary folder."""

    folder: Path
    server: int


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
            command = [tool("ntfs-3g"), "-o", "ro,no_detach", device, point]
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
    if not is_whole(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_files(tuple(benchmark_files(download(data / "wheels"))), folder, default=MADE)
        finish(folder)
    return folder
