"""The programs that find files by their content alone: asked for in PATH, run on a copy, never on the evidence.

They were written for healthy disks: on hostile bytes one may crash, hang or write without end. So each runs bounded in
time, memory and output, in a folder of its own; what it had found by then is kept.

References:
    PhotoRec, "Scripted run"; foremost(8). A file is called after the sector or block that it begins at.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triage.errors import RecoveryError
from triage.lifeline import bound_to_us, signals_wait

SEGMENT: Final = "segment"
"""What is searched, in the working folder."""
LONGEST: Final = 100 << 20
"""Bytes of the longest file that foremost looks for; it gives up a type where fewer follow a beginning."""

_PHOTOREC_TYPES: Final = ("jpg", "png", "gif", "tif", "bmp", "psd", "pdf", "doc", "zip")
_FOREMOST_TYPES: Final = "jpeg,png,gif,pdf,ole,zip"
_SECTOR: Final = 512
_NAME: Final = re.compile(r"f?(\d+)(?:_.*)?\.([a-z0-9]{1,5})")
_EVERY: Final = 0.1
_MEMORY: Final = 2 << 30
_SECONDS: Final = 60.0
_SECONDS_PER_BYTE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Carver:
    """A program.

    Attributes:
        command: its words for clusters of so many bytes, in a segment of so many.
        unit: bytes that the numbers in its files' names count, for clusters of so many bytes.
        mark: what it leaves even where it finds nothing: it ends well after words that it does not know, too.
    """

    name: str
    package: str
    command: Callable[[int, int], list[str]]
    unit: Callable[[int], int]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carved:
    """A file that a program wrote. offset: of its beginning in the segment, bytes; size: bytes."""

    offset: int
    size: int
    extension: str
    path: Path


def _photorec(cluster: int, size: int) -> list[str]:
    del size
    types = ",".join(f"{each},enable" for each in _PHOTOREC_TYPES)
    script = f"partition_none,options,paranoid,fileopt,everything,disable,{types},blocksize,{cluster},search"
    return ["/d", "photorec", "/cmd", SEGMENT, script]


def _foremost(cluster: int, size: int) -> list[str]:
    # all in one chunk: what lies across two would be lost
    chunk = str(-(-size >> 20) + 1)
    return ["-q", "-Q", "-b", str(cluster), "-k", chunk, "-t", _FOREMOST_TYPES, "-i", SEGMENT, "-o", "foremost"]


CARVERS: Final = (
    Carver(
        name="photorec", package="testdisk", command=_photorec, unit=lambda _: _SECTOR, mark="photorec.1/report.xml"
    ),
    Carver(
        name="foremost", package="foremost", command=_foremost, unit=lambda cluster: cluster, mark="foremost/audit.txt"
    ),
)
"""The more exact first."""


def installed() -> tuple[Carver, ...]:
    """Those that are in PATH.

    Raises:
        RecoveryError: none is.
    """
    found = tuple(carver for carver in CARVERS if shutil.which(carver.name))
    if not found:
        names = " or ".join(f"{carver.name} (package {carver.package})" for carver in CARVERS)
        raise RecoveryError(f"--carve needs {names}; install one of them and run it again")
    return found


def carve(carvers: Sequence[Carver], folder: Path, cluster: int) -> list[str]:
    """Runs the programs side by side over the folder's segment; gives what went wrong, one line each.

    Args:
        carvers: which ones.
        folder: where the segment is, and where they write.
        cluster: bytes: a file begins on a multiple of it.
    """
    size = (folder / SEGMENT).stat().st_size
    running: dict[str, subprocess.Popen[bytes]] = {}
    deadline = time.monotonic() + _SECONDS + size * _SECONDS_PER_BYTE
    problems: dict[str, str] = {}
    try:
        with signals_wait():  # a Ctrl-C in the midst of a start would be lost, or the program
            for carver in carvers:
                running[carver.name] = _start(carver, folder, cluster, size)
        while any(process.poll() is None for process in running.values()):
            time.sleep(_EVERY)
            for name, process in running.items():
                if process.poll() is None and (problem := _beyond(folder, name, size, deadline)):
                    process.kill()
                    problems[name] = problem
                    process.wait()
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
            process.wait()
    for carver in carvers:
        if status := running[carver.name].returncode:
            problems.setdefault(carver.name, f"ended with status {status}")
        elif not (folder / carver.mark).exists():
            problems.setdefault(carver.name, "did not search")
    return [f"{name} {problem}" for name, problem in problems.items()]


def _beyond(folder: Path, name: str, size: int, deadline: float) -> str:
    """Which of its bounds a program has passed; empty while none."""
    if time.monotonic() > deadline:
        return "took longer than its limit"
    written = sum(path.stat().st_size for path in _files(folder, name))
    if written > 2 * size:
        return "wrote more than it can have found"
    return ""


def found(carvers: Sequence[Carver], folder: Path, cluster: int) -> dict[int, list[Carved]]:
    """What the programs wrote, by the offset in the segment; of one offset the more exact program's first."""
    every = [
        (int(match[1]) * carver.unit(cluster), rank, match[2], path)
        for rank, carver in enumerate(carvers)
        for path in _files(folder, carver.name)
        if (match := _NAME.fullmatch(path.name)) and path.parent != folder
    ]
    hits: dict[int, list[Carved]] = {}
    for offset, _, extension, path in sorted(every):
        size = path.stat().st_size
        if offset % cluster == 0 and size:
            hits.setdefault(offset, []).append(Carved(offset=offset, size=size, extension=extension, path=path))
    return hits


def _files(folder: Path, name: str) -> list[Path]:
    """Regular files below the program's own folders; one that vanishes meanwhile is none."""
    tops = [top for top in folder.iterdir() if top.name.partition(".")[0] == name and top.is_dir()]
    return [path for top in tops for path in top.rglob("*") if path.is_file() and not path.is_symlink()]


def _start(carver: Carver, folder: Path, cluster: int, size: int) -> subprocess.Popen[bytes]:
    program = shutil.which(carver.name) or carver.name
    # both know no way to end their options: names are our own, and relative
    return subprocess.Popen(  # noqa: S603 - a program that the user installed, with words of our own
        [program, *carver.command(cluster, size)],
        cwd=folder,
        env={"HOME": str(folder), "LC_ALL": "C", "PATH": os.environ.get("PATH", ""), "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **bound_to_us(_MEMORY),
    )
