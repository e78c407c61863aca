"""Which Windows has the fix for MS17-010: `yara_rules/patches.toml`, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from triage.intel.families import Reference
from triage.intel.strict import load_toml

FILE = "patches.toml"

Version = tuple[int, ...]
"""A file version: major, minor, build, revision; a branch is its first three. Compared number by number."""

_DOTTED = re.compile(r"\d{1,5}(?:\.\d{1,5}){2,3}")
_KB = re.compile(r"KB\d{6,7}")


def version(text: str) -> Version:
    """`6.1.7601.23689` as numbers.

    Raises:
        ValueError: it is no version of three or four numbers.
    """
    if not _DOTTED.fullmatch(text):
        raise ValueError(f"{text!r} is not a version of three or four numbers")
    return tuple(map(int, text.split(".")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A line of versions of one driver.

    Attributes:
        fixed: the first version with the fix.
        fixed_limited: the same for the limited distribution, whose revisions begin with 2 (the general ones with 1);
            empty where the branch has one line only.
    """

    windows: str
    branch: str
    fixed: str
    source: tuple[str, ...]
    fixed_limited: str = ""

    def __post_init__(self) -> None:
        for text in filter(None, (self.fixed, self.fixed_limited)):
            if len(version(text)) != 4 or version(text)[:3] != version(self.branch):
                raise ValueError(f"{text} is not a version of branch {self.branch}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """Updates that hold the fix."""

    windows: str
    kb: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchTable:
    """All that is known of one fix.

    Attributes:
        fixed_at_release: builds of Windows 10 from this one on never had the hole.
        never_fixed: branches for which no update was made.
        built_after_fix: branches that came after the fix.
        updates_without_fix: updates that look as if they held it.
    """

    id: str
    title: str
    reviewed: date
    fixed_at_release: int
    references: tuple[Reference, ...]
    branches: tuple[Branch, ...]
    updates: tuple[Updates, ...]
    never_fixed: tuple[str, ...] = ()
    built_after_fix: tuple[str, ...] = ()
    updates_without_fix: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        keys = {reference.key for reference in self.references}
        sources = [(row.windows, row.source) for row in self.branches] + [
            (row.windows, row.source) for row in self.updates
        ]
        for windows, source in sources:
            if not source or set(source) - keys:
                raise ValueError(f"{windows}: source is not a [[references]]")
        branches = [version(row.branch) for row in self.branches]
        branches += [version(text) for text in (*self.never_fixed, *self.built_after_fix)]
        if len(set(branches)) != len(branches) or any(len(branch) != 3 for branch in branches):
            raise ValueError("a branch is there twice, or is not three numbers")
        for kb in (*self.with_fix, *self.updates_without_fix):
            if not _KB.fullmatch(kb):
                raise ValueError(f"{kb!r} is not the number of an update")
        if self.with_fix & set(self.updates_without_fix):
            raise ValueError("an update cannot hold the fix and lack it")

    @property
    def with_fix(self) -> frozenset[str]:
        """The updates that hold the fix."""
        return frozenset(kb for row in self.updates for kb in row.kb)


def load_patches(root: Path) -> PatchTable:
    """The table under root.

    Raises:
        RuleError: `path: key: …`.
    """
    return load_toml(root / FILE, PatchTable)
