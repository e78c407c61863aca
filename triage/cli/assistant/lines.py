"""The poorest terminal: one line after the other, numbers and Enter. For teletypes, `TERM=dumb` and screen readers."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence
from typing import Final, TextIO

from triage.cli.assistant.layout import lines_of
from triage.cli.assistant.terminal import Back, Left, Option, Page
from triage.cli.assistant.wording import Words

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


class Lines:
    """See `Terminal`. `0` goes back, `q` leaves, an empty answer takes what is marked."""

    def __init__(self, keyboard: TextIO, screen: TextIO) -> None:
        self._words = Words("vi")
        self._in = keyboard
        self._out = screen

    def speak(self, words: Words) -> None:
        self._words = words

    def choose(self, page: Page, options: Sequence[Option], start: int = 0) -> int:
        while True:
            self._print(page, options, start)
            told = self._read(self._words("keys-lines"))
            if not told:
                return start
            if told.isdecimal() and 1 <= int(told) <= len(options):
                return int(told) - 1
            if told == "0":
                raise Back
            if told.lower() == "q":
                raise Left

    def ask(self, page: Page, given: str = "", *, secret: bool = False, path: bool = False) -> str:  # noqa: ARG002
        self._print(page)
        hint = self._words("keys-lines-ask", given=given or "-")
        if secret:
            return getpass.getpass(self._words.shown(f"{hint} > "))
        told = self._read(hint)
        if told == "0":
            raise Back
        return told or given

    def show(self, page: Page) -> None:
        self._print(page)
        if self._read(self._words("keys-lines-show")) == "0":
            raise Back

    def clear(self, page: Page) -> None:
        self._print(page)

    def _print(self, page: Page, options: Sequence[Option] = (), chosen: int = 0) -> None:
        lines, _own = lines_of(page, self._words, options, chosen)
        head = f"== {page.title} ==" if page.title else ""
        self._out.write("\n" + self._words.shown(head) + "\n")
        self._out.writelines(_COLOURS.sub("", line.text) + "\n" for line in lines)
        self._out.flush()

    def _read(self, hint: str) -> str:
        self._out.write(self._words.shown(f"{hint} > "))
        self._out.flush()
        line = self._in.readline()
        if not line:  # the line was cut
            raise Left
        return line.strip()
