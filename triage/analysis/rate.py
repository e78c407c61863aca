"""How many files were encrypted in each stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from triage.model import UnixNs

_SECOND: Final = 1_000_000_000
WIDTHS: Final = (1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400, 604_800)
"""Seconds of one stretch; the shortest that gives no more than STRETCHES of them."""
STRETCHES: Final = 120
_OUTSIDE: Final = 0.005
_MANY: Final = 20
_STRETCHED: Final = 4
"""A few files far from the rest (moved or renamed weeks later) must not press the rest into one bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Files and bytes (of the originals) encrypted from begin on."""

    begin: UnixNs
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """width: seconds of each stretch; outside: files whose time lies far from the others'."""

    width: int
    stretches: tuple[Stretch, ...]
    outside: int = 0

    @property
    def peak(self) -> int:
        """Most files in one stretch."""
        return max((stretch.files for stretch in self.stretches), default=0)


def rate_of(times: Sequence[int], sizes: Sequence[int]) -> Rate | None:
    """The rate over time, None where no time is known.

    Args:
        times: UnixNs, ascending.
        sizes: bytes of the originals, in the same order.
    """
    if not times:
        return None
    low, high = _bulk(times)
    width = next(
        (w for w in WIDTHS if times[high] // (w * _SECOND) - times[low] // (w * _SECOND) < STRETCHES), WIDTHS[-1]
    )
    step = width * _SECOND
    files: dict[int, int] = {}
    amounts: dict[int, int] = {}
    for place in range(low, high + 1):
        at = times[place] // step
        files[at] = files.get(at, 0) + 1
        amounts[at] = amounts.get(at, 0) + sizes[place]
    first = times[low] // step
    last = min(times[high] // step, first + 10 * STRETCHES)
    stretches = tuple(
        Stretch(begin=UnixNs(at * step), files=files.get(at, 0), bytes=amounts.get(at, 0))
        for at in range(first, last + 1)
    )
    return Rate(width=width, stretches=stretches, outside=len(times) - sum(stretch.files for stretch in stretches))


def _bulk(times: Sequence[int]) -> tuple[int, int]:
    """First and last place, without the few that would stretch the span many times over."""
    spare = max(int(len(times) * _OUTSIDE), len(times) >= _MANY)
    low, high = spare, len(times) - 1 - spare
    span = times[high] - times[low]
    if times[0] >= times[low] - _STRETCHED * span:
        low = 0
    if times[-1] <= times[high] + _STRETCHED * span:
        high = len(times) - 1
    return low, high
