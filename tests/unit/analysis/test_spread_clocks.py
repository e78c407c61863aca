"""Clocks compared: sessions that both saw, contradictions named, steps of one clock."""

from __future__ import annotations

from triage.analysis.spread_clocks import TRUTH, Bounds, Clocks, Link, Proof
from triage.analysis.spread_sessions import agreement
from triage.analysis.spread_steps import distinct, steps_of
from triage.model import EntryId, Event, UnixNs
from triage.times import isoformat

S = 1_000_000_000
HOUR = 3600 * S
ODD = [0, 5000 * S, 17_000 * S, 40_000 * S]


def test_sessions_at_odd_times_tell_by_how_much_a_clock_is_ahead() -> None:
    told = agreement(ODD, [when + 7200 * S + S for when in ODD])
    assert told is not None
    ahead, strength = told
    assert strength == 4
    assert ahead.low <= 7200 * S <= ahead.high
    assert ahead.high - ahead.low <= 12 * S


def test_two_sessions_prove_nothing() -> None:
    assert agreement(ODD[:2], ODD[:2]) is None


def test_a_job_that_runs_every_hour_fits_many_ways_and_tells_nothing() -> None:
    hours = [hour * HOUR for hour in range(8)]
    assert agreement(hours, [when + 100 * S for when in hours[2:]]) is None


def test_sessions_of_others_between_them_do_not_matter() -> None:
    into = sorted([*(when + 60 * S for when in ODD), 1111 * S, 22_222 * S, 33_000 * S])
    told = agreement(ODD, into)
    assert told is not None
    assert told[0].low <= 60 * S <= told[0].high


def test_logs_that_have_nothing_in_common_tell_nothing() -> None:
    assert agreement(ODD, [3 * S, 999 * S, 7777 * S, 31_000 * S]) is None


def link(of: int, to: int, seconds: int, strength: int = 4, width: int = 2, proof: Proof = Proof.SESSIONS) -> Link:
    ahead = Bounds(low=(seconds - width) * S, high=(seconds + width) * S)
    return Link(of=of, to=to, ahead=ahead, proof=proof, strength=strength)


def test_bounds_add_up_along_the_way() -> None:
    clocks = Clocks(3, [link(0, 1, 100), link(2, 1, 30)])
    assert clocks.between(0, 2) == Bounds(low=66 * S, high=74 * S)
    assert clocks.between(2, 0) == Bounds(low=-74 * S, high=-66 * S)


def test_machines_that_nothing_joins_are_not_compared() -> None:
    clocks = Clocks(3, [link(0, 1, 100)])
    assert clocks.between(0, 2) is None
    assert clocks.between(0, TRUTH) is None
    assert not clocks.tied(2)


def test_links_that_contradict_are_named_and_not_used() -> None:
    links = [link(0, 1, 100), link(1, 2, 100), link(0, 2, 900)]
    clocks = Clocks(3, links)
    (circle,) = clocks.circles
    assert set(circle.links) == set(circle.dropped) == set(links)  # which of them lies cannot be told
    assert clocks.between(0, 1) is None


def test_a_link_that_is_far_better_proven_outlives_the_circle() -> None:
    clocks = Clocks(3, [link(0, 1, 100, 20), link(1, 2, 100, 20), link(0, 2, 900, 3)])
    assert [(one.of, one.to) for one in clocks.circles[0].dropped] == [(0, 2)]
    assert clocks.between(0, 2) == Bounds(low=196 * S, high=204 * S)


def test_an_assumption_falls_before_what_was_measured() -> None:
    assumed = [link(TRUTH, place, 0, 0, 300, Proof.ASSUMED) for place in range(2)]
    clocks = Clocks(2, [*assumed, link(0, 1, 86_400)])
    assert clocks.between(0, 1) == Bounds(low=86_398 * S, high=86_402 * S)
    assert clocks.between(TRUTH, 0) is None


def test_the_order_of_the_links_makes_no_difference() -> None:
    links = [link(0, 1, 10), link(1, 2, 20), link(0, 2, 31), link(2, 3, 5, width=9), link(1, 3, 26)]
    one, other = Clocks(4, links), Clocks(4, links[::-1])
    assert [one.between(0, place) for place in range(4)] == [other.between(0, place) for place in range(4)]


def step(before: int, after: int, record: str = "System") -> Event:
    return Event(
        detector="t",
        entry=EntryId(1),
        when=UnixNs(after),
        what="System clock was set",
        source=record,
        details={
            "before": isoformat(UnixNs(before)),
            "after": isoformat(UnixNs(after)),
            "step_seconds": (after - before) / S,
        },
    )


def test_a_step_that_two_logs_tell_of_is_one_step() -> None:
    twice = [step(10 * HOUR, 8 * HOUR), step(10 * HOUR, 8 * HOUR + S, "Security")]
    assert len(list(distinct(twice))) == 1
    assert len(steps_of(twice).steps) == 1


def test_times_after_a_step_are_told_by_the_clock_before_it() -> None:
    forward = steps_of([step(10 * HOUR, 34 * HOUR)])
    assert forward.by_clock_of(UnixNs(9 * HOUR), UnixNs(35 * HOUR)) == 11 * HOUR
    assert forward.by_clock_of(UnixNs(35 * HOUR), UnixNs(9 * HOUR)) == 33 * HOUR
    assert forward.by_clock_of(UnixNs(35 * HOUR), UnixNs(36 * HOUR)) == 36 * HOUR


def test_a_time_that_the_clock_showed_twice_is_not_told() -> None:
    back = steps_of([step(10 * HOUR, 8 * HOUR)])
    assert back.by_clock_of(UnixNs(7 * HOUR), UnixNs(9 * HOUR)) is None
    assert back.by_clock_of(UnixNs(7 * HOUR), UnixNs(11 * HOUR)) == 13 * HOUR
    assert back.unclear(UnixNs(9 * HOUR))


def test_nothing_is_told_across_a_change_of_unknown_size() -> None:
    event = Event(
        detector="t", entry=EntryId(1), when=UnixNs(9 * HOUR), what="Clock was set back", source="$UsnJrnl:$J"
    )
    wall = steps_of([event])
    assert wall.by_clock_of(UnixNs(7 * HOUR), UnixNs(11 * HOUR)) is None
    assert wall.by_clock_of(UnixNs(10 * HOUR), UnixNs(11 * HOUR)) == 11 * HOUR
