"""One file to write out, what became of it, and the log that knows what is done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from triage.analysis.recovery import RecoveryState
from triage.errors import RecoveryError
from triage.model import Confidence, Entry, EntryId

LOG: Final = "recovery.jsonl"
SUMS: Final = "SHA256SUMS"
_LINE: Final = 1 << 16


class How(Enum):
    """What is done with the source's bytes."""

    COPY = "copied"
    STAGED = "put together"
    DECRYPT = "decrypted"
    CARVE = "carved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file to be written out.

    Attributes:
        entry: the encrypted file, or the moved original that no encrypted file was found for.
        source: what its bytes come from.
        original: path on its volume.
        size: bytes that the original had; None where nothing tells.
        sure: the source is certainly the original, or certainly opens to it.
        ambiguous: other sources fit as well: whatever its content is, the name is a guess.
        apart: another file of this run is to get the same place, so this one has its number in its name.
        instead: what it is copied from where no key opens it.
    """

    entry: Entry
    source: Entry
    original: str
    size: int | None
    how: How
    state: RecoveryState
    confidence: Confidence
    sure: bool
    ambiguous: bool = False
    apart: bool = False
    instead: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A line of the log.

    Attributes:
        id: of the encrypted file's entry.
        encrypted: its path.
        path: below the target, empty where nothing was written.
        proof: what the content says, by its name in `proof.Proof`.
        key: where the key came from that opened it.
        problem: why nothing was written.
    """

    id: EntryId
    volume: int
    encrypted: str
    source: str
    state: str
    confidence: str
    how: str
    path: str = ""
    size: int = 0
    sha256: str = ""
    proof: str = ""
    key: str = ""
    problem: str = ""


class Log:
    """What was written out, one JSON object a line, appended in groups: what stands in it is on the disk.

    Args:
        folder: the target.
        evidence: fingerprint of the evidence, the log's first line.

    Raises:
        RecoveryError: the log is of other evidence, or cannot be written.
    """

    def __init__(self, folder: Path, evidence: str) -> None:
        self._folder = folder
        self._path = folder / LOG
        self._waiting: list[Outcome] = []
        head = {"schema": "triage.recovery/1", "evidence": evidence}
        line = json.dumps(head)
        try:
            if not self._begun(f"{line}\n".encode()):
                if (folder / SUMS).exists():
                    raise RecoveryError(f"{folder / SUMS}: is there already and none of ours; choose another --to")
                self._path.unlink(missing_ok=True)  # cut off before it said anything
                self._append([line])
            found = next(self._lines(), {})
        except OSError as error:
            raise RecoveryError(f"{self._path}: {error.strerror}; choose another --to") from error
        if found != head:
            ours = found.get("schema") == head["schema"]
            raise RecoveryError(
                f"{self._path}: {'written from other evidence' if ours else 'no log of ours'}; choose another --to"
            )

    def _begun(self, line: bytes) -> bool:
        """Something stands there that is more than the beginning of the log's first line."""
        if not self._path.exists():
            return False
        with self._path.open("rb") as file:
            found = file.read(len(line))
        return found == line or not line.startswith(found)

    def outcomes(self) -> Iterator[Outcome]:
        """What stands in the log; the last line may have been cut off by a pulled plug: it is not believed."""
        lines = self._lines()
        next(lines, None)
        for line in lines:
            try:
                yield Outcome(**line)  # type: ignore[arg-type]  # as `flush` wrote it
            except TypeError as error:
                raise RecoveryError(f"{self._path}: holds a line that is none of ours; choose another --to") from error

    def _lines(self) -> Iterator[dict[str, object]]:
        with self._path.open("rb") as file:
            for line in file:
                try:
                    found = json.loads(line) if line.endswith(b"\n") else None
                except ValueError:
                    found = None
                if isinstance(found, dict):
                    yield found

    def add(self, outcome: Outcome) -> None:
        """Takes an outcome; writes it with the next group."""
        self._waiting.append(outcome)
        if len(self._waiting) >= 64:
            self.flush()

    def flush(self) -> None:
        """Makes sure that the files are on the disk, then that the log says so.

        Raises:
            RecoveryError: the disk is full or gone.
        """
        group, self._waiting = self._waiting, []
        for outcome in group:
            if outcome.path:
                _synchronise(self._folder / outcome.path)
        if group:
            self._append([json.dumps(asdict(outcome), ensure_ascii=False) for outcome in group])

    def _append(self, lines: list[str]) -> None:
        try:
            with self._path.open("ab") as file:
                file.truncate(self._whole())
                file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RecoveryError(f"{self._path}: {error.strerror}; check the disk given with --to") from error

    def _whole(self) -> int:
        """Bytes up to the end of the last whole line: what was cut off behind it was never believed."""
        with self._path.open("rb") as file:
            at = size = file.seek(0, os.SEEK_END)
            while at:
                at = max(0, at - _LINE)
                file.seek(at)
                if (end := file.read(min(_LINE, size - at)).rfind(b"\n")) >= 0:
                    return at + end + 1
        return 0

    def write_sums(self) -> None:
        """`SHA256SUMS` over everything written, for `sha256sum -c`."""
        lines = sorted({f"{one.sha256} *{one.path}\n" for one in self.outcomes() if one.path})
        part = self._folder / f"{SUMS}.part"
        try:
            part.write_text("".join(lines), encoding="utf-8", newline="\n")
            part.replace(self._folder / SUMS)
        except OSError as error:
            raise RecoveryError(f"{part}: {error.strerror}; check the disk given with --to") from error


def _synchronise(path: Path) -> None:
    try:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise RecoveryError(f"{path}: {error.strerror}; check the disk given with --to") from error
