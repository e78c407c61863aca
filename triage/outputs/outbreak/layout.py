"""Where everything stands in the picture of an outbreak: a row for each machine, its times along the row.

A machine whose clock could not be compared stands in time by its own, and is marked; times are milliseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from triage.analysis.phases import PhaseId
from triage.analysis.spread import Outbreak
from triage.analysis.spread_edges import Edge, Way
from triage.model import Confidence

STAGES: Final = ("came", "harm", "after")
_STAGE: Final = {
    **dict.fromkeys((PhaseId.ARRIVAL, PhaseId.DROP, PhaseId.PERSISTENCE, PhaseId.KILL_SWITCH), 0),
    **dict.fromkeys((PhaseId.USER_FOLDERS, PhaseId.DRIVES, PhaseId.NOTES), 1),
    **dict.fromkeys((PhaseId.SHADOW_COPIES, PhaseId.FILLER, PhaseId.LAST), 2),
}
CONFIDENCES: Final = tuple(Confidence)
_MS: Final = 1_000_000
_MINUTE: Final = 60_000
_FEW: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One machine.

    Attributes:
        start: (low, high) of its first sign.
        own: by its own clock.
        group: whose clock it stands by, where a row begins whose times cannot be compared with those above; else None.
        bars: (stage, from, to).
    """

    place: int
    group: int | None
    start: tuple[int, int] | None
    own: bool
    bars: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """From row to row; from_ms is the contact, by the clock of the row it leads to. confidence: 0 high to 2 low."""

    of: int
    to: int
    from_ms: int
    to_ms: int
    confidence: int
    share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """rows in order; begin, end: what the picture shows at first, of all that is told."""

    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]
    begin: int
    end: int


def laid_out(outbreak: Outbreak) -> Layout:
    """The picture, in time and rows alone: how large it is drawn is another's business."""
    rows = tuple(_grouped(outbreak, [_row(outbreak, place) for place in outbreak.order]))
    at = {row.place: number for number, row in enumerate(rows)}
    arrows = (_arrow(outbreak, edge, rows, at) for edge in outbreak.edges)
    begin, end = _span(rows)
    return Layout(rows=rows, arrows=tuple(arrow for arrow in arrows if arrow), begin=begin, end=end)


def _grouped(outbreak: Outbreak, rows: Sequence[Row]) -> Iterator[Row]:
    """Marks the first row of each clock; machines that stand alone, or show no sign, are one group of each kind."""
    last: object = None
    for row in rows:
        group = outbreak.shown.group(row.place)
        kind = "none" if row.start is None else "own" if row.own else group
        yield replace(row, group=group) if kind != last and row.start is not None else row
        last = kind


def _row(outbreak: Outbreak, place: int) -> Row:
    machine, start = outbreak.machines[place], outbreak.starts.get(place)
    tied = outbreak.shown.tied(place)
    ahead = _middle(outbreak, place)
    bars: dict[int, tuple[int, int]] = {}
    for phase in machine.phases if start else ():
        if phase.first is None or phase.last is None or (start and phase.first < machine_first(outbreak, place)):
            continue
        stage, begin, end = _STAGE[phase.id], (phase.first - ahead) // _MS, (phase.last - ahead) // _MS
        known = bars.get(stage, (begin, end))
        bars[stage] = min(known[0], begin), max(known[1], end)
    return Row(
        place=place,
        group=None,
        start=(start.low // _MS, start.high // _MS) if start else None,
        own=start is not None and not tied,
        bars=tuple((stage, *bars[stage]) for stage in sorted(bars)),
    )


def machine_first(outbreak: Outbreak, place: int) -> int:
    """The first sign by the machine's own clock: ordinary events before it are no part of its row."""
    first = outbreak.machines[place].first
    return first.when if first else 0


def _middle(outbreak: Outbreak, place: int) -> int:
    ahead = outbreak.shown.ahead(place)
    return (ahead.low + ahead.high) // 2


def _arrow(outbreak: Outbreak, edge: Edge, rows: Sequence[Row], at: dict[int, int]) -> Arrow | None:
    start = rows[at[edge.to]].start
    if start is None:
        return None
    arrived = (start[0] + start[1]) // 2
    times = [
        (one.when - _middle(outbreak, one.told_by)) // _MS
        for one in edge.evidence
        if one.when is not None and outbreak.shown.tied(one.told_by)
    ]
    left = min(max(times, default=arrived), arrived) if edge.way is Way.INFECTION else arrived
    return Arrow(
        of=at[edge.of],
        to=at[edge.to],
        from_ms=left,
        to_ms=arrived,
        confidence=CONFIDENCES.index(edge.confidence),
        share=edge.way is Way.SHARE,
    )


def _span(rows: Iterable[Row]) -> tuple[int, int]:
    """The first clock's rows, or all where those are few; of many without the few that lie far off.

    What lies beyond stands at the edge.
    """
    told = [row for row in rows if row.start]
    second = next((at for at, row in enumerate(told) if at and row.group is not None), len(told))
    near = told[:second] if second >= _FEW else [row for row in told if not row.own] or told
    if not near:
        return 0, _MINUTE
    starts = sorted(row.start[0] for row in near if row.start)
    ends = sorted(max((bar[2] for bar in row.bars), default=row.start[1]) for row in near if row.start)
    if len(near) > _FEW:
        cut = len(near) // 50
        starts, ends = starts[cut:], ends[: len(ends) - cut]
    margin = max(_MINUTE, (ends[-1] - starts[0]) // 40)
    return starts[0] - margin, ends[-1] + margin
