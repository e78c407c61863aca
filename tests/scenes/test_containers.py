"""One infected disk, however it arrives: the same findings, byte for byte, from every container and on every run."""

from __future__ import annotations

import pytest

from samples_fake.build import FORMATS, build_image
from samples_fake.scenes import SCENES
from tests.scanning import scan, triage

pytestmark = pytest.mark.image

SCENE = SCENES["infected_office"]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """The disk as raw bytes."""
    return build_image(SCENE, tmp_path_factory.mktemp("raw") / "disk.img")


@pytest.fixture(scope="module")
def undisturbed(raw, tmp_path_factory):
    """What one worker says of it."""
    return scan(raw, case=tmp_path_factory.mktemp("undisturbed") / "case")


@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "raw"])
def test_every_container_gives_the_same_findings(fmt, undisturbed, tmp_path):
    scanned = scan(build_image(SCENE, tmp_path / "disk", fmt=fmt), case=tmp_path / "case")
    assert scanned.findings_file == undisturbed.findings_file
    assert (scanned.code, scanned.gaps) == (1, [])
    evidence = scanned.summary["evidence"]
    assert evidence["format"] == {"split": "split-raw", "e01": "ewf"}.get(fmt, fmt.partition("-")[0])
    assert evidence["size"] >= undisturbed.summary["evidence"]["size"]  # some containers round up
    assert not evidence["changed"]


@pytest.mark.parametrize("table", ["gpt", "none"])
def test_a_volume_has_its_number_whatever_the_partition_table(table, undisturbed, tmp_path):
    scanned = scan(build_image(SCENE, tmp_path / "disk.img", table=table), case=tmp_path / "case")
    assert scanned.findings_file == undisturbed.findings_file
    assert {one["volume"] for one in scanned.findings} == {0}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_run_gives_the_same_bytes(workers, raw, undisturbed, tmp_path):
    again = scan(raw, case=tmp_path / "case", workers=workers)
    assert again.findings_file == undisturbed.findings_file
    assert again.summary == undisturbed.summary


def test_the_same_command_on_a_finished_case_changes_nothing(raw, undisturbed):
    before = undisturbed.findings_file
    again = scan(raw, case=undisturbed.case)
    assert (again.code, again.findings_file) == (1, before)


def test_a_report_can_be_made_again_without_the_evidence(undisturbed):
    before = undisturbed.findings_file
    (undisturbed.case / "findings.jsonl").unlink()
    assert triage("report", undisturbed.case, "--as", "findings.jsonl")[0] == 0
    assert undisturbed.findings_file == before


def test_no_trace_of_the_scanning_machine_is_in_the_outputs(raw, undisturbed):
    texts = [path.read_bytes() for path in undisturbed.case.iterdir() if path.suffix in (".json", ".jsonl")]
    assert len(texts) == 3
    assert not any(bytes(raw.parent) in text for text in texts)
