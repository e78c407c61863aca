from __future__ import annotations

from triage.analysis.tag import FOREIGN, FORMER, OWN, SeenTag, judge_tags
from triage.model import Confidence, EntryId, Severity

TAG, OTHER = "evmdthrukdvwcqn063", "yifyuubai741"


def seen(*tags: str) -> list[SeenTag]:
    return [SeenTag(tag=tag, entry=EntryId(number)) for number, tag in enumerate(tags, 1)]


def told(computed, former, tags) -> list[tuple[str, Severity, Confidence, int]]:
    return [
        (one.title, one.severity, one.confidence, one.entry) for one in judge_tags(computed, former, tags, "KETOAN-03")
    ]


def test_the_name_computed_for_this_computer_is_proof() -> None:
    assert told([TAG], [], seen(TAG)) == [(OWN, Severity.INFECTED, Confidence.HIGH, 1)]


def test_the_name_of_an_earlier_name_is_proof_too() -> None:
    assert told([OTHER], [TAG], seen(TAG)) == [(FORMER, Severity.INFECTED, Confidence.HIGH, 1)]


def test_the_name_of_another_computer_says_cloned_or_renamed() -> None:
    (finding,) = judge_tags([TAG], [], seen(OTHER))
    assert (finding.title, finding.severity) == (FOREIGN, Severity.SUSPICIOUS)
    assert finding.details == {"expected": [TAG]}
    assert (finding.family, finding.indicator) == ("wannacry", OTHER)


def test_where_no_computer_is_known_nothing_is_said() -> None:
    assert told([], [], seen(TAG)) == []


def test_each_place_is_told_once_and_in_order() -> None:
    twice = [*seen(TAG, OTHER), *seen(TAG, OTHER)]
    assert [(one[0], one[3]) for one in told([TAG], [], twice)] == [(OWN, 1), (FOREIGN, 2)]
