"""Names of families looked up without a tree: as journals, shortcuts and other records write them.

Limits:
    A name that counts only in its place is left out, for most records do not tell the place; so are folders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from triage.intel.families import Family
from triage.intel.patterns import compile_place, is_literal, translate


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownName:
    """What a name says.

    Attributes:
        indicator: the id of the family's name, or the extension as a pattern (`*.WNCRY`).
        role: of the name; `extension` where only that is known.
        meaning: of the extension, else empty.
        stem: the name without the known extension, lower case, else empty.
        places: where such a file lies; empty where it may lie anywhere.
    """

    family: str
    indicator: str
    role: str
    meaning: str = ""
    stem: str = ""
    places: tuple[re.Pattern[str], ...] = ()

    def in_place(self, path: str) -> bool:
        """The path, whichever way its slashes lean, is where the family puts the file."""
        return any(place.fullmatch(path.lower().replace("\\", "/")) for place in self.places)


class NameIndex:
    """The names and extensions of the families."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._exact: dict[str, KnownName] = {}
        self._loose: list[tuple[re.Pattern[str], KnownName]] = []
        self._extensions: dict[str, KnownName] = {}
        for family in families:
            self._learn(family)
        self._any_loose = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in self._loose), re.DOTALL)

    def _learn(self, family: Family) -> None:
        for one in family.extensions:
            self._extensions[one.extension.lower()] = KnownName(
                family=family.id, indicator=f"*{one.extension}", role="extension", meaning=one.meaning
            )
        for name in family.names:
            if name.elsewhere == "ignore" or name.kind == "folder" or name.role in ("note-like", "trace", "common"):
                continue
            places = tuple(compile_place(place, family.placeholders) for place in name.where)
            known = KnownName(family=family.id, indicator=name.id, role=name.role, places=places)
            if is_literal(name.pattern):
                self._exact.setdefault(name.pattern.lower(), known)
            else:
                self._loose.append((re.compile(translate(name.pattern, family.placeholders), re.DOTALL), known))

    def find(self, name: str) -> KnownName | None:
        """What the last part of a path says, in whatever case."""
        name = name.lower()
        if name in self._exact:
            return self._exact[name]
        stem, dot, last = name.rpartition(".")
        extension = self._extensions.get(dot + last)
        if extension is not None and stem:
            return KnownName(
                family=extension.family,
                indicator=extension.indicator,
                role=extension.role,
                meaning=extension.meaning,
                stem=stem,
            )
        if not self._any_loose.fullmatch(name):
            return None
        return next((known for pattern, known in self._loose if pattern.fullmatch(name)), None)

    def find_path(self, path: str) -> KnownName | None:
        """What a path of Windows says by its last part."""
        return self.find(re.split(r"[\\/]", path.rstrip('\\/" '))[-1])
