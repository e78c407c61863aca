"""What the user sees while a scan runs: bytes, files, findings so far, time to go. On stderr, and only there."""

from __future__ import annotations

import sys

from tqdm import tqdm

# tqdm's monitor is a thread, and workers are made by fork
tqdm.monitor_interval = 0


class Progress:
    """A progress bar, or silence.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[None] | None = None
        self._files = 0
        self._found = 0

    def say(self, text: str) -> None:
        """One line about what begins now."""
        if not self._quiet and sys.stderr.isatty():
            self.close()
            sys.stderr.write(f"{text} …\n")

    def begin_walk(self, volume: int) -> None:
        """A volume is about to be listed."""
        self.close()
        self._bar = tqdm(desc=f"listing volume {volume}", unit=" names", disable=self._quiet, leave=False)

    def listed(self, names: int) -> None:
        """So many names more."""
        if self._bar is not None:
            self._bar.update(names)

    def begin_units(self, entries: int, cost: int, done: int) -> None:
        """The plan is known: entries, and bytes to read, of which done are behind us."""
        self.close()
        self._bar = tqdm(
            desc=f"examining {entries} entries",
            total=cost,
            initial=done,
            unit="B",
            unit_scale=True,
            disable=self._quiet,
            leave=False,
        )

    def examined(self, cost: int, entries: int, findings: int) -> None:
        """A unit is done."""
        self._files += entries
        self._found += findings
        if self._bar is not None:
            self._bar.set_postfix(entries=self._files, findings=self._found, refresh=False)
            self._bar.update(cost)

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
