"""What the user sees while a scan runs: bytes, entries, findings so far, time to go. On a terminal's stderr only."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tqdm import tqdm

# tqdm's monitor is a thread, and workers are made by fork
tqdm.monitor_interval = 0


SAID = (
    *("opening the evidence", "listing volume", "names", "examining", "entries", "findings"),
    *("checking that the evidence is unchanged", "sealing what was collected"),
)
"""Every phrase that is shown."""

_LINE = "{desc} {percentage:3.0f}% {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]{postfix}"
"""Without a bar: on 80 columns it would push the counts off the screen."""


class Progress:
    """A line of progress, or silence: where stderr is a file or a pipe, nobody watches.

    Args:
        quiet: show nothing.
        word: how a phrase is said to this user.
        columns: how wide the bar is; None for the terminal's width.
        layout: of the line, as tqdm takes it; None for ours.
        plain: ASCII only.
    """

    def __init__(
        self,
        *,
        quiet: bool,
        word: Callable[[str], str] = str,
        columns: int | None = None,
        layout: str | None = None,
        plain: bool = False,
    ) -> None:
        self._silent = quiet or not sys.stderr.isatty()
        self._word = word
        self._columns = columns
        self._layout = layout
        self._ascii = True if plain else None
        self._bar: tqdm[None] | None = None
        self._entries = 0
        self._examined = 0
        self._found = 0
        self._hashed = 0

    def say(self, text: str) -> None:
        """One line about what begins now."""
        self.close()
        if not self._silent:
            sys.stderr.write(f"{self._word(text)} {'...' if self._ascii else '…'}\n")

    def begin_walk(self, volume: int) -> None:
        """A volume is about to be listed."""
        self.close()
        self._bar = tqdm(
            desc=f"{self._word('listing volume')} {volume}",
            unit=f" {self._word('names')}",
            ncols=self._columns,
            ascii=self._ascii,
            disable=self._silent,
            leave=False,
        )

    def listed(self, names: int) -> None:
        """So many names more."""
        if self._bar is not None:
            self._bar.update(names)

    def begin_units(self, *, entries: int, cost: int, done: int, examined: int, findings: int) -> None:
        """The plan is known.

        Args:
            entries: in all.
            cost: bytes to read in all.
            done: bytes of them that an earlier run has read.
            examined: entries that an earlier run has examined.
            findings: what it found.
        """
        self.close()
        self._entries, self._examined, self._found = entries, examined, findings
        self._bar = tqdm(
            desc=self._word("examining"),
            total=cost,
            initial=done,
            unit="B",
            unit_scale=True,
            ncols=self._columns,
            ascii=self._ascii,
            bar_format=self._layout or _LINE,
            disable=self._silent,
            leave=False,
        )
        self._bar.set_postfix_str(self._counts())

    def examined(self, cost: int, entries: int, findings: int) -> None:
        """A unit is done."""
        self._examined += entries
        self._found += findings
        if self._bar is not None:
            self._bar.set_postfix_str(self._counts(), refresh=False)
            self._bar.update(cost)

    def _counts(self) -> str:
        return f"{self._examined}/{self._entries} {self._word('entries')}, {self._found} {self._word('findings')}"

    def hashed(self, media: int) -> None:
        """So many bytes of the media are hashed, in all."""
        if self._bar is not None and media > self._hashed:
            self._bar.update(media - self._hashed)
            self._hashed = media

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
