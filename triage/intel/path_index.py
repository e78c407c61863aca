"""Thousands of regular expressions over every path: an index of four-letter pieces says which can match at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from triage.intel.ioc_import import FilenameIoc
from triage.intel.regexes import required_literals

_PIECE = 4


class PathIndex:
    """Finds the file-name indicators that match a path.

    Every expression is filed under the rarest four letters that each of its matches must hold; a path looks up its own
    pieces, and only what it finds there is run. What needs no four letters is run on every path.
    """

    def __init__(self, iocs: Sequence[FilenameIoc]) -> None:
        pieces = [_pieces(ioc.regex) for ioc in iocs]
        common = Counter(piece for found in pieces for piece in found)
        self._filed: dict[str, list[_Compiled]] = {}
        self._loose: list[_Compiled] = []
        for ioc, found in zip(iocs, pieces, strict=True):
            rarest = min(found, key=lambda piece: (common[piece], piece), default=None)
            (self._loose if rarest is None else self._filed.setdefault(rarest, [])).append(_Compiled(ioc))

    def matches(self, path: str) -> Iterator[FilenameIoc]:
        """The indicators that match a path written with back-slashes, in no particular order, each once."""
        lower = path.lower()
        filed = self._filed
        if filed:
            for piece in {lower[start : start + _PIECE] for start in range(len(lower) - _PIECE + 1)} & filed.keys():
                yield from (one.ioc for one in filed[piece] if one.fits(path))
        yield from (one.ioc for one in self._loose if one.fits(path))


class _Compiled:
    """An indicator whose expressions are compiled when first needed: most never are."""

    __slots__ = ("_exception", "_regex", "ioc")

    def __init__(self, ioc: FilenameIoc) -> None:
        self.ioc = ioc
        self._regex: re.Pattern[str] | None = None
        self._exception: re.Pattern[str] | None = None

    def fits(self, path: str) -> bool:
        if self._regex is None:
            self._regex = re.compile(self.ioc.regex)
            self._exception = re.compile(self.ioc.exception) if self.ioc.exception else None
        return bool(self._regex.search(path)) and not (self._exception and self._exception.search(path))


def _pieces(regex: str) -> set[str]:
    return {
        literal[start : start + _PIECE]
        for literal in (text.lower() for text in required_literals(regex))
        for start in range(len(literal) - _PIECE + 1)
    }
