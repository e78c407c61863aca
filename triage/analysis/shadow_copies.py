"""How many shadow copies the machine has, from when, and how many of them were examined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.case import Case
from triage.model import Entry, Event, Finding
from triage.times import from_isoformat

_OBSERVED = "observed.shadow-copy"
_NONE, _UNKNOWN = "none", "unknown"

MARK = "shadow_copy"
"""In the details of what was seen in a shadow copy: when that was made."""


def in_shadow_copy(told: Finding | Event) -> bool:
    """It speaks of the machine as it was when a shadow copy was made."""
    return MARK in told.details


def live_events(case: Case) -> Iterator[tuple[Entry, Event]]:
    """The case's events without those of shadow copies, which tell again what the live logs tell."""
    return (pair for pair in case.events() if not in_shadow_copy(pair[1]))


def shadow_facts(case: Case) -> Mapping[str, str]:
    """`shadow_copies.count`, `.examined`, `.oldest` and `.newest`; nothing where there is no NTFS to hold any.

    The count is `undetermined` where a catalogue cannot be read and no other lists one.
    """
    seen = [value for value, _ in case.observed(_OBSERVED)]
    volumes = case.volumes()
    if not seen and not any(one.filesystem == "ntfs" and one.opened for one in volumes):
        return {}
    made = sorted(
        (value.partition(" ")[0] for value in seen if value not in (_NONE, _UNKNOWN)),
        key=lambda text: (from_isoformat(text) or 0, text),
    )
    if not made:
        return {"shadow_copies.count": "undetermined" if _UNKNOWN in seen else "0"}
    examined = sum(one.opened and one.walked for one in volumes if one.taken is not None)
    return {
        "shadow_copies.count": str(len(made)),
        "shadow_copies.examined": str(examined),
        "shadow_copies.newest": made[-1],
        "shadow_copies.oldest": made[0],
    }
