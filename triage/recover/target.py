"""The folder that recovered files are written to: their tree and times, nothing overwritten, whole or not there.

Limits:
    Names that Windows cannot hold get other characters; two names that would meet are told apart by the entry's number.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, Self

from triage.errors import FormatError, RecoveryError
from triage.model import EntryId, Macb

DOUBTFUL: Final = "doubtful"
CARVED: Final = "carved"
UNFINISHED: Final = ".triage-unfinished"
CRAMPED: Final = "other-paths"
"""Folder of files whose own path the target cannot hold."""
_RESERVED: Final = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_DEVICES: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?",
    re.IGNORECASE,
)
_LONGEST: Final = 200
"""Bytes of UTF-8 in a name: ext4 and exFAT hold 255, and an entry's number may be added."""
_LARGE: Final = 4 << 20
"""Bytes from which a thread is worth its start."""
_DEEPEST: Final = 100
_LONGEST_PATH: Final = 240 if sys.platform == "win32" else 3500
"""Windows ends at 260 characters, Linux at 4096 bytes."""
_OF_ONE_FILE: Final = frozenset(
    (errno.EFBIG, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
)


class NotHeldError(RecoveryError):
    """The target is sound, and cannot hold this one file; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written out. path: below the target, `/`-separated."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file that is whole, but has not got its name yet."""

    path: Path
    size: int
    sha256: str


class Target:
    """Where recovered files go.

    Args:
        folder: made if it does not exist.

    Raises:
        RecoveryError: it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecoveryError(f"{folder}: {error.strerror}; choose another --to") from error

    def keep(self, name: str, data: bytes) -> None:
        """Writes a small file of our own into the target's top; one that is there with the same bytes stays.

        Raises:
            RecoveryError: it cannot be written, or another file has its name.
        """
        path = self.folder / name
        with to_the_target(path):
            if not path.exists():
                path.write_bytes(data)
            elif path.read_bytes() != data:
                raise RecoveryError(f"{path}: is there already; nothing is overwritten")

    def place(self, volume: int, path: str, *, doubtful: bool = False) -> Path:
        """Where an original goes.

        Args:
            volume: number of its volume.
            path: printable, from the volume's root.
            doubtful: nothing vouches for it: apart from the others.
        """
        top = (self.folder / DOUBTFUL if doubtful else self.folder) / f"volume-{volume}"
        parts = [safe_name(part) for part in path.split("/") if part]
        place = top.joinpath(*parts)
        if len(parts) <= _DEEPEST and len(os.fsencode(place.absolute())) <= _LONGEST_PATH:
            return place
        mark = hashlib.sha256(path.encode()).hexdigest()[:8]
        return top / CRAMPED / f"{mark}-{parts[-1][-60:]}"

    def place_carved(self, volume: int, extension: str, offset: int) -> Path:
        """Where a file without a name goes. offset: on its volume, bytes."""
        return self.folder / CARVED / f"volume-{volume}" / extension / f"{offset}.{extension}"

    def begin(self, pieces: Iterable[bytes | memoryview], times: Macb, size: int, entry: int) -> Part:
        """Writes a file under the name of something unfinished, in a folder of its own.

        Args:
            pieces: its bytes; each may be overwritten when the next but one is asked for.
            times: of the original; what the target's file system can hold of them is set.
            size: bytes that it must have.
            entry: number of what it is recovered from: no two of one number are written at once.

        Raises:
            RecoveryError: the target cannot be written.
            NotHeldError: it cannot hold this one.
            OSError: the evidence cannot be read.
            FormatError: the evidence is not what it claims to be.
        """
        path = self.folder / UNFINISHED / f"{entry}.part"
        with to_the_target(path):
            path.parent.mkdir(exist_ok=True)
            self._fits(size)
            file = path.open("wb", buffering=0)
        with ExitStack() as undone:
            undone.callback(path.unlink, missing_ok=True)
            with file, _Digest(size) as digest:
                with to_the_target(path):
                    _holds(file, size)
                for piece in pieces:
                    digest.update(piece)
                    with to_the_target(path):
                        _write(file, piece)
            if digest.size != size:
                raise FormatError("content of another size than the original's", digest.size)
            _set_times(path, times)
            undone.pop_all()
        return Part(path=path, size=size, sha256=digest.hexdigest())

    def clear(self) -> None:
        """Removes what a killed run left unfinished."""
        unfinished = self.folder / UNFINISHED
        with to_the_target(unfinished):
            if unfinished.is_dir():
                shutil.rmtree(unfinished)  # which refuses a link

    def _fits(self, size: int) -> None:
        """One that is larger than all that is free costs itself: a header may lie about its size."""
        free = shutil.disk_usage(self.folder).free
        if size > free:
            raise NotHeldError(f"has {size} bytes, the disk given with --to only {free} free")

    def finish(self, part: Part, place: Path, entry: EntryId, *, apart: bool = False) -> Written:
        """Gives a file its name. What lies there already with the same content was written before a plug was pulled.

        Args:
            part: from `begin`.
            place: where it is to lie; with the entry's number in its name where something else lies there.
            entry: what it was recovered from.
            apart: with that number in any case, because another file is to get the name.

        Raises:
            RecoveryError: the target cannot be written.
            NotHeldError: both names are taken.
        """
        beside = place.with_name(f"{place.stem}~{entry}{place.suffix}")
        elsewhere = self.folder / CRAMPED / f"{entry}-{place.name[-60:]}"
        problem: OSError | None = None
        with ExitStack() as undone, to_the_target(place):
            undone.callback(part.path.unlink, missing_ok=True)
            for name in (beside, elsewhere) if apart else (place, beside, elsewhere):
                try:
                    if self._named(part, name):
                        break
                except OSError as error:  # such as a file where its folder should be
                    problem = error
                    if error.errno not in _OF_ONE_FILE:
                        raise
            else:
                raise problem or NotHeldError(f"its place and {elsewhere.name} are taken; nothing is overwritten")
        return Written(path=name.relative_to(self.folder).as_posix(), size=part.size, sha256=part.sha256)

    def _named(self, part: Part, name: Path) -> bool:
        """Whether the file lies there now; another's place is left as it is."""
        name.parent.mkdir(parents=True, exist_ok=True)
        if name.exists():
            return _is_same(name, part)
        part.path.rename(name)
        return True


def safe_name(name: str) -> str:
    """A name that FAT, exFAT, NTFS and ext4 all hold, and that leads nowhere else."""
    safe = _RESERVED.sub("_", name).rstrip(" .")
    if not safe.strip(".") or _DEVICES.fullmatch(safe):
        safe = f"_{safe}"
    raw = safe.encode("utf-8", "surrogatepass")
    if len(raw) <= _LONGEST:
        return safe
    stem, dot, ending = safe.rpartition(".")
    ending = f".{ending}" if dot and len(ending) <= 10 else ""
    mark = hashlib.sha256(raw).hexdigest()[:8]
    room = _LONGEST - len(mark) - 1 - len(ending.encode())
    kept = (stem if ending else safe).encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
    return f"{kept}~{mark}{ending}"


class _Digest:
    """SHA-256 of pieces that come one by one; of a large file beside the caller's work, on another core."""

    def __init__(self, size: int) -> None:
        self._sha256 = hashlib.sha256()
        self._beside = ThreadPoolExecutor(1) if size >= _LARGE else None
        self._last: Future[None] | None = None
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside is not None:
            self._beside.shutdown()

    def update(self, piece: bytes | memoryview) -> None:
        """Takes a piece; the one before it is done then."""
        self.size += len(piece)
        if self._beside is None:
            self._sha256.update(piece)
            return
        if self._last is not None:
            self._last.result()
        self._last = self._beside.submit(self._sha256.update, piece)

    def hexdigest(self) -> str:
        """Of all pieces, when no more come."""
        return self._sha256.hexdigest()


def _holds(file: FileIO, size: int) -> None:
    """Asks the file system before gigabytes are written: it refuses a place that no file of its own can have."""
    try:
        file.seek(size)
        file.seek(0)
    except OSError as error:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG)) from error


def _write(file: FileIO, piece: bytes | memoryview) -> None:
    """All of it: a full disk takes a part first, and says so only at the next."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]


def _is_same(path: Path, part: Part) -> bool:
    if not path.is_file() or path.stat().st_size != part.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == part.sha256


def _set_times(path: Path, times: Macb) -> None:
    if times.modified is None:
        return
    with suppress(OSError, OverflowError):  # a file system that cannot hold them keeps its own
        accessed = times.accessed if times.accessed is not None else times.modified
        os.utime(path, ns=(max(accessed, 0), max(times.modified, 0)))


@contextmanager
def to_the_target(place: Path) -> Iterator[None]:
    """What fails here is the target's fault, not the evidence's."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise NotHeldError("too large for the file system given with --to (FAT32 ends at 4 GiB)") from error
        if error.errno in _OF_ONE_FILE:
            raise NotHeldError(f"its name or folder cannot be made there: {error.strerror}") from error
        raise RecoveryError(f"{place}: {error.strerror}; check the disk given with --to and run it again") from error
