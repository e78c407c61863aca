"""The whole recovery: case, evidence and target checked, keys found and tried, files written out, log and sums kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from triage.analysis.recovery import Recovery, RecoveryState
from triage.analysis.savable import recoveries_of
from triage.case import Case
from triage.errors import EvidenceError, FormatError, RecoveryError
from triage.evidence import Evidence, open_evidence
from triage.formats import keyblob, wncry
from triage.formats.keyblob import PublicKey
from triage.model import Entry, EntryId, Finding
from triage.recover.carving import Carving, refuse_carving
from triage.recover.found import keys_on, public_keys
from triage.recover.job import Job, Log, Outcome
from triage.recover.keys import Key, fitting, wrapped_key
from triage.recover.memory import search
from triage.recover.plan import RECOVERABLE, Extent, jobs
from triage.recover.pool import outcomes
from triage.recover.tally import Result
from triage.recover.target import Target
from triage.recover.work import WorkSpec

KEY_FILE: Final = "00000000.dky"
"""What a key found in memory is kept as: other decryptors read it, too."""
_TRIED: Final = 50
"""Files that a given key is tried on before it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverOptions:
    """How a recovery was asked for.

    Attributes:
        wanted: states to write out.
        keys: given by the user.
        memory: images, dumps and hibernation files to search for the key.
        carve: look for files in free clusters, too.
        opener: opens the targets.
    """

    wanted: frozenset[RecoveryState] = frozenset(RECOVERABLE)
    keys: tuple[Key, ...] = ()
    memory: tuple[Path, ...] = ()
    workers: int = 2
    carve: bool = False
    opener: Callable[..., Evidence] = open_evidence


class Watch(Protocol):
    """Who is told how far it is."""

    def begin_memory(self, name: str, size: int) -> None: ...

    def searched(self, size: int) -> None: ...

    def begin_carving(self, volume: int, size: int) -> None: ...

    def begin(self, files: int, size: int) -> None: ...

    def done(self, outcome: Outcome) -> None: ...


def recover(case: Case, targets: tuple[Path, ...], folder: Path, options: RecoverOptions, watch: Watch) -> Result:
    """Writes out what can be saved; goes on where an earlier run was cut off.

    Raises:
        EvidenceError: it cannot be opened, or is not the case's.
        RecoveryError: the target cannot be written, is another evidence's, or a given key opens nothing.
    """
    if case.meta("argument.shadow-copies") == "yes":
        options = replace(options, opener=partial(options.opener, shadow_copies=True))
    every = recoveries_of(case)
    with _opened(options, targets) as evidence:
        mark = evidence.fingerprint()
        if mark != case.meta("evidence.fingerprint_before"):
            raise EvidenceError(f"{targets[0]}: not the evidence of this case, or it has changed since")
        if options.carve:
            refuse_carving(evidence)
        keys = (*options.keys, *keys_on(evidence, _findings(case)))
        for key in options.keys:
            _refuse_wrong(key, evidence, every())
        publics = tuple(public_keys(evidence, _findings(case)))
    remembered = tuple(_remembered(options, publics, watch))
    target = Target(folder)
    for key in remembered:
        target.keep(KEY_FILE, keyblob.private_blob(key.private))
    log = Log(target.folder, mark)
    result = Result(searched=len(options.memory), found=len(remembered))
    for outcome in log.outcomes():
        result.add(outcome)
    spec = WorkSpec(targets=targets, opener=options.opener, keys=(*keys, *remembered), folder=target.folder)

    def plan(done: Mapping[EntryId, bool]) -> Iterator[Job]:
        return jobs(every(), case, options.wanted, done, with_key=bool(options.keys or remembered))

    extent = Extent(plan({}), plan(result.done))
    watch.begin(extent.files, extent.size)
    try:
        for outcome in outcomes(extent.apart(plan(dict(result.done))), spec, options.workers):
            if result.add(outcome):
                log.add(outcome)
            watch.done(outcome)
        if options.carve:
            log.flush()
            with _opened(options, targets) as evidence:
                Carving(case, evidence, target, log, result, watch).run(every)
    finally:
        log.flush()
        target.clear()
    log.write_sums()
    return result


def _findings(case: Case) -> Iterator[tuple[Finding, Entry]]:
    return ((finding, entry) for finding, entry, _ in case.findings())


def _remembered(options: RecoverOptions, publics: Sequence[PublicKey], watch: Watch) -> Iterator[Key]:
    """Keys whose primes the memory images still hold.

    Raises:
        RecoveryError: an image cannot be searched, or the evidence holds no public key to search for.
    """
    if options.memory and not publics:
        raise RecoveryError("no 00000000.pky on the evidence: nothing tells which primes to look for in memory")
    for path in options.memory:
        for public in publics:
            watch.begin_memory(path.name, path.stat().st_size if path.exists() else 0)
            hit = search(path, public.modulus, options.workers, watch.searched)
            if hit is not None:
                yield Key(hit.key, f"{path.name} at byte {hit.offset}")


def _refuse_wrong(key: Key, evidence: Evidence, every: Iterable[Recovery]) -> None:
    """A key that opens none of the demo files, nor of the first others, is another machine's."""
    left = {True: _TRIED, False: _TRIED}
    tried = 0
    for one in every:
        demo = one.state is RecoveryState.DEMO
        if one.size is None or one.state is RecoveryState.STAGED or not left[demo]:
            continue
        if (head := _head(evidence, one.entry)) is None:
            continue
        tried += 1
        left[demo] -= 1
        if fitting((key,), wrapped_key(head, wncry.parse(head))):
            return
    raise RecoveryError(f"{key.origin}: opens none of {tried} encrypted files tried; it is another machine's key")


def _head(evidence: Evidence, entry: Entry) -> bytes | None:
    try:
        stream = evidence.open(entry)
        head = bytes(stream.read(0, min(entry.size, wncry.HEADER_MAX)))
        stream.close()
        wncry.parse(head)
    except (OSError, FormatError):
        return None
    return head


@contextmanager
def _opened(options: RecoverOptions, targets: Sequence[Path]) -> Iterator[Evidence]:
    evidence = options.opener(targets)
    try:
        yield evidence
    finally:
        evidence.close()
