from __future__ import annotations

import pytest

from triage.analysis.unknown_ransomware import LOST, SAME_NOTE, TITLES, SeenNote, Strange, judge_unknown
from triage.model import Confidence, EntryId, Severity


def note(folders: int, sha256: str = "ab" * 32) -> SeenNote:
    return SeenNote(name="README.txt", sha256=sha256, folders=folders, files=folders, example=EntryId(7))


def strange(**numbers: int) -> Strange:
    return Strange(
        **{
            "extension": "locked",
            "files": 25,
            "lost_magic": 24,
            "folders": 4,
            "bytes": 10**6,
            "example": EntryId(9),
            **numbers,
        }
    )


def test_an_ordinary_disk_is_silent() -> None:
    assert judge_unknown((), (), 60_000) == ()
    assert judge_unknown([note(2)], [strange(lost_magic=19)], 60_000) == ()


def test_the_same_note_in_three_folders_is_suspicious() -> None:
    (finding,) = judge_unknown([note(3), note(1, "cd" * 32)], (), 500)
    assert (finding.title, finding.severity, finding.confidence) == (SAME_NOTE, Severity.SUSPICIOUS, Confidence.LOW)
    assert (finding.entry, finding.indicator) == (7, "ab" * 32)
    assert finding.details == {"name": "README.txt", "folders": 3, "files": 3, "total_files": 500}


def test_documents_that_became_noise_are_suspicious_at_scale() -> None:
    (finding,) = judge_unknown((), [strange()], 500)
    assert (finding.title, finding.indicator, finding.entry) == (LOST, "*.locked", 9)
    assert finding.details["lost_magic"] == 24
    assert finding.title in TITLES


@pytest.mark.parametrize("numbers", [{"lost_magic": 19}, {"folders": 2}, {"files": 241}])
def test_too_few_too_near_or_too_rare_is_silent(numbers: dict[str, int]) -> None:
    assert judge_unknown((), [strange(**numbers)], 500) == ()


def test_both_signs_together_are_surer() -> None:
    found = judge_unknown([note(9)], [strange()], 500)
    assert [finding.confidence for finding in found] == [Confidence.MEDIUM, Confidence.MEDIUM]
