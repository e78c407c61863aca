"""From what the analysis says of each file to what is done about it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from triage.analysis.recovery import NAMELESS, Recovery, RecoveryState
from triage.case import Case
from triage.model import Confidence, Entry, EntryId
from triage.recover.job import How, Job
from triage.recover.target import safe_name

BY_COPY: Final = frozenset(
    (
        RecoveryState.ORIGINAL,
        RecoveryState.SHADOW,
        RecoveryState.FREE,
        RecoveryState.PARTLY,
        RecoveryState.UNKNOWN,
    )
)
RECOVERABLE: Final = tuple(state for state in RecoveryState if state not in (RecoveryState.REUSED, RecoveryState.LOST))
_CHUNK: Final = 500


def jobs(
    every: Iterable[Recovery],
    case: Case,
    wanted: frozenset[RecoveryState],
    done: Mapping[EntryId, bool],
    *,
    with_key: bool,
) -> Iterator[Job]:
    """What is to be written out, in the order given.

    Args:
        every: as the analysis judged.
        case: gives the entries of their sources.
        wanted: states to write out.
        done: encrypted files that an earlier run has written out, and whether for certain.
        with_key: a key is at hand: every encrypted file is tried that nothing better is left of.
    """
    chunk: list[tuple[Recovery, How]] = []
    for one in every:
        how = _how(one, with_key=with_key)
        state = RecoveryState.KEY if how is How.DECRYPT and one.state is not RecoveryState.DEMO else one.state
        if how is None or state not in wanted:
            continue
        if (certain := done.get(one.entry.id)) is not None and (certain or not _opens(how)):
            continue
        chunk.append((one, how))
        if len(chunk) >= _CHUNK:
            yield from _made(chunk, case)
            chunk.clear()
    yield from _made(chunk, case)


class Extent:
    """How much there is to do, told before it is done; and who wants the place of another.

    Args:
        every: all jobs, an earlier run's too: a run that goes on gives the same names.
        left: those not done yet.
    """

    def __init__(self, every: Iterable[Job], left: Iterable[Job]) -> None:
        places = Counter(map(_place_hash, every))
        self._taken = {place for place, wanted in places.items() if wanted > 1}
        self.files = self.size = 0
        for job in left:
            self.files += 1
            self.size += job.source.size

    def apart(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """The jobs; those that want one place get names of their own."""
        for job in jobs:
            yield replace(job, apart=True) if _place_hash(job) in self._taken else job


def _place_hash(job: Job) -> int:
    """Of where a job's file goes, on a disk that tells neither case nor composition."""
    path = "/".join(map(safe_name, job.original.split("/")))
    return hash((job.entry.volume, unicodedata.normalize("NFC", path).casefold()))


def _opens(how: How) -> bool:
    """A key is better than the copy of what was deleted."""
    return how is How.DECRYPT


def _how(one: Recovery, *, with_key: bool) -> How | None:
    if one.state is RecoveryState.STAGED:
        return How.STAGED
    certain = one.state in (RecoveryState.ORIGINAL, RecoveryState.SHADOW) or one.reason == NAMELESS
    if one.state in (RecoveryState.KEY, RecoveryState.DEMO) or (with_key and one.size is not None and not certain):
        return How.DECRYPT
    return How.COPY if one.state in BY_COPY else None


def _made(chunk: Iterable[tuple[Recovery, How]], case: Case) -> Iterator[Job]:
    rows = list(chunk)
    ids = {one.source for one, _ in rows if one.source is not None}
    sources: Mapping[int, Entry] = case.entries_by_id(ids)
    for one, how in rows:
        source = sources[one.source] if how is How.COPY and one.source is not None else one.entry
        yield Job(
            entry=one.entry,
            source=source,
            original=one.original,
            size=one.size,
            how=how,
            state=RecoveryState.KEY if how is How.DECRYPT and one.state is not RecoveryState.DEMO else one.state,
            confidence=one.confidence,
            sure=how is not How.COPY or (source.allocated and one.confidence is Confidence.HIGH and not one.ambiguous),
            ambiguous=one.ambiguous,
            instead=sources[one.source] if how is How.DECRYPT and one.state in BY_COPY and one.source else None,
        )
