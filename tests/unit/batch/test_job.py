"""One image, one scan: how its end is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from triage.batch import job as room
from triage.batch.job import End, Job, run_image
from triage.batch.lease import Lease
from triage.case import Case
from triage.errors import CaseError


@pytest.fixture
def asked(tmp_path):
    held = Lease(tmp_path)
    (tmp_path / "disk.img").write_bytes(b"no disk at all")
    return Job(
        image=str(tmp_path / "disk.img"),
        case=str(tmp_path / "case"),
        lang="en",
        options=("--workers", "1"),
        limit=0.0,
        lease=str(held.path),
        run=held.run,
    )


def test_another_version_of_triage_scans_nothing(asked, tmp_path):
    outcome = run_image(replace(asked, version="0.0.1"))
    assert outcome.end is End.FAILED
    assert "0.0.1" in outcome.said
    assert not (tmp_path / "case").exists()


def test_an_image_that_is_gone_is_said_in_the_words_of_its_scan(asked, tmp_path):
    (tmp_path / "disk.img").unlink()
    outcome = run_image(asked)
    assert (outcome.end, outcome.code) == (End.FAILED, 2)
    assert outcome.said.endswith("no such file, folder or device; check the path")


def test_a_scan_that_is_killed_is_begun_once_more(asked, tmp_path):
    """Its program is ended by a signal each time."""
    seams = json.dumps({"opener": "tests.batch.faults:opener", "kill_at_statement": 3})
    outcome = run_image(replace(asked, program=("tests.scan.driver", seams)))
    assert outcome.end is End.FAILED
    assert "SIGKILL" in outcome.said


def test_a_case_that_is_being_written_is_told_from_any_other_failure(tmp_path):
    """By the words of the case's own error."""
    with Case.create(tmp_path), pytest.raises(CaseError, match=room._BUSY), Case.create(tmp_path):
        pass
