"""Writing one file out: source, bytes, target, proof. Runs in worker processes, each with the evidence open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.errors import EvidenceError, FormatError, RecoveryError
from triage.formats import wncry
from triage.lifeline import follow_coordinator
from triage.model import Source, Stream
from triage.recover import content
from triage.recover.job import How, Job, Outcome
from triage.recover.keys import Key, fitting, wrapped_key
from triage.recover.proof import Proof, prove
from triage.recover.target import NotHeldError, Part, Target, Written

UNOPENED = "no key opens it"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSpec:
    """What a worker needs.

    Attributes:
        opener: opens the targets.
        keys: that may open a file.
        folder: the target.
    """

    targets: tuple[Path, ...]
    opener: Callable[[Sequence[Path]], Source]
    keys: tuple[Key, ...]
    folder: Path


class Worker:
    """Writes files out, one after the other."""

    def __init__(self, spec: WorkSpec) -> None:
        self._source = spec.opener(spec.targets)
        self._keys = spec.keys
        self._target = Target(spec.folder)

    def run(self, job: Job) -> Outcome:
        """What became of a job; the evidence's faults are said, the target's end the run.

        Raises:
            RecoveryError: the target cannot be written.
        """
        outcome = self._tried(job)
        if outcome.problem and job.instead is not None:
            copy = replace(job, source=job.instead, how=How.COPY, instead=None, sure=False)
            return self._tried(copy)
        return outcome

    def _tried(self, job: Job) -> Outcome:
        outcome = said(job)
        try:
            stream = self._source.open(job.source)
            try:
                return self._write(job, outcome, stream)
            finally:
                stream.close()
        except (FormatError, NotHeldError) as error:
            return replace(outcome, problem=str(error))
        except OSError as error:  # of the evidence: the target's are RecoveryErrors
            return replace(outcome, problem=f"cannot be read: {error}")

    def _write(self, job: Job, outcome: Outcome, stream: Stream) -> Outcome:
        pieces, size, key = self._pieces(job, stream)
        if pieces is None:
            return replace(outcome, problem=UNOPENED)
        part = self._target.begin(pieces, job.entry.times, size, job.entry.id)
        proof = self._proof(part, job.original.rpartition("/")[2])
        doubtful = not job.sure and (job.ambiguous or proof in (Proof.BROKEN, Proof.UNPROVEN))
        place = self._target.place(job.entry.volume, job.original, doubtful=doubtful)
        written: Written = self._target.finish(part, place, job.entry.id, apart=job.apart)
        return replace(outcome, path=written.path, size=written.size, sha256=written.sha256, proof=proof.value, key=key)

    def _proof(self, part: Part, name: str) -> Proof:
        try:
            return prove(part.path, name)
        except OSError as error:  # of the target's disk
            part.path.unlink(missing_ok=True)
            raise RecoveryError(f"{part.path}: {error.strerror}; check the disk given with --to") from error

    def _pieces(self, job: Job, stream: Stream) -> tuple[Iterator[bytes | memoryview] | None, int, str]:
        """The original's bytes, how many there are to be, where the key came from."""
        if job.how is How.COPY:
            return content.plain(stream), stream.size, ""
        head = bytes(stream.read(0, min(stream.size, wncry.HEADER_MAX)))
        header = wncry.parse(head)
        if job.how is How.STAGED:
            return content.staged(stream, header), header.original_size, ""
        opened = fitting(self._keys, wrapped_key(head, header))
        if opened is None:
            return None, 0, ""
        key, secret = opened
        return content.decrypted(stream, header, secret), header.original_size, key.origin


def said(job: Job) -> Outcome:
    """The line of a job of which nothing more is known yet."""
    return Outcome(
        id=job.entry.id,
        volume=job.entry.volume,
        encrypted=job.entry.path,
        source=job.source.path,
        state=job.state.value,
        confidence=job.confidence.value,
        how=job.how.value,
    )


_worker: Worker | None = None
_problem: EvidenceError | RecoveryError | None = None


def begin(spec: WorkSpec) -> None:
    """Makes this process a worker."""
    global _worker, _problem
    follow_coordinator()
    try:
        _worker = Worker(spec)
    except (EvidenceError, RecoveryError) as error:  # raised here it would only be a process that died
        _problem = error


def run(job: Job) -> Outcome:
    """Runs a job in a process that `begin` made a worker."""
    if _worker is None:
        raise _problem or RecoveryError("not a worker process")
    return _worker.run(job)
