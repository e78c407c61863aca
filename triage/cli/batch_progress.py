"""What the user sees while a queue runs: a bar over the bytes of all images on a terminal, a line for each one done."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from tqdm import tqdm

from triage.analysis.overview import Machine
from triage.batch import Ticket
from triage.cli.files import say
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible


class BatchProgress:
    """The bar on stderr, where that is a terminal; the lines on stdout.

    Args:
        quiet: show nothing.
        lang: of the lines.
    """

    def __init__(self, *, quiet: bool, lang: str) -> None:
        self._quiet = quiet
        self._lang = lang
        self._bar: tqdm[None] | None = None
        self._images = self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def looked_at(self, number: int, images: int) -> None:
        """The number-th of so many images has its fingerprint."""
        if not self._quiet and sys.stderr.isatty():
            sys.stderr.write(f"\rlooking at the images: {number}/{images}{'' if number < images else chr(10)}")

    def begin(self, tickets: Iterable[Ticket]) -> None:
        """The queue is known; copies are not in it."""
        own = [ticket for ticket in tickets if not ticket.same_as]
        done = [ticket for ticket in own if not ticket.waits]
        self._images, self._done = len(own), len(done)
        self._bar = tqdm(
            desc=self._counted(),
            total=sum(ticket.size for ticket in own),
            initial=sum(ticket.size for ticket in done),
            unit="B",
            unit_scale=True,
            disable=self._quiet or not sys.stderr.isatty(),
            leave=False,
        )

    def ended(self, ticket: Ticket, machine: Machine) -> None:
        """One image is done, one way or another."""
        self._done += 1
        if self._bar is not None:
            self._bar.set_description(self._counted(), refresh=False)
            self._bar.update(ticket.size)
        if self._quiet:
            return
        told = translate(machine.condition.value, self._lang, "condition")
        why = f" ({visible(ticket.said)})" if ticket.said else ""
        with tqdm.external_write_mode(file=sys.stdout):
            say(f"[{self._done}/{self._images}] {ticket.name}: {told}{why}\n")

    def _counted(self) -> str:
        return f"{self._done}/{self._images} images"
