"""The machine's clock: its zone, when it was set, and by how much it was off.

Limits:
    What Windows wrote down of a clock that was set tells a difference, not who was right: a service that asks other
    machines for the time is believed, a person is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from triage.analysis.course import Phase
from triage.analysis.phases import PhaseId
from triage.model import Event, UnixNs

_TOLD_AGAIN: Final = 1_000_000_000
"""System and Security both record one step, with this between them at most."""
_TIME_SERVICE: Final = ("svchost.exe", "w32tm.exe")
"""The Windows Time service lives in the first and is steered by the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """By how much the clock was moved after the attack.

    Attributes:
        seconds: to add to the times of the attack, if the clock was right from then on; negative: it was fast.
        since: when it was moved for the last time, by the new clock.
        by: the program that did it, else the account; empty where the record does not say.
        synchronised: the service that asks other machines for the time did it.
    """

    seconds: float
    since: UnixNs
    by: str
    synchronised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The machine's clock.

    Attributes:
        zone: as Windows calls it, empty where unknown.
        bias: what local time is ahead of UTC (`+07:00`), empty where unknown.
        changes: when it was set, from the records of Windows.
        skew: None where no record tells that it was moved after the attack: unknown, not zero.
    """

    zone: str
    bias: str
    changes: tuple[Event, ...]
    skew: Skew | None


def clock_of(changes: Iterable[Event], phases: Mapping[PhaseId, Phase], facts: Mapping[str, str]) -> Clock:
    """The clock. changes: in time order; facts: name to value."""
    every = tuple(changes)
    last = phases[PhaseId.LAST].last if PhaseId.LAST in phases else None
    return Clock(
        zone=facts.get("time.zone", ""),
        bias=facts.get("time.zone_bias", ""),
        changes=every,
        skew=None if last is None else _skew(every, last),
    )


def _skew(changes: Iterable[Event], last: UnixNs) -> Skew | None:
    seconds, latest = 0.0, None
    for change in changes:
        step = change.details.get("step_seconds")
        # the record stands at the new time; the traces of the attack were written by the old one
        if not isinstance(step, (int, float)) or change.when - step * 1e9 < last:
            continue
        if latest is None or change.when - latest.when > _TOLD_AGAIN:
            seconds += step
        latest = change
    if latest is None:
        return None
    image, account = str(latest.details.get("image", "")), str(latest.details.get("account", ""))
    return Skew(
        seconds=round(seconds, 3),
        since=latest.when,
        by=image or account,
        synchronised=image.lower().rpartition("\\")[2] in _TIME_SERVICE,
    )
