"""What became of every image is kept, and tells what is still to be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage.batch.finding import Image
from triage.batch.job import End, Outcome
from triage.batch.ledger import Ledger, tickets_of
from triage.errors import CaseError

ARGUMENTS = {"depth": "standard"}


@pytest.fixture
def folder(tmp_path):
    for name in ("a.img", "b.img", "c.img"):
        (tmp_path / name).write_bytes(name.encode() * 3)
    return tmp_path


def images(folder, *names):
    return [
        Image(path=folder / name, name=name, parts=(folder / name,), size=(folder / name).stat().st_size)
        for name in names
    ]


class Marks:
    """Fingerprints by name; remembers whom it was asked for."""

    def __init__(self, **marks):
        self.marks = marks
        self.asked = []

    def __call__(self, wanted):
        for image in wanted:
            self.asked.append(image.name)
            yield image, self.marks[image.name[0]]


def done(ledger, *tickets):
    for ticket in tickets:
        (ledger.folder / ticket.case).mkdir(parents=True)
        (ledger.folder / ticket.case / "summary.json").write_text("{}")
    ledger.keep(*(ticket.ended(Outcome(end=End.DONE, code=0)) for ticket in tickets))


def test_the_first_of_several_with_one_fingerprint_is_scanned(folder):
    tickets = tickets_of(
        images(folder, "a.img", "b.img", "c.img"), Ledger(folder, ARGUMENTS), Marks(a="1", b="1", c="2")
    )
    assert [(one.name, one.same_as, one.waits) for one in tickets] == [
        ("a.img", "", True),
        ("b.img", "a.img", False),
        ("c.img", "", True),
    ]


def test_images_without_a_fingerprint_are_no_copies_of_each_other(folder):
    tickets = tickets_of(images(folder, "a.img", "b.img"), Ledger(folder, ARGUMENTS), Marks(a="", b=""))
    assert all(one.waits for one in tickets)


def test_what_is_done_stays_done_and_is_not_read_again(folder):
    marks = Marks(a="1", b="2")
    ledger = Ledger(folder, ARGUMENTS)
    done(ledger, tickets_of(images(folder, "b.img"), ledger, marks)[0])
    again = tickets_of(images(folder, "a.img", "b.img"), Ledger.open(folder, ARGUMENTS), marks)
    assert marks.asked == ["b.img", "a.img"]
    assert [one.waits for one in again] == [True, False]


def test_a_copy_found_later_does_not_take_the_place_of_a_finished_case(folder):
    marks = Marks(a="1", b="1")
    ledger = Ledger(folder, ARGUMENTS)
    done(ledger, tickets_of(images(folder, "b.img"), ledger, marks)[0])
    again = tickets_of(images(folder, "a.img", "b.img"), Ledger.open(folder, ARGUMENTS), marks)
    assert [(one.name, one.same_as) for one in again] == [("a.img", "b.img"), ("b.img", "")]


def test_an_image_that_was_replaced_is_scanned_and_one_only_touched_is_not(folder):
    marks = Marks(a="1", b="2")
    ledger = Ledger(folder, ARGUMENTS)
    done(ledger, *tickets_of(images(folder, "a.img", "b.img"), ledger, marks))
    for name in ("a.img", "b.img"):
        (folder / name).write_bytes(b"written to")
    marks.marks["a"] = "other"
    again = tickets_of(images(folder, "a.img", "b.img"), Ledger.open(folder, ARGUMENTS), marks)
    assert [one.waits for one in again] == [True, False]


def test_what_failed_or_was_cut_off_is_tried_again(folder):
    ledger = Ledger(folder, ARGUMENTS)
    first, second = tickets_of(images(folder, "a.img", "b.img"), ledger, Marks(a="1", b="2"))
    ledger.keep(first.ended(Outcome(end=End.FAILED, said="why")), second.ended(Outcome(end=End.LIMIT, said="late")))
    again = Ledger.open(folder, ARGUMENTS)
    assert [(one.said, one.waits) for one in again.tickets.values()] == [("why", True), ("late", True)]


def test_a_case_that_is_gone_is_made_again(folder):
    ledger = Ledger(folder, ARGUMENTS)
    (ticket,) = tickets_of(images(folder, "a.img"), ledger, Marks(a="1"))
    done(ledger, ticket)
    (folder / ticket.case / "summary.json").unlink()
    (again,) = tickets_of(images(folder, "a.img"), Ledger.open(folder, ARGUMENTS), Marks(a="1"))
    assert again.waits
    assert again.case == ticket.case


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "triage.queue/1"}', "\xff"])
def test_a_damaged_ledger_is_said(folder, text):
    (folder / "queue.json").write_text(text, "latin-1")
    with pytest.raises(CaseError, match="damaged"):
        Ledger.open(folder, ARGUMENTS)


def test_other_arguments_are_refused(folder):
    Ledger(folder, ARGUMENTS).keep()
    with pytest.raises(CaseError, match="begun with another depth"):
        Ledger.open(folder, {"depth": "full"})


def test_what_is_kept_is_what_comes_back(folder):
    ledger = Ledger(folder, ARGUMENTS)
    tickets = tickets_of(images(folder, "a.img", "b.img"), ledger, Marks(a="1", b="1"))
    ledger.keep(*tickets, replace(tickets[0], end=End.LIMIT, code=3, said="một dòng"))
    assert Ledger.open(folder, ARGUMENTS).tickets == ledger.tickets
