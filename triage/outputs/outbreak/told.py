"""Pieces of text that the tables, the page and the report of an outbreak share."""

from __future__ import annotations

from typing import Final

from triage.analysis.spread import Outbreak
from triage.analysis.spread_clocks import TRUTH, Bounds
from triage.analysis.spread_edges import Candidate, Edge, Evidence, Undecided
from triage.model import UnixNs
from triage.outputs.escapes import visible
from triage.outputs.figures import number, shortened
from triage.outputs.outbreak.wording import word
from triage.times import in_vietnam

_SECOND: Final = 1_000_000_000
_LONGEST: Final = 200


def name(outbreak: Outbreak, place: int) -> str:
    """A machine's name, or what stands for the true time."""
    return visible(outbreak.machines[place].name) if place != TRUTH else ""


def names(outbreak: Outbreak, places: tuple[int, ...], lang: str, most: int = 12) -> str:
    """Some names, and how many more there are."""
    shown = ", ".join(name(outbreak, place) for place in places[:most])
    more = len(places) - most
    return f"{shown}, … (+{number(more, lang)})" if more > 0 else shown


def rank(outbreak: Outbreak, place: int) -> str:
    """`3`, or `3–7` where the bounds leave it open; empty without a first sign."""
    start = outbreak.starts.get(place)
    if start is None:
        return ""
    low, high = start.rank
    return str(low) if low == high else f"{low}–{high}"


def clock(outbreak: Outbreak, place: int, lang: str) -> str:
    """By how much a clock is ahead, and of what."""
    if not outbreak.shown.tied(place):
        return word("unknown", lang)
    group = outbreak.shown.group(place)
    if group == place:
        return f"{word('compared with', lang)} {name(outbreak, place)}: 0"
    whom = word("true time", lang) if group == TRUTH else name(outbreak, group)
    return f"{bounds(outbreak.shown.ahead(place), lang)} {word('compared with', lang)} {whom}"


def by_clock(outbreak: Outbreak, group: int, lang: str, *, own: bool) -> str:
    """Whose clock times are told by."""
    if own:
        return word("each by its own clock: not comparable", lang)
    if group == TRUTH:
        return word("true time", lang)
    return f"{word('by the clock of', lang)} {name(outbreak, group)}"


def bounds(ahead: Bounds, lang: str) -> str:
    """`−7.217 … −7.183 s`, whole seconds outward."""
    low, high = ahead.low // _SECOND, -(-ahead.high // _SECOND)
    return f"{_signed(low, lang)} … {_signed(high, lang)} s"


def _signed(value: int, lang: str) -> str:
    return f"{'−' if value < 0 else '+'}{number(abs(value), lang)}"


def moment(when: int | None) -> str:
    """A time as an office writes it, UTC+7; empty where there is none."""
    return "" if when is None else in_vietnam(UnixNs(when))


def evidence(outbreak: Outbreak, one: Evidence, lang: str) -> str:
    """One line: what, when, where it is written."""
    parts = [word(one.kind, lang, "evidence")]
    if one.count > 1:
        parts[0] += f" ×{number(one.count, lang)}"
    if one.when is not None:
        parts.append(f"{moment(one.when)} ({word('own clock', lang)} {name(outbreak, one.told_by)})")
    who = " ".join(visible(text) for text in (one.address, one.name) if text)
    if who:
        parts.append(f"{who} {word(one.by, lang, 'by')}".strip() if one.by else who)
    where = shortened(visible(one.source), _LONGEST)
    parts.append(f"{where}{f' #{one.record}' if one.record is not None else ''}")
    return "; ".join(parts)


def alternatives(outbreak: Outbreak, edge: Edge, lang: str) -> str:
    """Who else it may have been: never nobody."""
    listed = ", ".join(_other(outbreak, one, lang) for one in edge.alternatives)
    if not listed:
        return word("none in the logs; a machine that left no trace", lang)
    return f"{listed}; {word('or a machine that left no trace', lang)}"


def _other(outbreak: Outbreak, one: Candidate, lang: str) -> str:
    kinds = dict.fromkeys(word(piece.kind, lang, "evidence") for piece in one.evidence)
    return f"{name(outbreak, one.machine)} ({', '.join(kinds)})"


def why(one: Undecided, lang: str) -> str:
    """Why a contact accuses nobody."""
    told = word(one.why.value, lang, "why")
    return f"{told}: {word(one.doubt.value, lang, 'doubt')}" if one.doubt else told


def sources(outbreak: Outbreak) -> dict[int, list[Edge]]:
    """Machine to the edges that lead to it."""
    found: dict[int, list[Edge]] = {}
    for edge in outbreak.edges:
        found.setdefault(edge.to, []).append(edge)
    return found
