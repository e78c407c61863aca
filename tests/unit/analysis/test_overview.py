"""From the summaries of many cases to rows and totals."""

from __future__ import annotations

import random

import pytest

from triage.analysis.overview import Condition, Losses, Machine, machine_of, overview_of


def summary(verdict, outcome="undetermined", *, resumes=None, firsts=(), **more):
    return {
        "schema": "triage.summary/1",
        "verdict": verdict,
        "story": {"outcome": outcome, "resumes": resumes, "phases": [{"first": first} for first in firsts]},
        "facts": {"host.name": "PC-01", "patch.ms17_010": "vulnerable", "smb1.server": "enabled"},
        "encrypted": {"files": 3, "bytes": 4000},
        "coverage": {"entries": 10, "gaps": 2, "gaps_by_reason": {"timeout": 1, "unreadable": 1}},
        "evidence": {"fingerprints": {"before": "aa"}},
        "finished": True,
        **more,
    }


@pytest.mark.parametrize(
    ("verdict", "outcome", "resumes", "condition"),
    [
        ("encrypted", "finished", None, Condition.ENCRYPTED),
        ("encrypted", "not-begun", False, Condition.ENCRYPTED),
        ("infected", "not-begun", True, Condition.INFECTED),
        ("infected", "undetermined", None, Condition.INFECTED),
        ("infected", "not-begun", None, Condition.DORMANT),
        ("infected", "not-begun", False, Condition.DORMANT),
        ("suspicious", "not-begun", False, Condition.SUSPICIOUS),
        ("inconclusive", "undetermined", None, Condition.INCONCLUSIVE),
        ("nothing-found", "undetermined", None, Condition.NOTHING_FOUND),
    ],
)
def test_a_condition_follows_from_verdict_and_story(verdict, outcome, resumes, condition):
    assert machine_of(summary(verdict, outcome, resumes=resumes), name="a").condition is condition


def test_a_row_tells_what_the_summary_does():
    row = machine_of(summary("encrypted", "finished", firsts=["2017-05-12T08:00:00Z"]), name="a.img", office="Sở")
    assert (row.host, row.patch, row.smb1) == ("PC-01", "vulnerable", "enabled")
    assert (row.encrypted_files, row.encrypted_bytes, row.entries, row.gaps) == (3, 4000, 10, 2)
    assert (row.first_sign, row.outcome, row.finished) == ("2017-05-12T08:00:00Z", "finished", True)
    assert row.losses is None


def test_the_first_sign_is_the_earliest_that_can_be():
    firsts = ["2017-05-12T09:00:00.5Z", None, "2011-03-21T02:10:00Z", "2017-05-12T09:00:00Z", "nonsense"]
    assert machine_of(summary("infected", firsts=firsts), name="a").first_sign == "2017-05-12T09:00:00Z"
    assert machine_of(summary("infected", firsts=firsts[2:3]), name="a").first_sign == "2011-03-21T02:10:00Z"
    assert machine_of(summary("suspicious", firsts=firsts), name="a").first_sign == ""


def test_what_was_not_examined_is_counted_by_reason():
    told = summary("encrypted", coverage={"gaps_by_reason": {"timeout": 1, "unreadable": 1, "denied": 7}})
    assert machine_of(told, name="a").missing == (("denied", 7), ("timeout", 1), ("unreadable", 1))


def test_a_summary_with_recovery_tells_what_is_lost():
    told = summary(
        "encrypted",
        recovery={
            "lost-without-key": {"files": 4, "bytes": 40},
            "deleted-overwritten": {"files": 1, "bytes": 10},
            "original-present": {"files": 2, "bytes": 20},
        },
    )
    expected = Losses(lost_files=5, lost_bytes=50, recoverable_files=2, recoverable_bytes=20)
    assert machine_of(told, name="a").losses == expected


@pytest.mark.parametrize("told", [{}, {"verdict": None}, {"verdict": "clean"}, {"verdict": ["encrypted"]}])
def test_without_a_verdict_there_is_no_row(told):
    with pytest.raises(ValueError, match="not a valid VerdictLevel"):
        machine_of(told, name="a")


@pytest.mark.parametrize(
    "wrong", [None, 7, "x", [], {"files": "many", "before": 3, "first": 9, "gaps": -4}, [[]], True]
)
def test_parts_of_another_shape_are_empty(wrong):
    parts = ("story", "facts", "encrypted", "coverage", "evidence", "finished", "recovery")
    row = machine_of({"verdict": "encrypted", **dict.fromkeys(parts, wrong)}, name="a")
    assert (row.host, row.first_sign, row.encrypted_files, row.gaps) == ("", "", 0, 0)


def rows():
    return [
        Machine(name="b/1", office="b", condition=Condition.ENCRYPTED, encrypted_files=5, patch="vulnerable", gaps=1),
        Machine(name="b/2", office="b", condition=Condition.COPY, same_as="b/1", encrypted_files=5),
        Machine(name="a/1", office="a", condition=Condition.NOTHING_FOUND, smb1="enabled", patch="patched"),
        Machine(name="a/2", office="a", condition=Condition.WAITING),
        Machine(name="a/3", office="a", condition=Condition.NOT_EXAMINED, problem="why"),
        Machine(name="x", condition=Condition.INCONCLUSIVE),
    ]


def test_totals_leave_copies_out_and_add_up():
    overview = overview_of(rows())
    assert overview.copies == 1
    assert {office: totals.machines for office, totals in overview.offices.items()} == {"": 1, "a": 3, "b": 1}
    total = overview.total
    assert (total.machines, total.unknown, total.encrypted_files) == (5, 3, 5)
    assert (total.vulnerable, total.patched, total.smb1_enabled, total.with_gaps) == (1, 1, 1, 1)
    assert sum(total.by_condition.values()) == total.machines
    assert total.losses is None


def test_losses_are_summed_over_those_that_were_judged():
    losses = Losses(lost_files=1, lost_bytes=10)
    judged = [Machine(name=name, condition=Condition.ENCRYPTED, losses=losses) for name in "ab"]
    assert overview_of([*rows(), *judged]).total.losses == losses + losses


def test_the_order_of_the_rows_is_the_same_whichever_was_done_first():
    shuffled = rows()
    random.Random(1).shuffle(shuffled)
    assert overview_of(shuffled) == overview_of(rows())
    assert [row.name for row in overview_of(rows()).machines] == ["x", "a/1", "a/2", "a/3", "b/1", "b/2"]


def test_what_was_not_examined_is_a_problem():
    damaged = Machine(name="z", office="z", condition=Condition.SUSPICIOUS, missing=(("unreadable", 9),))
    locked = Machine(name="y", office="y", condition=Condition.SUSPICIOUS, missing=(("denied", 9),))
    assert [row.name for row in overview_of([*rows(), damaged, locked]).problems] == ["x", "a/3", "z"]
