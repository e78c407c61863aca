"""Files out of the free clusters of NTFS volumes, by their content alone; named where the records still know a name.

The free clusters are copied, some at a time, to a working folder on the target; programs made for it look for
beginnings and ends in the copy; what they found is proven before it is kept.

Limits:
    A file longer than 64 MiB may be missed, and one whose clusters do not lie one behind the other among the free
    ones is broken, and dropped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from triage.analysis.recovery import Recovery
from triage.case import Case
from triage.errors import RecoveryError
from triage.evidence import Evidence
from triage.evidence.freespace import FreeSpace
from triage.model import Confidence, EntryId, Macb
from triage.recover.carvers import LONGEST, SEGMENT, Carved, carve, found, installed
from triage.recover.job import How, Log, Outcome
from triage.recover.names import Name, Names
from triage.recover.proof import Proof, prove
from triage.recover.tally import Result
from triage.recover.target import NotHeldError, Target, to_the_target

STATE: Final = "carved"
WORK: Final = ".triage-carving"
PROGRESS: Final = "carving.json"
SIZE: Final = 256 << 20
"""Bytes of free space in which beginnings are looked for at a time."""
BEHIND: Final = 64 << 20
"""Bytes behind them that belong to the copy, too: the longest file that is found wherever it begins."""

_SCHEMA: Final = "triage.carving/1"
_PIECE: Final = 1 << 20
_ROOM: Final = 4
"""Times the copy that must be free on the target: for itself, what two programs find in it, and what is kept."""
_SOUND: Final = (Proof.PROVEN, Proof.FITS)


class Watch(Protocol):
    """Who is told how far it is."""

    def begin_carving(self, volume: int, size: int) -> None: ...

    def searched(self, size: int) -> None: ...


def refuse_carving(evidence: Evidence) -> None:
    """Where it cannot be done, that is said before anything is written.

    Raises:
        RecoveryError: no program for it is installed, or no volume's free clusters are known.
    """
    installed()
    if all(evidence.free_space(volume.index) is None for volume in evidence.volumes):
        raise RecoveryError(
            f"{evidence.name}: its free clusters are not known (a folder, or not NTFS); give the disk or its image"
        )


class Carving:
    """One run over the free space of all volumes.

    Args:
        result: whose sums what is found is added to.

    Raises:
        RecoveryError: no program for it is installed.
    """

    def __init__(self, case: Case, evidence: Evidence, target: Target, log: Log, result: Result, watch: Watch) -> None:
        self._case, self._evidence, self._target = case, evidence, target
        self._log, self._result, self._watch = log, result, watch
        self._carvers = installed()
        self._seen = {outcome.sha256 for outcome in log.outcomes() if outcome.path}
        self._work = target.folder / WORK

    def run(self, every: Callable[[], Iterator[Recovery]]) -> None:
        """Carves every volume whose free clusters are known; goes on where an earlier run was cut off.

        Raises:
            RecoveryError: the target cannot be written, or there is no room for the work.
        """
        spaces = {volume.index: self._evidence.free_space(volume.index) for volume in self._evidence.volumes}
        known = {index: space for index, space in spaces.items() if space is not None}
        self._result.unseen = len(spaces) - len(known)
        names = Names(self._case, every(), frozenset(known))
        progress = _Progress(self._target.folder / PROGRESS)
        for index, space in known.items():
            done = progress.done(index)
            self._watch.begin_carving(index, space.size)
            self._watch.searched(done)
            for start in range(done, space.size, SIZE):
                self._segment(index, space, start, names)
                self._log.flush()
                progress.set(index, min(start + SIZE, space.size))
                self._watch.searched(min(SIZE, space.size - start))

    def _segment(self, volume: int, space: FreeSpace, start: int, names: Names) -> None:
        size = min(SIZE + BEHIND, space.size - start)
        _clear(self._work)
        try:
            with to_the_target(self._work):
                _has_room(self._target.folder, _ROOM * size)
                self._work.mkdir()
            self._copy(space, start, size)
            problems = carve(self._carvers, self._work, space.cluster)
            self._result.carving += [f"{each} (volume {volume}, byte {start} of its free space)" for each in problems]
            for offset, every in found(self._carvers, self._work, space.cluster).items():
                hits = [each for each in every if offset + each.size <= size]  # what lies behind is none of the copy
                if offset < SIZE and hits:
                    place = space.place(start + offset)
                    if not self._by_record(volume, place, hits, space.cluster, names):
                        self._by_content(volume, place, hits, names)
        finally:
            _clear(self._work)

    def _copy(self, space: FreeSpace, start: int, size: int) -> None:
        """The copy, with zeros for what cannot be read, and behind it."""
        with to_the_target(self._work), (self._work / SEGMENT).open("wb") as file:
            for at in range(start, start + size, _PIECE):
                for piece in self._readable(space, at, min(_PIECE, start + size - at)):
                    file.write(piece)
            file.truncate(size + LONGEST)  # a hole: it takes no room

    def _readable(self, space: FreeSpace, at: int, size: int) -> Iterator[bytes]:
        try:
            yield space.read(at, size)
        except OSError:
            if size <= space.cluster:
                self._result.unread += size
                yield bytes(size)
                return
            half = size // 2 // space.cluster * space.cluster or space.cluster
            yield from self._readable(space, at, half)
            yield from self._readable(space, at + half, size - half)

    def _by_record(self, volume: int, place: int, hits: Sequence[Carved], cluster: int, names: Names) -> bool:
        """Keeps what a deleted record says began here, where that is sound as long as the record says.

        The programs may end a file before its last bytes. The record knows its size, and is believed where a program
        ends the file in the same cluster.
        """
        records = names.records(volume, place)
        if len({(each.size, each.path) for each in records}) != 1:  # none, or nobody knows which
            return False
        size, name = records[0].size, names.of(records[0])
        if all(-(-each.size // cluster) != -(-size // cluster) for each in hits):
            return False
        copy = self._work / "record"
        with to_the_target(copy), copy.open("wb") as file:
            file.writelines(_pieces(self._work / SEGMENT, hits[0].offset, size))
        if prove(copy, name.path.rpartition("/")[2]) not in _SOUND:
            return False
        self._keep(copy, volume, place, name, records[0].times)
        return True

    def _by_content(self, volume: int, place: int, hits: Sequence[Carved], names: Names) -> None:
        """Keeps the first sound one of those that begin at one place."""
        for hit in hits:
            proof = prove(hit.path, f"x.{hit.extension}")
            if proof in _SOUND:
                guess = names.by_size(volume, hit.size)
                if guess is not None and prove(hit.path, guess.path.rpartition("/")[2]) is Proof.PROVEN:
                    self._keep(hit.path, volume, place, guess, Macb())
                else:
                    self._keep(hit.path, volume, place, None, Macb(), hit.extension)
                return

    def _keep(self, path: Path, volume: int, place: int, name: Name | None, times: Macb, extension: str = "") -> None:
        """Writes a file out that no other way has given, under its name where it has one."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 in self._seen:
            return
        if name is not None and self._result.done.get(name.entry):  # its original is there already: this is another
            extension, name = extension or "bin", None
        entry = EntryId(0) if name is None else name.entry
        goal = (
            self._target.place_carved(volume, extension, place)
            if name is None
            else self._target.place(volume, name.path, doubtful=not name.sure)
        )
        size = path.stat().st_size
        try:
            part = self._target.begin(_pieces(path, 0, size), times, size, entry)
            proof = prove(part.path, goal.name)
            written = self._target.finish(part, goal, entry)
        except NotHeldError as error:
            self._result.carving.append(str(error))
            return
        outcome = Outcome(
            id=entry,
            volume=volume,
            encrypted="" if name is None else name.encrypted,
            source=f"byte {place} of the volume",
            state=STATE,
            confidence=(Confidence.LOW if name is None else name.confidence).value,
            how=How.CARVE.value,
            path=written.path,
            size=size,
            sha256=sha256,
            proof=proof.value,
        )
        self._seen.add(sha256)
        self._log.add(outcome)
        self._result.add(outcome)


class _Progress:
    """How much of each volume's free space is done, in a file of the target; replaced whole.

    Raises:
        RecoveryError: another file has its name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[str, int] = {}
        try:
            self._done = json.loads(path.read_bytes())[_SCHEMA]
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise RecoveryError(f"{path}: is there already and none of ours; choose another --to") from error

    def done(self, volume: int) -> int:
        """Bytes that need not be carved again."""
        return self._done.get(str(volume), 0)

    def set(self, volume: int, done: int) -> None:
        """Notes it, on the disk."""
        self._done[str(volume)] = done
        part = self._path.with_name(f"{self._path.name}.part")
        with to_the_target(self._path):
            with part.open("w", encoding="utf-8") as file:
                json.dump({_SCHEMA: self._done}, file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)


def _pieces(path: Path, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while size and (piece := file.read(min(_PIECE, size))):
            yield piece
            size -= len(piece)


def _has_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise RecoveryError(f"{folder}: carving needs {size} bytes free there, and {free} are; give a larger disk")


def _clear(work: Path) -> None:
    """Removes the working folder, also one that a killed run left."""
    with to_the_target(work):
        if work.is_symlink() or work.is_dir():
            shutil.rmtree(work)  # which refuses a link
