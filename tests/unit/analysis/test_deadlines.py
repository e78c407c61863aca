"""By when an incident has to be reported: around the days on which the law changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.analysis.deadlines import clock_of, remaining
from triage.intel.law import load_law
from triage.intel.roots import rules_root

LAW = load_law(rules_root())


def clock(text: str):
    return clock_of(LAW, datetime.fromisoformat(text))


def hours(text: str) -> dict[str, int]:
    found = clock(text)
    return {due.deadline.id: (due.by - found.detected) // timedelta(hours=1) for due in found.due}


def test_since_the_decree_of_2026_there_are_at_once_24_and_72_hours() -> None:
    assert hours("2026-08-19T00:00:00+07:00") == {"at-once": 0, "serious": 24, "every": 72, "personal-data": 72}
    assert hours("2026-11-22T08:15:00+07:00") == hours("2026-08-19T00:00:00+07:00")


def test_until_june_2026_there_are_five_days() -> None:
    assert hours("2017-05-12T14:44:00+07:00") == {"beyond-capacity": 0, "five-days": 120}
    assert hours("2026-06-30T23:59:59+07:00") == {"beyond-capacity": 0, "five-days": 120, "personal-data": 72}


def test_between_the_law_and_its_decree_the_law_names_no_hours() -> None:
    for day in ("2026-07-01T00:00:00+07:00", "2026-08-18T23:59:59+07:00"):
        assert hours(day)["law-without-hours"] == 0
        assert "every" not in hours(day)


@pytest.mark.parametrize(
    ("moment", "laws"),
    [
        ("2026-06-30T23:59:59+07:00", {"law-86-2015"}),
        ("2026-07-01T00:00:00+07:00", {"law-116-2025"}),
        ("2026-08-18T23:59:59+07:00", {"law-116-2025"}),
        ("2026-08-19T00:00:00+07:00", {"law-116-2025", "decree-331-2026"}),
    ],
)
def test_the_law_of_the_day_in_vietnam_holds(moment: str, laws: set[str]) -> None:
    known = {"law-86-2015", "law-116-2025", "decree-331-2026"}
    assert {row.id for row in clock(moment).documents} & known == laws


def test_the_day_is_vietnams_whatever_the_offset() -> None:
    assert clock("2026-06-30T16:59:59+00:00").documents == clock("2026-06-30T23:59:59+07:00").documents
    assert clock("2026-06-30T17:00:00+00:00").documents == clock("2026-07-01T00:00:00+07:00").documents
    assert clock("2026-06-30T17:00:00+00:00").detected.isoformat() == "2026-07-01T00:00:00+07:00"


def test_what_was_in_doubt_is_said_only_since_it_was() -> None:
    circular = LAW.find("circular-20-2017")
    assert circular.doubted(datetime(2026, 6, 30).date()) is None
    assert circular.doubted(datetime(2026, 7, 1).date()) is not None


def test_the_soonest_comes_first_and_what_is_left_may_be_negative() -> None:
    found = clock("2026-11-22T08:15:00+07:00")
    assert [due.by for due in found.due] == sorted(due.by for due in found.due)
    now = datetime(2026, 11, 22, 1, 15, tzinfo=UTC) + timedelta(hours=25)
    assert remaining(next(due for due in found.due if due.deadline.id == "serious"), now) == timedelta(hours=-1)


def test_the_recipients_changed_with_the_law() -> None:
    assert [row.id for row in clock("2017-05-12T14:44:00+07:00").recipients] == ["vncert"]
    assert [row.id for row in clock("2026-11-22T08:15:00+07:00").recipients] == ["a05", "pa05"]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock_of(LAW, datetime(2026, 11, 22))
