"""The timeline: every time once, in order, with its meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks import ORIGINAL, at, attack
from triage.analysis.phases import PhaseId
from triage.analysis.timeline import (
    ENCRYPTED,
    EVENT,
    TIMES_OF_FILE,
    TIMES_OF_NAME,
    TIMES_OF_ORIGINAL,
    Row,
    chronicle,
    rows_of,
)
from triage.analysis.traces import gather
from triage.case import Case
from triage.model import Entry


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return attack(tmp_path_factory.mktemp("attack"))


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Row]:
    with Case.open(folder) as case:
        return list(chronicle(case).rows())


def told_of(rows: list[Row], path: str) -> list[tuple[str, str, str]]:
    return [(row.kind, row.source, row.meaning) for row in rows if row.entry.path == path]


def test_rows_are_in_time_order(rows: list[Row]) -> None:
    assert [row.when for row in rows] == sorted(row.when for row in rows)


def test_every_time_of_every_entry_is_there_once(folder: Path, rows: list[Row]) -> None:
    with Case.open(folder) as case:
        entries = list(case.entries())

    def times(entry: Entry) -> set[tuple[str, str, int]]:
        t, n = entry.times, entry.name_times
        si = zip("MACB", (t.modified, t.accessed, t.changed, t.born), strict=True)
        fn = zip("MACB", (n.modified, n.accessed, n.changed, n.born), strict=True) if n else ()
        return {("$SI", letter, when) for letter, when in si} | {("$FN", letter, when) for letter, when in fn}

    for entry in entries:
        given = [
            (row.source, letter, row.when)
            for row in rows
            if row.entry.id == entry.id and row.kind != EVENT
            for letter in row.kind
        ]
        assert sorted(given) == sorted(times(entry))


def test_equal_times_are_one_row(rows: list[Row]) -> None:
    assert told_of(rows, "/Data/before.txt") == [("MACB", "$SI", TIMES_OF_FILE), ("MACB", "$FN", TIMES_OF_NAME)]


def test_copied_times_are_the_originals_own(rows: list[Row]) -> None:
    mine = [row for row in rows if row.entry.path == "/Users/lan/Desktop/a.doc.WNCRY"]
    assert [(row.when == ORIGINAL, row.kind, row.source, row.meaning) for row in mine] == [
        (True, "MAB", "$SI", TIMES_OF_ORIGINAL),
        (True, "MAB", "$FN", TIMES_OF_ORIGINAL),
        (False, "C", "$SI", TIMES_OF_FILE),
        (False, "C", "$FN", TIMES_OF_NAME),
        (False, EVENT, "$SI changed", "Event"),
    ]


@pytest.mark.parametrize(
    ("path", "when", "source", "phase"),
    [
        ("/Users/lan/Desktop/a.doc.WNCRY", "2017-05-12T16:59:30", "$SI changed", PhaseId.USER_FOLDERS),
        ("/Data/b.doc.WNCRY", "2017-05-12T17:00:10", "$SI changed", PhaseId.DRIVES),
        ("/Data/c.doc.WNCRY", "2017-05-12T17:01:00", "$UsnJrnl:$J", PhaseId.DRIVES),
    ],
)
def test_the_true_time_of_encryption_is_a_row_that_names_its_source(
    rows: list[Row], path: str, when: str, source: str, phase: PhaseId
) -> None:
    (row,) = [row for row in rows if row.entry.path == path and row.what == ENCRYPTED]
    assert (row.when, row.source, row.phase) == (at(when), source, phase)


def test_a_rename_that_a_file_accounts_for_is_not_told_twice(rows: list[Row]) -> None:
    assert not [row for row in rows if row.entry.path == "/$Extend/$UsnJrnl:$J" and row.kind == EVENT]


def test_a_span_holds_its_ends_and_nothing_else(folder: Path) -> None:
    start, end = at("2017-05-12T16:58:02"), at("2017-05-12T17:00:10")
    with Case.open(folder) as case:
        times = [row.when for row in chronicle(case, start, end).rows()]
        everything = [row.when for row in chronicle(case).rows()]
    assert times == [when for when in everything if start <= when <= end]
    assert (times[0], times[-1]) == (start, end)


def test_the_rows_of_one_file_are_those_of_the_stream(folder: Path, rows: list[Row]) -> None:
    with Case.open(folder) as case:
        traces = gather(((finding, entry) for finding, entry, _ in case.findings()), case.events())
        for entry in case.entries():
            streamed = [row for row in rows if row.entry.id == entry.id and row.kind != EVENT]
            assert sorted(rows_of(entry, traces), key=str) == sorted(streamed, key=str)
