"""What the pictures of the report show."""

from __future__ import annotations

import pytest

from triage.analysis.dossier import Coverage, Tally
from triage.analysis.inventory import OTHERS
from triage.outputs.charts import ROWS, bars, segments


def tally(key: str, files: int) -> Tally:
    return Tally(key=key, files=files, bytes=files * 10)


def make_coverage(full: int, head: int, metadata: int, gaps: int) -> Coverage:
    examined = full + head + metadata
    return Coverage(
        entries=examined + gaps,
        examined=examined,
        full=full,
        head=head,
        metadata=metadata,
        gaps=gaps,
        gaps_by_reason={},
        bytes_entries=0,
        bytes_read=0,
    )


def test_the_longest_bar_is_the_whole_length_and_ties_go_by_name() -> None:
    shown = bars([tally("b", 5), tally("c", 10), tally("a", 5)])
    assert [(bar.key, bar.length) for bar in shown] == [("c", 100), ("a", 50), ("b", 50)]


def test_what_is_beyond_the_chart_is_summed_up_in_its_last_row() -> None:
    shown = bars([*(tally(f"k{number:02}", 3) for number in range(ROWS + 5)), tally(OTHERS, 1000)])
    assert len(shown) == ROWS + 1
    assert not any(bar.others for bar in shown[:-1])
    assert (shown[-1].others, shown[-1].files, shown[-1].bytes) == (True, 5 * 3 + 1000, 10_150)
    assert shown[-1].length == 100


def test_no_file_is_lost_between_table_and_chart() -> None:
    tallies = [tally(f"k{number}", number) for number in range(1, 40)]
    assert sum(bar.files for bar in bars(tallies)) == sum(row.files for row in tallies)


def test_nothing_to_show_gives_no_bars() -> None:
    assert bars([]) == []


@pytest.mark.parametrize("counts", [(1, 1, 1, 1), (1_000_000, 0, 0, 1), (0, 0, 0, 7), (3, 500_000, 2, 1)])
def test_the_segments_fill_the_bar_and_the_smallest_gap_can_be_seen(counts: tuple[int, int, int, int]) -> None:
    parts = segments(make_coverage(*counts))
    assert sum(part.length for part in parts) == pytest.approx(100, abs=0.1)
    assert all(part.length >= 0.9 for part in parts if part.count)
    assert all(not part.length for part in parts if not part.count)
    assert [part.count for part in parts] == list(counts)


def test_an_empty_evidence_has_an_empty_bar() -> None:
    assert [part.length for part in segments(make_coverage(0, 0, 0, 0))] == [0, 0, 0, 0]
