"""Numbers as readers of both languages write them."""

from __future__ import annotations

import pytest

from tests.dossiers import make_dossier
from triage.analysis.dossier import Coverage
from triage.model import GapReason
from triage.outputs.figures import moment, not_reached, number, percent, shortened, signed, size


def test_thousands_are_parted_by_a_point_in_vietnamese() -> None:
    assert number(1_234_567, "vi") == "1.234.567"
    assert number(1_234_567, "en") == "1,234,567"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B"), (1023, "1.023 B"), (1024, "1,0 KB"), (1024**2 - 1, "1,0 MB"), (1536 * 1024**2, "1,5 GB")],
)
def test_sizes_are_rounded_as_windows_shows_them(value: int, text: str) -> None:
    assert size(value, "vi") == text


def test_a_size_beyond_every_unit_is_still_said() -> None:
    assert size(5 * 1024**6, "en") == "5120.0 PB"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0%"), (10, 10, "100%"), (1, 100_000, "<0.1%"), (99_999, 100_000, "99.9%"), (1, 4, "25.0%"), (0, 0, "0%")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(part: int, whole: int, text: str) -> None:
    assert percent(part, whole, "en") == text


def test_a_long_name_loses_its_middle() -> None:
    assert shortened("a" * 50 + "b" * 50, 10) == "aaaaaa…bbb"
    assert shortened("a" * 10, 10) == "a" * 10


def test_a_moment_is_given_in_both_zones() -> None:
    assert moment("2017-05-12T19:44:00.5Z") == "2017-05-12T19:44:00.5Z = 02:44:00 13/05/2017 (UTC+7)"


@pytest.mark.parametrize("text", ["", "2017", "2017-13-12T07:44:00Z", "2017-05-12T07:44:00+07:00"])
def test_what_is_no_moment_stays_as_it_is(text: str) -> None:
    assert moment(text) == text


def test_what_a_cut_off_scan_did_not_reach_is_counted() -> None:
    coverage = Coverage(
        entries=10,
        examined=4,
        full=4,
        head=0,
        metadata=0,
        gaps=6,
        gaps_by_reason={GapReason.DENIED: 2},
        bytes_entries=0,
        bytes_read=0,
    )
    assert not_reached(coverage) == 4
    assert not_reached(make_dossier().coverage) == 0


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(7197.5, "+7.197,5", "+7,197.5"), (-0.25, "−0,25", "−0.25"), (0, "+0", "+0"), (-7200.0, "−7.200", "−7,200")],
)
def test_a_difference_always_shows_its_sign(value: float, vi: str, en: str) -> None:
    assert (signed(value, "vi"), signed(value, "en")) == (vi, en)
