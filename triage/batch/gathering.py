"""From the queue and its cases to the overview: each summary is read once, when its scan has ended."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from triage.analysis import build
from triage.analysis.overview import Condition, Machine, Overview, machine_of, overview_of
from triage.batch.finding import CaseFolder
from triage.batch.job import End
from triage.batch.ledger import Ledger, Ticket
from triage.batch.offices import Offices
from triage.case import Case
from triage.errors import CaseError
from triage.model import Json
from triage.outputs.summary import SCHEMA, as_object

_SUMMARY: Final = "summary.json"
_MOST_BYTES: Final = 64 << 20
_CUT_OFF: Final = "The scan was cut off: run the same command again and it resumes."


class Gathered:
    """The rows of all machines.

    Args:
        ledger: whose folder the overview is written to.
        offices: where machines stand.
        passed_over: files that are neither images nor cases.
    """

    def __init__(self, ledger: Ledger, offices: Offices, passed_over: Iterable[str] = ()) -> None:
        self._ledger = ledger
        self._offices = offices
        self._passed_over = tuple(passed_over)
        self._images: dict[str, Machine] = {}
        self._cases: dict[str, Machine] = {}
        self._places: set[Path] = set()

    def add_ticket(self, ticket: Ticket) -> None:
        """What is known of an image now."""
        self._images[ticket.name] = self._of_ticket(ticket)

    def add_case(self, case: CaseFolder) -> None:
        """A case that was made elsewhere, joined without its image."""
        place = case.path.resolve()
        if place in self._places:
            return
        self._places.add(place)
        name, number = case.name, 1
        while name in self._cases or name in self._images:  # two sticks, each with a case of that name
            number += 1
            name = f"{case.name} ({number})"
        link = _seen_from(self._ledger.folder.resolve(), place)
        try:
            row = self._of_summary(summary_of(case.path), name=name, case=link)
            row = row if row.finished else replace(row, problem=_CUT_OFF)
        except CaseError as error:
            said = str(error).replace(str(case.path), name)
            row = self._blank(name, Condition.NOT_EXAMINED, case=link, problem=said)
        self._cases[name] = row

    def row(self, name: str) -> Machine:
        """The row of an image."""
        return self._images[name]

    def overview(self) -> Overview:
        """All of it, now."""
        firsts: dict[str, str] = {}
        rows = []
        for row in (*self._images.values(), *(row for _, row in sorted(self._cases.items()))):
            known = row.fingerprint and row.condition not in (Condition.COPY, Condition.WAITING)
            first = firsts.setdefault(row.fingerprint, row.name) if known else row.name
            rows.append(row if first == row.name else replace(row, condition=Condition.COPY, same_as=first, problem=""))
        return overview_of(rows, self._passed_over)

    def _of_ticket(self, ticket: Ticket) -> Machine:
        if ticket.same_as:
            return self._blank(ticket.name, Condition.COPY, size=ticket.size, same_as=ticket.same_as)
        if ticket.end is None:
            return self._blank(ticket.name, Condition.WAITING, size=ticket.size)
        folder = self._ledger.case_of(ticket)
        if ticket.end is End.FAILED and not (folder / _SUMMARY).is_file():
            return self._blank(ticket.name, Condition.NOT_EXAMINED, size=ticket.size, problem=ticket.said)
        try:
            row = self._of_summary(summary_of(folder), name=ticket.name, case=ticket.case, size=ticket.size)
        except CaseError as error:
            said = ticket.said or str(error)
            return self._blank(ticket.name, Condition.NOT_EXAMINED, size=ticket.size, problem=said)
        return replace(row, problem=ticket.said)

    def _of_summary(self, summary: dict[str, Json], *, name: str, case: str, size: int = 0) -> Machine:
        try:
            row = machine_of(summary, name=name, case=case, size=size)
        except ValueError as error:
            raise CaseError(
                f"{name}: its {_SUMMARY} has no verdict ({error}); make it again: `triage report`"
            ) from error
        return replace(row, office=self._offices.of(name, row.host))

    def _blank(
        self, name: str, condition: Condition, *, case: str = "", size: int = 0, same_as: str = "", problem: str = ""
    ) -> Machine:
        return Machine(
            name=name,
            office=self._offices.of(name),
            case=case,
            condition=condition,
            size=size,
            same_as=same_as,
            problem=problem,
        )


def _seen_from(folder: Path, place: Path) -> str:
    """The way from one to the other; empty where there is none: another drive."""
    try:
        return Path(os.path.relpath(place, folder)).as_posix()
    except ValueError:
        return ""


def summary_of(folder: Path) -> dict[str, Json]:
    """The summary in a case, or one made from the case where none was written.

    Raises:
        CaseError: neither is there, or not ours.
    """
    path = folder / _SUMMARY
    if not path.is_file():
        with Case.open(folder) as case:
            told: object = json.loads(json.dumps(as_object(build(case)), default=dict))
    else:
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise CaseError(f"{path}: larger than any summary; make it again: `triage report`")
            told = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise CaseError(f"{path}: cannot be read ({error}); make it again: `triage report`") from error
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise CaseError(f"{path}: not a summary of this version ({SCHEMA}); make it again: `triage report`")
    return told
