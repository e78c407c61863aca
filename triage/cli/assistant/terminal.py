"""What the assistant needs of a terminal: a page with choices, a line to write, a page to read.

Whatever is asked may be answered by going back or by leaving: both come as exceptions, so that no step has to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.cli.assistant.wording import Words

COLUMNS = 78
"""A page is as wide on every terminal: 80 columns less a margin."""


class Back(Exception):  # noqa: N818 - a wish, no error
    """The step before, please."""


class Left(Exception):  # noqa: N818
    """Enough for today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands on the screen.

    Attributes:
        title: one line.
        text: lines and paragraphs, wrapped by the terminal.
        problem: what went wrong just now and what to do about it; empty where nothing did.
        raw: text that is laid out already, with its colours; in place of `text`.
    """

    title: str
    text: tuple[str, ...] = ()
    problem: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several things to choose; the note stands below it."""

    text: str
    note: str = ""


class Terminal(Protocol):
    """A keyboard and a screen. Every method raises `Back` or `Left` where the user wants that."""

    def speak(self, words: Words) -> None:
        """From now on in these words."""

    def choose(self, page: Page, options: Sequence[Option], start: int = 0) -> int:
        """The place of what was chosen, from 0; start is offered first."""

    def ask(self, page: Page, given: str = "", *, secret: bool = False, path: bool = False) -> str:
        """A line of text without the blanks around it; given may be changed. path: names of files are completed."""

    def show(self, page: Page) -> None:
        """Until it is read."""

    def clear(self, page: Page) -> None:
        """Leaves the screen, below this page, to what follows."""
