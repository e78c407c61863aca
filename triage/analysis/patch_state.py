"""Whether this Windows has the fix for MS17-010. Pure: facts and the table in, a state and its reason out.

References:
    Microsoft KB4023262: the version of srv.sys decides, not the list of updates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from triage.intel.patches import PatchTable, Version, version


class PatchState(Enum):
    """What may be said; the order is from bad to good."""

    VULNERABLE = "vulnerable"
    UNDETERMINED = "undetermined"
    PATCHED = "patched"


DRIVER_FIXED = "srv.sys has the fix"
DRIVER_OLD = "srv.sys is older than the fix"
RELEASED_FIXED = "This build of Windows was released with the fix"
BUILT_LATER = "This build of Windows came after the fix"
NEVER_FIXED = "This service pack never got the fix"
BRANCH_UNKNOWN = "srv.sys is of a branch that the table does not know"
LINE_UNKNOWN = "srv.sys is neither of the general nor of the limited line of its branch"
NOT_INSTALLED = "srv.sys is not there: the SMBv1 server is not installed"
NOT_SEEN = "Neither srv.sys nor a build that settles it was seen"

REASONS = (
    *(DRIVER_FIXED, DRIVER_OLD, RELEASED_FIXED, BUILT_LATER, NEVER_FIXED, BRANCH_UNKNOWN, LINE_UNKNOWN),
    *(NOT_INSTALLED, NOT_SEEN),
)
"""Fixed phrases; outputs translate them."""

_LINES_FROM = 9999
"""Revisions above it begin with the digit of their line: 1 general, 2 limited distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchVerdict:
    """The state and why.

    Attributes:
        version: of the srv.sys in use, empty where none was seen.
        needed: the first version with the fix, empty where the table names none.
        staged: the newest copy in WinSxS that has the fix while the one in use has not: a restart may be missing.
        updates: installed updates that hold the fix: support, no proof.
        misleading: installed updates that look as if they held it.
    """

    state: PatchState
    reason: str
    version: str = ""
    needed: str = ""
    staged: str = ""
    updates: tuple[str, ...] = ()
    misleading: tuple[str, ...] = ()


def judge_patch(facts: Mapping[str, Sequence[str]], table: PatchTable, *, windows_seen: bool = True) -> PatchVerdict:
    """The state of the worst Windows in the evidence.

    Args:
        facts: name to the values that were read: `srv.sys.version srv.sys.staged_version os.version os.build
            kb.installed`.
        table: what is known of the fix.
        windows_seen: the folder of Windows' drivers was examined, so that a driver not found is not there.
    """
    installed = {kb for text in facts.get("kb.installed", ()) for kb in text.split()}
    updates = tuple(sorted(installed & table.with_fix))
    misleading = tuple(sorted(installed & set(table.updates_without_fix)))
    drivers = sorted(_versions(facts.get("srv.sys.version", ())))
    judged = [_driver(one, table) for one in drivers] or [_no_driver(facts, table, windows_seen=windows_seen)]
    order = tuple(PatchState)
    at = min(range(len(judged)), key=lambda number: order.index(judged[number][0]))
    state, reason, needed = judged[at]
    staged = "" if state is PatchState.PATCHED else _staged(facts, table)
    return PatchVerdict(
        state=state,
        reason=reason,
        version=dotted(drivers[at]) if drivers else "",
        needed=needed,
        staged=staged,
        updates=updates,
        misleading=misleading,
    )


def _driver(seen: Version, table: PatchTable) -> tuple[PatchState, str, str]:
    """State, reason and needed version for one driver."""
    branch = seen[:3]
    if branch in map(version, table.built_after_fix):
        return PatchState.PATCHED, BUILT_LATER, ""
    if branch in map(version, table.never_fixed):
        return PatchState.VULNERABLE, NEVER_FIXED, ""
    for row in table.branches:
        if version(row.branch) == branch:
            needed = row.fixed
            if row.fixed_limited:
                line = str(seen[3])[0] if seen[3] > _LINES_FROM else ""
                if line not in ("1", "2"):
                    return PatchState.UNDETERMINED, LINE_UNKNOWN, ""
                needed = row.fixed_limited if line == "2" else row.fixed
            fixed = seen >= version(needed)
            return (PatchState.PATCHED, DRIVER_FIXED, needed) if fixed else (PatchState.VULNERABLE, DRIVER_OLD, needed)
    if branch >= (10, 0, table.fixed_at_release):
        return PatchState.PATCHED, RELEASED_FIXED, ""
    return PatchState.UNDETERMINED, BRANCH_UNKNOWN, ""


def _no_driver(
    facts: Mapping[str, Sequence[str]], table: PatchTable, *, windows_seen: bool
) -> tuple[PatchState, str, str]:
    """What the build says where there is no driver to ask."""
    releases = [(*map(int, text.split(".")),) for text in facts.get("os.version", ()) if _dotted(text)]
    builds = [int(text) for text in facts.get("os.build", ()) if _dotted(text)]
    if releases and builds and min(releases) >= (10, 0) and min(builds) >= table.fixed_at_release:
        return PatchState.PATCHED, RELEASED_FIXED, ""
    if builds and windows_seen:
        return PatchState.UNDETERMINED, NOT_INSTALLED, ""
    return PatchState.UNDETERMINED, NOT_SEEN, ""


def _staged(facts: Mapping[str, Sequence[str]], table: PatchTable) -> str:
    """The newest waiting copy that has the fix."""
    fixed = [
        one
        for one in _versions(facts.get("srv.sys.staged_version", ()))
        if _driver(one, table)[0] is PatchState.PATCHED
    ]
    return dotted(max(fixed)) if fixed else ""


def _versions(texts: Iterable[str]) -> set[Version]:
    """Those of four numbers: a driver's version always has them."""
    return {version(text) for text in texts if text.count(".") == 3 and _dotted(text)}


def _dotted(text: str) -> bool:
    return all(part.isascii() and part.isdecimal() and len(part) <= 5 for part in text.split("."))


def dotted(numbers: Version) -> str:
    """A version as text."""
    return ".".join(map(str, numbers))
