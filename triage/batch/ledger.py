"""What became of every image, in one file beside the cases: a queue that was cut off goes on by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from triage.batch.finding import Image
from triage.batch.job import End, Outcome
from triage.batch.names import case_name
from triage.errors import CaseError
from triage.text import printable

NAME: Final = "queue.json"
SCHEMA: Final = "triage.queue/1"
CASES: Final = "cases"

Stamp = tuple[tuple[str, int, int], ...]
"""(name, bytes, time of last change in nanoseconds) of each file of an image."""

Marks = Callable[[Sequence[Image]], Iterable[tuple[Image, str]]]
"""Gives the fingerprint of each image, empty where it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One image in the queue.

    Attributes:
        name: of the image, see `finding.Image`.
        case: path of its case below the folder of the queue, "/"-separated.
        size: bytes of its files.
        stamp: tells the image from another one put in its place.
        fingerprint: of its disk, empty where it could not be read.
        same_as: name of the image with the same fingerprint that is scanned in its place; empty where it is the first.
        end: None while it waits.
        code: exit code of its scan.
        said: why it was not examined, or not to the end.
    """

    name: str
    case: str
    size: int
    stamp: Stamp
    fingerprint: str = ""
    same_as: str = ""
    end: End | None = None
    code: int = 0
    said: str = ""

    @property
    def waits(self) -> bool:
        """There is something to do: what failed or was cut off is tried again by the same command."""
        return self.end is not End.DONE and not self.same_as

    def ended(self, outcome: Outcome) -> Ticket:
        """The ticket with what became of the scan."""
        return replace(self, end=outcome.end, code=outcome.code, said=outcome.said)


@dataclass(slots=True)
class Ledger:
    """The tickets by name, and what the scans were asked.

    Args:
        folder: of the queue.
        arguments: what must stay the same from one run of the queue to the next.
    """

    folder: Path
    arguments: Mapping[str, str]
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def keep(self, *tickets: Ticket) -> None:
        """Takes tickets in and writes the file anew.

        Raises:
            CaseError: it cannot be written.
        """
        self.tickets |= {ticket.name: ticket for ticket in tickets}
        told = {
            "schema": SCHEMA,
            "arguments": dict(self.arguments),
            "images": [_told(ticket) for _, ticket in sorted(self.tickets.items())],
        }
        path, part = self.folder / NAME, self.folder / f"{NAME}.part"
        try:
            part.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
            part.replace(path)
        except OSError as error:
            raise CaseError(f"{path}: {error.strerror}; free space or plug the disk back, then go on") from error

    @classmethod
    def open(cls, folder: Path, arguments: Mapping[str, str]) -> Ledger:
        """The ledger of a folder, empty where there is none.

        Raises:
            CaseError: damaged, or begun with other arguments.
        """
        path = folder / NAME
        if not path.exists():
            return cls(folder, arguments)
        try:
            told = json.loads(path.read_text("utf-8"))
            if told["schema"] != SCHEMA:
                raise CaseError(f"{path}: of another version of triage; choose another --out")
            before: dict[str, str] = told["arguments"]
            tickets = [_ticket(one) for one in told["images"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CaseError(
                f"{path}: damaged ({error}); delete it: finished cases are then only looked over"
            ) from error
        for name, value in arguments.items():
            if before.get(name) != value:
                raise CaseError(f"{path}: begun with another {name}; give the same again, or choose another --out")
        return cls(folder, arguments, {ticket.name: ticket for ticket in tickets})

    def case_of(self, ticket: Ticket) -> Path:
        """The folder of its case."""
        return self.folder / ticket.case


def tickets_of(images: Sequence[Image], ledger: Ledger, marks: Marks) -> tuple[Ticket, ...]:
    """A ticket for each image, in their order: what is known of it from before, or its fingerprint taken now.

    Of images with one fingerprint the first is scanned: one that has a case already, else the first by name.

    Args:
        images: every image there is.
        ledger: with the tickets of earlier runs.
        marks: gives the fingerprints of images.
    """
    known = {image.name: ticket for image in images if (ticket := _known(image, ledger)) is not None}
    fingerprints = {image.name: mark for image, mark in marks([one for one in images if one.name not in known])}
    tickets = []
    for image in images:
        ticket = known.get(image.name) or _renewed(image, ledger, fingerprints[image.name])
        ledger.tickets[image.name] = ticket
        tickets.append(ticket)
    firsts: dict[str, str] = {}
    for ticket in sorted(tickets, key=lambda ticket: (ticket.end is None, bool(ticket.same_as), ticket.name)):
        if ticket.fingerprint:
            firsts.setdefault(ticket.fingerprint, ticket.name)
    of = {ticket.name: firsts.get(ticket.fingerprint, ticket.name) for ticket in tickets}
    return tuple(replace(one, same_as="" if of[one.name] == one.name else of[one.name]) for one in tickets)


def _known(image: Image, ledger: Ledger) -> Ticket | None:
    """What an earlier run wrote down, if the image is still that one."""
    before = ledger.tickets.get(image.name)
    if before is None or not before.fingerprint or before.stamp != _stamp(image):
        return None
    return before if before.end is not End.DONE or _has_outputs(before, ledger) else replace(before, end=None)


def _renewed(image: Image, ledger: Ledger, fingerprint: str) -> Ticket:
    before = ledger.tickets.get(image.name)
    if before and before.fingerprint == fingerprint and (before.end is not End.DONE or _has_outputs(before, ledger)):
        return replace(before, stamp=_stamp(image))
    taken = [ticket.case.removeprefix(f"{CASES}/") for ticket in ledger.tickets.values()]
    return Ticket(
        name=image.name,
        case=before.case if before else f"{CASES}/{case_name(image.name, taken)}",
        size=image.size,
        stamp=_stamp(image),
        fingerprint=fingerprint,
    )


def _has_outputs(ticket: Ticket, ledger: Ledger) -> bool:
    return (ledger.case_of(ticket) / "summary.json").is_file()


def _stamp(image: Image) -> Stamp:
    found = [(printable(part.name), part.stat()) for part in image.parts]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def _told(ticket: Ticket) -> dict[str, Any]:
    return {**asdict(ticket), "end": ticket.end and ticket.end.value}


def _ticket(told: dict[str, Any]) -> Ticket:
    stamp = tuple((str(name), int(size), int(when)) for name, size, when in told["stamp"])
    return Ticket(**{**told, "stamp": stamp, "end": told["end"] and End(told["end"])})
