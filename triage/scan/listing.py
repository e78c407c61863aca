"""Every entry of every volume into the case, each volume whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from triage.case import Case, VolumeInfo
from triage.case.rows import entry_row, renumbered
from triage.errors import EvidenceError
from triage.model import Entry, EntryId, Gap, GapReason, Kind
from triage.scan.asking import TRIES, answers_to, must_be
from triage.scan.messages import Answer, Failed, Gone, Listed, Surveyed, Walk, Walked
from triage.scan.pool import Lost, Pool
from triage.scan.progress import Progress


class _WalkDiedError(Exception):
    """The worker that listed a volume died, perhaps for no fault of the volume: what it gave is taken back."""


class Listing:
    """The first part of a scan.

    Args:
        seconds: what one step of a walk may take.
        known: what the evidence was when the scan began.
    """

    def __init__(self, case: Case, workers: Pool, seconds: float, known: Surveyed, progress: Progress) -> None:
        self._case = case
        self._pool = workers
        self._seconds = seconds
        self._known = known
        self._progress = progress

    def run(self) -> None:
        """Lists the volumes that are not listed yet.

        Raises:
            EvidenceError: the evidence is gone.
        """
        for volume in sorted(self._case.volumes(), key=lambda v: v.index):
            if not volume.walked:
                self._list(volume, TRIES)

    def _list(self, volume: VolumeInfo, tries: int) -> None:
        try:
            self._try(volume, last=tries == 1)
        except _WalkDiedError:
            self._list(volume, tries - 1)

    def _try(self, volume: VolumeInfo, *, last: bool) -> None:
        self._progress.begin_walk(volume.index)
        with self._case.transaction():
            with closing(answers_to(self._pool, Walk(volume.index), self._seconds)) as answers:
                end = self._take(answers, volume.index)
            if isinstance(end, Lost) and end.reason is GapReason.CRASHED and not last:
                raise _WalkDiedError
            if isinstance(end, Lost | Failed):
                must_be(self._known, self._pool, self._seconds)
                self._stand_in(volume, end.reason, f"the walk ended early: {end.detail}")
            self._case.set_walked(volume.index)

    def _take(self, answers: Iterator[Answer | Lost], volume: int) -> Walked | Lost | Failed:
        """Takes entries and gaps until the walk is over; how it ended."""
        base = self._case.last_entry()
        unchanged: list[int] = []
        for answer in answers:
            match answer:
                case Listed(rows, gaps, same):
                    self._case.add_entries(renumbered(row, base) for row in rows)
                    self._case.add_gaps(
                        Gap(entry=EntryId(gap.entry + base), stage=gap.stage, reason=gap.reason, detail=gap.detail)
                        for gap in gaps
                    )
                    unchanged.extend(entry + base for entry in same)
                    self._progress.listed(len(rows))
                case Walked() | Lost() | Failed():
                    if unchanged:
                        self._case.join_unchanged(volume, unchanged)
                    return answer
                case Gone(detail):
                    raise EvidenceError(detail)
        raise AssertionError("a walk has an end")

    def _stand_in(self, volume: VolumeInfo, reason: GapReason, detail: str) -> None:
        """An entry for all that was not listed, so that its gap has a place."""
        entry = Entry(id=EntryId(self._case.last_entry() + 1), volume=volume.index, path="/", kind=Kind.VOLUME)
        self._case.add_entries([entry_row(entry)])
        self._case.add_gaps([Gap(entry=entry.id, stage="walk", reason=reason, detail=detail)])
