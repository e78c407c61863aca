"""The judge: `fls`, `istat` and `icat` of The Sleuth Kit, run in UTC, and their output as values."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TOOLS = ("fls", "istat", "icat", "mmls")

EPOCH_1601 = 116_444_736_000_000_000
NAME_MARK = b" ($FILE_NAME)"

Times = tuple[int, int, int, int]
"""Accessed, modified, changed, born: the order of a bodyfile."""


@dataclass(frozen=True, slots=True)
class Line:
    """One name as `fls -m` prints it, or as it would print one of our entries."""

    name: bytes
    inode: str
    mode: str
    size: int
    times: Times
    deleted: bool = False
    reused: bool = False
    target: bytes = b""

    @property
    def record(self) -> str:
        return self.inode.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Listing:
    lines: tuple[Line, ...]
    name_times: dict[tuple[bytes, str], Times]


def run(*words: object) -> subprocess.CompletedProcess[bytes]:
    command = [str(word) for word in words]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "TZ": "UTC"}, timeout=300)


def fls(raw: Path, offset: int) -> Listing:
    """Every name of the file system at a byte offset."""
    done = run("fls", "-r", "-m", "/", "-o", offset // 512, raw)
    lines: list[Line] = []
    name_times: dict[tuple[bytes, str], Times] = {}
    for text in done.stdout.splitlines():
        # a name may hold the separator: the fields are counted from behind
        name, inode, mode, _, _, size, *times = text.removeprefix(b"0|").rsplit(b"|", 9)
        a, m, c, b = map(int, times)
        reused, deleted = name.endswith(b" (deleted-realloc)"), name.endswith((b" (deleted)", b" (deleted-realloc)"))
        name = name.rpartition(b" (deleted")[0] if deleted else name
        target = b""
        if mode[2:3] == b"l":
            name, _, target = name.partition(b" -> ")
        line = Line(
            name=name,
            inode=inode.decode(),
            mode=mode.decode(),
            size=int(size),
            times=(a, m, c, b),
            deleted=deleted,
            reused=reused,
            target=target,
        )
        if line.name.endswith(NAME_MARK):
            name_times[line.name.removesuffix(NAME_MARK), line.record] = line.times
        else:
            lines.append(line)
    return Listing(tuple(lines), name_times)


def opens(raw: Path, offset: int) -> bool:
    """Whether there is a file system for fls at a byte offset."""
    return not run("fls", "-o", offset // 512, raw).returncode


def partitions(raw: Path) -> list[int]:
    """Byte offsets that the partition table names, and 0."""
    rows = (line.split() for line in run("mmls", "-a", raw).stdout.decode().splitlines())
    return [0, *(int(row[2]) * 512 for row in rows if len(row) > 4 and row[0].endswith(":") and row[2].isdigit())]


@dataclass(frozen=True, slots=True)
class Record:
    """NTFS times in 100 ns since 1970, ordered as in a bodyfile; the names in the order that istat prints."""

    times: Times
    names: tuple[Times, ...]


_STAMP = re.compile(r"^(Created|File Modified|MFT Modified|Accessed):\t(.*) \(UTC\)$")
_FIELDS = ("Accessed", "File Modified", "MFT Modified", "Created")


def istat(raw: Path, offset: int, record: str) -> Record:
    """The two sets of times of an NTFS record."""
    sets: list[dict[str, int]] = []
    for text in run("istat", "-o", offset // 512, raw, record).stdout.decode("utf-8", "replace").splitlines():
        if text.startswith(("$STANDARD_INFORMATION Attribute", "$FILE_NAME Attribute")):
            sets.append({})
        elif (found := _STAMP.match(text)) and sets:
            sets[-1][found[1]] = _ticks(found[2])
    ordered = [tuple(values[field] for field in _FIELDS) for values in sets]
    return Record(ordered[0], tuple(ordered[1:]))  # type: ignore[arg-type]


def icat(raw: Path, offset: int, inode: str, *options: str) -> str:
    """SHA-256 of a content; option `-s`: as it is stored, not as far as it is valid."""
    return hashlib.sha256(run("icat", *options, "-o", offset // 512, raw, inode).stdout).hexdigest()


def _ticks(text: str) -> int:
    stamp, _, fraction = text.partition(".")
    seconds = int(datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())
    return seconds * 10_000_000 + int(fraction[:7])


def wrapped(ticks: int) -> int:
    """What fls 4.11 prints for a FILETIME: seconds since 1970, without sign and cut to 32 bits."""
    return (ticks - EPOCH_1601) % (1 << 64) // 10_000_000 % (1 << 32)
