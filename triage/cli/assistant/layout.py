"""A page as lines of at most 80 columns, and which of them a small screen shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from triage.cli.assistant.terminal import COLUMNS, Option, Page
from triage.cli.assistant.wording import Words
from triage.outputs.escapes import visible
from triage.outputs.screen import width

Style = Literal["", "title", "problem", "chosen", "note", "raw"]

_SHORTCUTS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen."""

    text: str
    style: Style = ""


def lines_of(page: Page, words: Words, options: Sequence[Option] = (), chosen: int = 0) -> tuple[list[Line], range]:
    """Every line of a page, and which of them belong to the chosen option."""
    if page.raw:
        return [Line(words.shown(line), "raw") for line in page.raw.splitlines()], range(0)
    lines = [Line(words.shown(part)) for text in page.text for part in wrapped(text)]
    if page.problem:
        lines += [*_gap(lines), *(Line(words.shown(part), "problem") for part in wrapped(f"! {page.problem}", hang=2))]
    if options:
        lines += _gap(lines)
    own = range(len(lines), len(lines))
    for place, option in enumerate(options):
        before = len(lines)
        lines += _option(place, option, words, is_chosen=place == chosen)
        if place == chosen:
            own = range(before, len(lines))
    return lines, own


def _gap(lines: list[Line]) -> list[Line]:
    return [Line("")] if lines and lines[-1].text else []


def _option(place: int, option: Option, words: Words, *, is_chosen: bool) -> Iterator[Line]:
    mark = ">" if is_chosen else " "
    number = f"{place + 1}." if place < _SHORTCUTS else "  "
    for nth, part in enumerate(wrapped(option.text, room=COLUMNS - 6)):
        head = f" {mark} {number} " if not nth else " " * 6
        yield Line(words.shown(head + part), "chosen" if is_chosen else "")
    for part in wrapped(option.note, room=COLUMNS - 6) if option.note else ():
        yield Line(" " * 6 + words.shown(part), "note")


def window(count: int, own: range, height: int, top: int = 0) -> range:
    """Which lines are on a screen of that height: the chosen ones, as near to the top wished for as may be."""
    top = max(0, min(top, count - height))
    if own and own.stop > top + height:
        top = own.stop - height
    if own and own.start < top:
        top = own.start
    return range(top, min(count, top + height))


def wrapped(text: str, room: int = COLUMNS, hang: int = 0) -> Iterator[str]:
    """Broken between words; a word longer than a line is broken inside. A text of nothing is an empty line.

    Args:
        text: of any kind: what hides or reorders is shown as escapes.
        room: columns.
        hang: blanks before every line but the first.
    """
    line = ""
    for word in re.findall(r"\S+", visible(text)):
        joined = f"{line} {word}" if line.strip() else line + word
        if width(joined) <= room:
            line = joined
            continue
        if line.strip():
            yield line
            line = " " * hang
        while width(line + word) > room:
            fitting = next(n for n in range(len(word), 0, -1) if width(line + word[:n]) <= room)
            yield line + word[:fitting]
            line, word = " " * hang, word[fitting:]
        line += word
    yield line
