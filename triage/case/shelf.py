"""Which contents fit under a limit: the same ones, in whatever order they come in.

A content's place is that of the first entry that holds it: by worth, then by size, then by entry. Kept is the longest
row of contents, from the first place on, whose sizes fit: keys before logs, and small before large.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping

from triage.case.records import Collected, Worth
from triage.case.sealed_zip import MEMBERS_MAX

_RANK = {worth: rank for rank, worth in enumerate(Worth)}

_Place = tuple[int, int, int]
"""(rank of its worth, size, entry)."""


class Shelf:
    """Contents by SHA-256.

    Args:
        limit: bytes of all contents together.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._room = limit
        self._row: list[tuple[_Place, str]] = []
        self._places: dict[str, _Place] = {}
        self._end: _Place | None = None

    def put(self, collected: Collected) -> list[int]:
        """Takes a content, and says which entries' copies are of no use now, its own perhaps among them."""
        content = collected.sha256
        assert content is not None, "only what was read to its end has a place"
        place = (_RANK[collected.worth], collected.size, int(collected.entry))
        known = self._places.get(content)
        if (known is not None and known < place) or (self._end is not None and place >= self._end):
            return [place[2]]
        useless = []
        if known is not None and known != place:
            self._row.remove((known, content))
            self._room += known[1]
            useless.append(known[2])
        if known != place:
            insort(self._row, (place, content))
            self._places[content] = place
            self._room -= place[1]
        while self._room < 0 or len(self._row) > MEMBERS_MAX:
            self._end, content = self._row.pop()
            del self._places[content]
            self._room += self._end[1]
            useless.append(self._end[2])
        return useless

    @property
    def kept(self) -> Mapping[str, int]:
        """Content to the entry whose copy stands for it, in the order of their places."""
        return {content: place[2] for place, content in self._row}
