"""What was collected, from the staging into `evidence/evidence.zip`, with an index and a label beside it."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files

from triage.case.records import Collected, LeftOut, Worth
from triage.case.sealed_zip import Member, join, payload
from triage.case.shelf import Shelf
from triage.case.staging import FOLDER, Staging
from triage.case.store import Case
from triage.model import Entry, Macb, UnixNs
from triage.times import isoformat

NAME = "evidence.zip"
LABEL = "NHAN-LABEL.txt"
INDEX = "index.json"

_DONE = "archived"
_SCHEMA = "triage.evidence/1"
_COLUMNS = (
    *("entry", "member", "left_out", "worth", "volume", "path", "allocated", "size", "sha256", "md5", "read"),
    *("modified", "accessed", "changed", "born"),
    *("fn_modified", "fn_accessed", "fn_changed", "fn_born", "findings"),
)


def is_over(case: Case) -> bool:
    """The case is finished, and what was collected is in its archive."""
    return case.meta("finished") == "1" and case.meta(_DONE) == "1"


class Archive:
    """The collected files of one case, from the first to the sealed archive.

    Args:
        limit: bytes of all contents together.
    """

    def __init__(self, case: Case, limit: int) -> None:
        self._case = case
        self._limit = limit
        self._folder = case.path.parent
        self._staging = Staging(self._folder)
        self._shelf = Shelf(limit)
        if case.meta(_DONE) is None:
            self.take([collected for _entry, collected in case.collected()])

    def take(self, collected: Iterable[Collected]) -> None:
        """What a unit has collected: copies that cannot be in the archive any more are taken away at once."""
        for one in collected:
            if one.why is None:
                self._staging.drop(self._shelf.put(one))

    def make(self, *, artefacts: bool) -> Counter[LeftOut] | None:
        """Makes the archive; once, and again alike where that was cut off.

        Args:
            artefacts: keep hives and logs of which no finding speaks.

        Returns:
            How many entries were left out, by reason; None where it was made before, or nothing mattered.
        """
        rows = list(self._case.collected())
        if self._case.meta(_DONE) or not rows:
            self._case.set_meta({_DONE: "1"})
            self._staging.clear()
            return None
        rows = self._judged(rows, artefacts=artefacts)
        try:
            rows = self._written(rows)
        except OSError:
            (self._folder / FOLDER / NAME).unlink(missing_ok=True)
            rows = [(entry, _left_out(one, LeftOut.DISK_FULL)) for entry, one in rows]
        with self._case.transaction():
            self._case.add_collected(one for _entry, one in rows)
            self._case.set_meta({_DONE: "1"})
        self._staging.clear()
        return Counter(one.why for _entry, one in rows if one.why is not None)

    # -- which ----------------------------------------------------------------------------------------------------

    def _judged(self, rows: Sequence[tuple[Entry, Collected]], *, artefacts: bool) -> list[tuple[Entry, Collected]]:
        """Every row with its member, or why it has none."""
        if not artefacts:
            rows = [
                (entry, _left_out(one, LeftOut.NOTHING_FOUND) if one.worth is Worth.ARTEFACT else one)
                for entry, one in rows
            ]
        shelf = Shelf(self._limit)
        for _entry, one in rows:
            if one.why is None:
                shelf.put(one)
        sizes = {entry: self._staging.size_if_whole(entry) for entry in shelf.kept.values()}
        fates: dict[str | None, str | LeftOut] = {
            content: LeftOut.LOST if sizes[entry] is None else f"{entry:08d}-{content[:16]}"
            for content, entry in shelf.kept.items()
        }
        self._make_room(fates, shelf.kept, sizes)
        return [(entry, _fated(one, fates)) for entry, one in rows]

    def _make_room(
        self, fates: dict[str | None, str | LeftOut], kept: Mapping[str, int], sizes: Mapping[int, int | None]
    ) -> None:
        """Lets go of copies, the last first, until the disk of the case has room for the archive beside the rest."""
        need = sum(size or 0 for size in sizes.values())
        for content, entry in reversed(list(kept.items())):
            if shutil.disk_usage(self._folder).free >= need + _MARGIN:
                return
            fates[content] = LeftOut.DISK_FULL
            need -= sizes[entry] or 0
            self._staging.drop([entry])

    # -- writing --------------------------------------------------------------------------------------------------

    def _written(self, rows: Sequence[tuple[Entry, Collected]]) -> list[tuple[Entry, Collected]]:
        place = self._folder / FOLDER
        place.mkdir(exist_ok=True)
        listed = [dict(zip(_COLUMNS, self._line(entry, one), strict=True)) for entry, one in rows]
        index = _json({"schema": _SCHEMA, "files": listed})
        if any(one.why is None for _entry, one in rows):
            inside = self._staging.place / INDEX
            inside.parent.mkdir(exist_ok=True)
            inside.write_bytes(b"".join(payload([index], INDEX)))
            members = [*self._members(rows), Member(name=INDEX, size=len(index), payload=inside)]
            unfinished = place / (NAME + ".part")
            try:
                with unfinished.open("wb") as stream:
                    join(members, stream)
                    stream.flush()
                    os.fsync(stream.fileno())
                unfinished.replace(place / NAME)
            finally:
                unfinished.unlink(missing_ok=True)
        (place / INDEX).write_bytes(index)
        (place / "index.csv").write_bytes(_csv(listed))
        (place / LABEL).write_bytes(files("triage.case").joinpath("label.txt").read_bytes())
        return list(rows)

    def _members(self, rows: Sequence[tuple[Entry, Collected]]) -> Iterator[Member]:
        for entry, one in rows:
            if one.member and one.member.startswith(f"{entry.id:08d}-"):
                yield Member(name=one.member, size=one.size, payload=self._staging.part(entry.id))

    def _line(self, entry: Entry, one: Collected) -> tuple[object, ...]:
        why = one.why.value if one.why else None
        about = (entry.id, one.member or None, why, one.worth.value, entry.volume, entry.path, entry.allocated)
        content = (one.size, one.sha256, one.md5, one.how or None)
        return *about, *content, *_times(entry.times), *_times(entry.name_times), list(self._case.titles(entry.id))


_MARGIN = 8 << 20
"""Bytes left on the disk for what is written after the archive."""


def _left_out(one: Collected, why: LeftOut) -> Collected:
    return one if one.why else replace(one, why=why, member="")


def _fated(one: Collected, fates: Mapping[str | None, str | LeftOut]) -> Collected:
    if one.why is not None:
        return one
    fate = fates.get(one.sha256, LeftOut.LIMIT)
    return _left_out(one, fate) if isinstance(fate, LeftOut) else replace(one, member=fate)


def _times(times: Macb | None) -> tuple[str | None, ...]:
    def iso(when: UnixNs | None) -> str | None:
        return None if when is None else isoformat(when)

    t = times or Macb()
    return iso(t.modified), iso(t.accessed), iso(t.changed), iso(t.born)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


def _csv(listed: Iterable[dict[str, object]]) -> bytes:
    """For a spreadsheet: UTF-8 with a mark, findings in one cell. No cell begins as a formula does."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, _COLUMNS)
    table.writeheader()
    for line in listed:
        titles = line["findings"]
        assert isinstance(titles, list)
        table.writerow({**line, "findings": "; ".join(titles)})
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "backslashreplace")
