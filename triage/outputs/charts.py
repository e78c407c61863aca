"""What the report's pictures show, as numbers; the template draws them as inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from triage.analysis.dossier import Coverage, Tally
from triage.analysis.inventory import OTHERS
from triage.analysis.rate import Rate
from triage.analysis.recovery import RecoveryState
from triage.analysis.savable import Hope, Savable, Share, hoped
from triage.model import UnixNs

ROWS: Final = 12
"""Bars in one chart; what is beyond stands in one last row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a bar chart. length in percent of the longest; others marks the last row, which sums up the rest."""

    key: str
    files: int
    bytes: int
    length: float
    others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a bar that shows a whole; start and length in percent."""

    name: str
    count: int
    start: float
    length: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the chart of speed. place, width and height in percent of the chart."""

    begin: UnixNs
    files: int
    bytes: int
    place: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HopeRow:
    """What comes back of the files of a user, a type or a folder; segments as parts of the row's own whole."""

    key: str
    shares: dict[Hope, Share]
    segments: tuple[Segment, ...]


def hopes(savable: Savable) -> list[tuple[str, list[HopeRow]]]:
    """(user, type or folder; its rows, the most files first); what is beyond ROWS is left to the workbook."""
    kinds = (("user", savable.by_user), ("type", savable.by_type), ("folder", savable.by_folder))
    return [(kind, _hope_rows(groups)) for kind, groups in kinds]


def _hope_rows(groups: Mapping[str, Mapping[RecoveryState, Share]]) -> list[HopeRow]:
    rows = [_hope_row(key, hoped(shares)) for key, shares in groups.items()]
    return sorted(rows, key=lambda row: (-sum(share.files for share in row.shares.values()), row.key))[:ROWS]


def _hope_row(key: str, shares: dict[Hope, Share]) -> HopeRow:
    whole, start, parts = sum(share.files for share in shares.values()), 0.0, []
    for hope, share in shares.items():
        length = 100 * share.files / whole
        parts.append(Segment(name=hope.value, count=share.files, start=start, length=length))
        start += length
    return HopeRow(key=key, shares=shares, segments=tuple(parts))


def columns(rate: Rate | None) -> list[Column]:
    """The speed of encryption over time, empty where no time is known; whatever is not nothing can be seen."""
    if rate is None:
        return []
    width = 100 / len(rate.stretches)
    return [
        Column(
            begin=one.begin,
            files=one.files,
            bytes=one.bytes,
            place=round(place * width, 3),
            width=round(width * 0.9, 3),
            height=max(2.0, _rounded(one.files, rate.peak)),
        )
        for place, one in enumerate(rate.stretches)
        if one.files
    ]


def bars(tallies: Iterable[Tally]) -> list[Bar]:
    """The most files first, ties by name; keys beyond ROWS are summed up."""
    rows = sorted(tallies, key=lambda tally: (tally.key == OTHERS, -tally.files, tally.key))
    shown = [row for row in rows[:ROWS] if row.key != OTHERS]
    beyond = rows[len(shown) :]
    longest = max((row.files for row in shown), default=0) or 1
    result = [Bar(key=row.key, files=row.files, bytes=row.bytes, length=_rounded(row.files, longest)) for row in shown]
    if beyond:
        files, size = sum(row.files for row in beyond), sum(row.bytes for row in beyond)
        length = min(100.0, _rounded(files, longest))
        result.append(Bar(key=OTHERS, files=files, bytes=size, length=length, others=True))
    return result


def segments(coverage: Coverage) -> list[Segment]:
    """full, head, metadata and gaps over all entries; whatever is not nothing can be seen (1 percent at least)."""
    parts = (
        ("full", coverage.full),
        ("head", coverage.head),
        ("metadata", coverage.metadata),
        ("gaps", coverage.gaps),
    )
    widths = [max(_rounded(count, coverage.entries or 1), 1.0) if count else 0.0 for _, count in parts]
    scale = 100 / (sum(widths) or 1)
    result, start = [], 0.0
    for (name, count), part in zip(parts, widths, strict=True):
        length = round(part * scale, 2)
        result.append(Segment(name=name, count=count, start=round(start, 2), length=length))
        start += length
    return result


def _rounded(part: int, whole: int) -> float:
    return round(100 * part / whole, 2)
