"""The picture as plain SVG, for paper and for browsers without scripts: in slices that fit a page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from triage.analysis.spread import Outbreak
from triage.analysis.spread_records import State
from triage.model import UnixNs
from triage.outputs.figures import shortened
from triage.outputs.outbreak import told
from triage.outputs.outbreak.layout import CONFIDENCES, STAGES, Arrow, Layout, Row
from triage.outputs.outbreak.wording import word
from triage.times import in_vietnam

WIDTH: Final = 1000
GUTTER: Final = 170
ROW: Final = 15
_TOP: Final = 24
_SLICE: Final = 75
_TICKS: Final = 5
_LABEL: Final = 24
_STEPS: Final = (60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000, 315360000)


def slices(outbreak: Outbreak, layout: Layout, lang: str) -> Iterator[str]:
    """SVG texts, top to bottom."""
    for begin in range(0, len(layout.rows), _SLICE):
        rows = layout.rows[begin : begin + _SLICE]
        height = _TOP + ROW * len(rows) + 4
        parts = [
            f'<svg class="slice" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="{escape(word("Spread and common timeline", lang))}">',
            *_axis(layout, height),
            *(_group(outbreak, row, number, lang) for number, row in enumerate(rows) if row.group is not None),
            *(_row(outbreak, layout, row, number) for number, row in enumerate(rows)),
            *_arrows(outbreak, layout, begin, begin + len(rows)),
            "</svg>",
        ]
        yield "".join(parts)


def ticks(begin: int, end: int, most: int = _TICKS) -> list[int]:
    """Round times of Vietnam between two times, milliseconds; at most so many."""
    step = next((s for s in _STEPS if (end - begin) // (s * 1000) <= most), _STEPS[-1]) * 1000
    shift = 7 * 3_600_000
    first = -(-(begin + shift) // step) * step - shift
    return list(range(first, end + 1, step))


def _x(layout: Layout, when: int) -> float:
    share = (when - layout.begin) / (layout.end - layout.begin)
    return round(GUTTER + min(max(share, 0), 1) * (WIDTH - GUTTER - 8), 1)


def _y(number: int) -> int:
    return _TOP + ROW * number


def _axis(layout: Layout, height: int) -> Iterator[str]:
    for when in ticks(layout.begin, layout.end):
        x = _x(layout, when)
        text = in_vietnam(UnixNs(when * 1_000_000))
        yield f'<path class="grid" d="M{x} {_TOP - 4}V{height}"/>'
        yield f'<text class="tick" x="{x}" y="13" text-anchor="middle">{text[:5]} {text[9:14]}</text>'


def _group(outbreak: Outbreak, row: Row, number: int, lang: str) -> str:
    assert row.group is not None
    y, text = _y(number), told.by_clock(outbreak, row.group, lang, own=row.own)
    line = f'<path class="border" d="M0 {y}H{WIDTH}"/>'
    return f'{line}<text class="tick" x="{WIDTH - 4}" y="{y + 10}" text-anchor="end">{escape(text)}</text>'


def _row(outbreak: Outbreak, layout: Layout, row: Row, number: int) -> str:
    machine, y = outbreak.machines[row.place], _y(number)
    label = shortened(told.name(outbreak, row.place), _LABEL)
    parts = [f'<text class="label {machine.state.value}" x="2" y="{y + 11}">{escape(label)}</text>']
    for stage, begin, end in row.bars:
        x = _x(layout, begin)
        width = max(2, round(_x(layout, end) - x, 1))
        own = " own" if row.own else ""
        parts.append(
            f'<rect class="{STAGES[stage]}{own}" x="{x}" y="{y + 2 + 4 * stage}" width="{width}" height="3.4"/>'
        )
    if row.start:
        parts.append(_sign(layout, row, y))
    elif machine.state is State.NOT_EXAMINED:
        parts.append(f'<path class="missing" d="M{GUTTER} {y + 8}H{WIDTH - 8}"/>')
    return "".join(parts)


def _sign(layout: Layout, row: Row, y: int) -> str:
    """The first sign and the bounds of its time; a point at the edge where it lies beyond."""
    assert row.start is not None
    low, high = _x(layout, row.start[0]), _x(layout, row.start[1])
    middle = round((low + high) / 2, 1)
    kind = "sign own" if row.own else "sign"
    bounds = f'<path class="bounds" d="M{low} {y + 8}H{high}"/>'
    return f'{bounds}<circle class="{kind}" cx="{middle}" cy="{y + 8}" r="2.6"/>'


def _arrows(outbreak: Outbreak, layout: Layout, begin: int, end: int) -> Iterator[str]:
    for arrow in layout.arrows:
        if not begin <= arrow.to < end:
            continue
        x, y = _x(layout, arrow.to_ms), _y(arrow.to - begin) + 8
        if begin <= arrow.of < end:
            yield _curve(arrow, _x(layout, arrow.from_ms), _y(arrow.of - begin) + 8, x, y)
        else:  # from another page
            name = shortened(told.name(outbreak, layout.rows[arrow.of].place), _LABEL)
            yield f'<text class="from" x="{x - 5}" y="{y + 3}" text-anchor="end">← {escape(name)}</text>'


def _curve(arrow: Arrow, x: float, y: int, to_x: float, to_y: int) -> str:
    bend = round(min(60, 12 + abs(to_y - y) / 3), 1)
    share = " share" if arrow.share else ""
    way = 1 if to_y > y else -1
    line = f"M{x} {y}C{x - bend} {y} {round(to_x - bend, 1)} {to_y} {round(to_x - 4, 1)} {to_y}"
    head = f"M{round(to_x - 9, 1)} {to_y - 3 * way}L{round(to_x - 3, 1)} {to_y}L{round(to_x - 9, 1)} {to_y + 3 * way}"
    return f'<path class="arrow {CONFIDENCES[arrow.confidence].value}{share}" d="{line}{head}"/>'
