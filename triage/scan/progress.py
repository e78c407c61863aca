"""What the user sees while a scan runs: bytes, entries, findings so far, time to go. On a terminal's stderr only."""

from __future__ import annotations

import sys

from tqdm import tqdm

# tqdm's monitor is a thread, and workers are made by fork
tqdm.monitor_interval = 0


class Progress:
    """A progress bar, or silence: where stderr is a file or a pipe, nobody watches.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._silent = quiet or not sys.stderr.isatty()
        self._bar: tqdm[None] | None = None
        self._examined = 0
        self._found = 0
        self._hashed = 0

    def say(self, text: str) -> None:
        """One line about what begins now."""
        self.close()
        if not self._silent:
            sys.stderr.write(f"{text} …\n")

    def begin_walk(self, volume: int) -> None:
        """A volume is about to be listed."""
        self.close()
        self._bar = tqdm(desc=f"listing volume {volume}", unit=" names", disable=self._silent, leave=False)

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
        self._examined, self._found = examined, findings
        self._bar = tqdm(
            desc=f"examining {entries} entries",
            total=cost,
            initial=done,
            unit="B",
            unit_scale=True,
            postfix={"entries": examined, "findings": findings},
            disable=self._silent,
            leave=False,
        )

    def examined(self, cost: int, entries: int, findings: int) -> None:
        """A unit is done."""
        self._examined += entries
        self._found += findings
        if self._bar is not None:
            self._bar.set_postfix(entries=self._examined, findings=self._found, refresh=False)
            self._bar.update(cost)

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
