"""What the case still knows of a file that is found by its content alone: the record that began where it begins.

Limits:
    A deleted record's place may have been another file's since: the content decides. A name by size is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from triage.analysis.recovery import Recovery, RecoveryState
from triage.case import Case
from triage.model import Confidence, Entry, EntryId

_GONE: Final = frozenset((RecoveryState.PARTLY, RecoveryState.UNKNOWN, RecoveryState.REUSED, RecoveryState.LOST))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a carved file is called.

    Attributes:
        path: on its volume.
        entry: id of the encrypted file it belongs to, or of its own deleted record.
        encrypted: path of that encrypted file, empty where there is none.
        sure: more than a guess.
    """

    path: str
    entry: EntryId
    encrypted: str
    confidence: Confidence
    sure: bool


class Names:
    """What the case knows of files that no longer exist.

    Args:
        every: as the analysis judged.
        volumes: numbers of those that are carved.
    """

    def __init__(self, case: Case, every: Iterable[Recovery], volumes: frozenset[int]) -> None:
        self._case = case
        self._at: dict[tuple[int, int], list[EntryId]] = {}
        for entry in case.entries():
            if not entry.allocated and entry.position and entry.volume in volumes:
                self._at.setdefault((entry.volume, entry.position), []).append(entry.id)
        self._of: dict[EntryId, Recovery] = {}
        self._sizes: dict[tuple[int, int], Recovery | None] = {}
        for one in every:
            if one.source is not None and one.source != one.entry.id:
                self._of[one.source] = one
            if one.state in _GONE and one.size:
                key = one.entry.volume, one.size
                self._sizes[key] = None if key in self._sizes else one

    def records(self, volume: int, position: int) -> list[Entry]:
        """Deleted files that began at a byte of the volume."""
        return list(self._case.entries_by_id(self._at.get((volume, position), ())).values())

    def of(self, record: Entry) -> Name:
        """The name of a deleted record: its original's, where the malware had moved that aside."""
        one = self._of.get(record.id)
        if one is None:
            return Name(path=record.path, entry=record.id, encrypted="", confidence=Confidence.MEDIUM, sure=True)
        return _named(one, one.confidence, sure=not one.ambiguous)

    def by_size(self, volume: int, size: int) -> Name | None:
        """The one encrypted file, of those that nothing else is left of, whose original had this size."""
        one = self._sizes.get((volume, size))
        return None if one is None else _named(one, Confidence.LOW, sure=False)


def _named(one: Recovery, confidence: Confidence, *, sure: bool) -> Name:
    return Name(path=one.original, entry=one.entry.id, encrypted=one.entry.path, confidence=confidence, sure=sure)
