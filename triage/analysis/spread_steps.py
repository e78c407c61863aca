"""A clock that was set: times before and after, told by one clock, or not at all.

Limits:
    A clock set back leaves a stretch of time that it showed twice: what was recorded in it belongs to either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from triage.model import Event, UnixNs
from triage.times import from_isoformat

_SAME: Final = 5_000_000_000
"""Two logs that tell of one step differ by no more."""
_TOLD: Final = 3_600_000_000_000
"""A log that goes back in time within an hour of a known step tells of that step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The clock went from before to after."""

    before: UnixNs
    after: UnixNs

    def twice(self, when: UnixNs) -> bool:
        """The clock showed this time before the step and after it."""
        return self.after <= when <= self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Every step in the order of the records; walls: changes of which only the moment is known."""

    steps: tuple[Step, ...]
    walls: tuple[UnixNs, ...]

    def by_clock_of(self, anchor: UnixNs, when: UnixNs) -> UnixNs | None:
        """A recorded time as the clock that went at anchor would have shown it; None where that cannot be told."""
        if any(step.twice(when) or step.twice(anchor) for step in self.steps):
            return None
        if any(min(anchor, when) < wall <= max(anchor, when) for wall in self.walls):
            return None
        moved = 0
        for step in self.steps:
            if anchor < step.after <= when or anchor < step.before < when:
                moved -= step.after - step.before
            elif when < step.after <= anchor or when < step.before < anchor:
                moved += step.after - step.before
        return UnixNs(when + moved)

    def unclear(self, when: UnixNs) -> bool:
        """The clock showed this time twice."""
        return any(step.twice(when) for step in self.steps)


def distinct(changes: Iterable[Event]) -> Iterator[Event]:
    """Each change once: System and Security both write the same step down."""
    seen: list[tuple[int, float]] = []
    for change in changes:
        step = change.details.get("step_seconds")
        if isinstance(step, (int, float)):
            if any(abs(change.when - when) < _SAME and abs(step - known) * 1e9 < _SAME for when, known in seen):
                continue
            seen.append((change.when, step))
        yield change


def steps_of(changes: Iterable[Event]) -> Steps:
    """The steps among the changes of a clock that Windows wrote down."""
    every = list(distinct(changes))
    steps: list[Step] = []
    for change in every:
        told = [from_isoformat(str(change.details.get(name, ""))) for name in ("before", "after")]
        if isinstance(change.details.get("step_seconds"), (int, float)) and told[0] is not None and told[1] is not None:
            steps.append(Step(before=told[0], after=told[1]))
    walls = [
        change.when
        for change in every
        if not isinstance(change.details.get("step_seconds"), (int, float))
        and not any(step.after - _TOLD <= change.when <= max(step.before, step.after) + _TOLD for step in steps)
    ]
    return Steps(steps=tuple(steps), walls=tuple(walls))
