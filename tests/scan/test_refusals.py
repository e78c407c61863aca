"""What a scan refuses, in one line, before it reads or writes anything it should not."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess

import pytest

from tests.scan.conftest import fill
from tests.scan.disks import looped, mount, mounted
from tests.scan.launching import launch, run, until
from tests.scanning import scan, triage
from triage.case import Case
from triage.cli import refusals


def refused(scanned, *parts):
    """Exit 2 and one line; gives the line."""
    assert scanned.code == 2, scanned.errors
    assert scanned.errors.count("\n") == 1
    assert scanned.screen == ""
    for part in parts:
        assert str(part) in scanned.errors
    return scanned.errors


def contents(case):
    with Case.open(case) as opened:
        return list(opened._db.iterdump())


@pytest.fixture
def few(tmp_path):
    return fill(tmp_path / "few", 12)


@pytest.fixture
def finished(few, tmp_path):
    """A case that is done."""
    scanned = scan(few, case=tmp_path / "case")
    assert scanned.code == 1
    return tmp_path / "case"


# -- another scan than the one that was begun ---------------------------------------------------------------------


def test_a_case_of_other_evidence_is_refused(finished, tree):
    before = contents(finished)
    refused(scan(tree, case=finished), finished, "other evidence", "--case")
    assert contents(finished) == before


@pytest.mark.parametrize(("option", "value"), [("depth", "full"), ("engine", "boreal")])
def test_a_case_begun_otherwise_is_refused(finished, few, option, value):
    refused(scan(few, case=finished, **{option: value}), f"another {option}", "--case")


def test_a_case_begun_with_other_rules_is_refused(finished, few, tmp_path):
    rules = tmp_path / "own.yar"
    rules.write_text('rule own { strings: $a = "line of a text" condition: $a }')
    refused(scan(few, case=finished, rules=rules), "another set of rules and indicators (--rules", "--case")


def test_a_case_begun_by_another_version_is_not_gone_on_with(few, tmp_path):
    case = tmp_path / "case"
    scan(few, case=case)
    with Case.create(case) as opened:
        opened.set_meta({"tool.version": "0.0.9"})
        opened._db.execute("DELETE FROM meta WHERE key = 'finished'")
        opened.fold()
    before = (case / "case.sqlite").read_bytes()
    refused(scan(few, case=case), "begun by triage 0.0.9", "choose another --case")
    assert (case / "case.sqlite").read_bytes() == before


def test_an_empty_folder_is_a_disk_that_was_not_mounted(tmp_path):
    """Not "nothing found"."""
    (tmp_path / "mnt").mkdir()
    refused(scan(tmp_path / "mnt", case=tmp_path / "case"), tmp_path / "mnt", "is the disk mounted")
    assert not (tmp_path / "case").exists()


def test_a_finished_case_is_told_again_without_being_examined_again(finished, few):
    """Detectors that would stumble over every file are never called."""
    told = {name: (finished / name).read_bytes() for name in ("findings.jsonl", "summary.json")}
    for name in told:
        (finished / name).unlink()
    with Case.open(finished) as case:
        journal = case.journal()
    again = run(few, case=finished, seams={"detectors": "tests.scan.faulty:no_detectors"})
    assert again.code == 1, again.errors
    assert {name: (finished / name).read_bytes() for name in told} == told
    with Case.open(finished) as case:
        assert case.journal() == journal


# -- places ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["new", "folder 1", "folder 1/new/deeper", "."])
def test_a_case_inside_the_evidence_is_refused(few, place):
    before = sorted(few.rglob("*"))
    refused(scan(few, case=few / place), "inside the evidence")
    assert sorted(few.rglob("*")) == before


def test_a_case_inside_the_evidence_through_a_link_is_refused(few, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(few / "folder 1")
    refused(scan(few, case=link / "case"), "inside the evidence")
    refused(scan(link, case=few / "folder 1" / "case"), "inside the evidence")
    assert not (few / "folder 1" / "case").exists()


def test_a_case_inside_the_evidence_by_a_relative_path_is_refused(few, monkeypatch):
    monkeypatch.chdir(few / "folder 1")
    refused(scan(few, case="../folder 2/case"), "inside the evidence")
    refused(scan("..", case="case"), "inside the evidence")


def test_a_case_beside_the_evidence_is_welcome(few):
    assert scan(few / "folder 1", case=few / "folder 1 case").code in (0, 1)


@pytest.mark.root
def test_a_case_inside_the_evidence_by_a_bind_mount_is_refused(few, tmp_path):
    with mount(tmp_path / "bound", "--bind", few / "folder 1") as bound:
        refused(scan(few, case=bound / "case"), "inside the evidence")


@pytest.mark.root
@pytest.mark.image
def test_a_case_on_the_examined_disk_is_refused(tmp_path):
    """Named as the device, or as the image below it."""
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with looped(image) as device, mount(tmp_path / "mounted", device) as place:
        for target in (device, image):
            refused(scan(target, case=place / "case"), "on the examined disk", "another disk")
        assert not (place / "case").exists()


def test_a_partition_and_a_mapped_volume_lie_on_their_disks(tmp_path, monkeypatch):
    """The file system of the test, said to be a mapped volume over a partition of a disk."""
    devices = tmp_path / "devices"
    for place, number in (("sdx", "8:0"), ("sdx/sdx1", "8:1"), ("dm", "253:0")):
        (devices / place).mkdir(parents=True)
        (devices / place / "dev").write_text(f"{number}\n")
    (devices / "sdx/sdx1/partition").write_text("1\n")
    (devices / "dm/slaves").mkdir()
    (devices / "dm/slaves/sdx1").symlink_to(devices / "sdx/sdx1")
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    own = tmp_path.stat().st_dev
    (numbers / f"{os.major(own)}:{os.minor(own)}").symlink_to(devices / "dm")
    (numbers / "8:1").symlink_to(devices / "sdx/sdx1")
    (numbers / "8:0").symlink_to(devices / "sdx")
    monkeypatch.setattr(refusals, "_SYS_BLOCK", numbers)
    assert set(refusals._beneath(tmp_path)) == {(0, own), (0, os.makedev(8, 1)), (0, os.makedev(8, 0))}


def test_a_case_that_is_a_file_is_refused(few, tmp_path):
    (tmp_path / "file").write_text("mine")
    refused(scan(few, case=tmp_path / "file"), tmp_path / "file", "--case")
    refused(scan(few, case=tmp_path / "file" / "case"), tmp_path / "file", "--case")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.root
def test_a_case_that_cannot_be_written_is_refused(few, finished, tmp_path):
    with mount(tmp_path / "stick", "-t", "tmpfs", "-o", "size=8m", "triage-test") as place:
        shutil.copytree(finished, place / "old")
        assert mounted("-o", "remount,ro", place)
        refused(scan(few, case=place / "new"), place / "new", "--case")
        assert scan(few, case=place / "old").code == 1  # finished: told again, and nothing is written


def test_a_scan_that_was_cut_off_is_not_shown_from_a_disk_that_cannot_be_written(tree, tmp_path):
    """Its last units lie in a log that reading would have to fold back."""
    run(tree, case=tmp_path / "case", seams={"unit": 16, "signal_at": ["unit 5", 9]})
    with mount(tmp_path / "stick", "-t", "tmpfs", "-o", "size=8m", "triage-test") as place:
        shutil.copytree(tmp_path / "case", place / "case")
        assert mounted("-o", "remount,ro", place)
        code, _, errors = triage("show", place / "case")
        assert (code, errors.count("\n")) == (2, 1)
        assert "copy the folder of the case to another disk" in errors


# -- what is there already -------------------------------------------------------------------------------------------


def foreign(path, *statements):
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def test_a_data_base_of_somebody_else_is_refused_and_left_alone(few, tmp_path):
    path = tmp_path / "case" / "case.sqlite"
    foreign(path, "CREATE TABLE theirs (x)", "INSERT INTO theirs VALUES (1)")
    refused(scan(few, case=path.parent), path)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT * FROM theirs").fetchall() == [(1,)]
    db.close()


def test_a_case_of_another_version_is_refused(few, tmp_path):
    path = tmp_path / "case" / "case.sqlite"
    foreign(path, "CREATE TABLE meta (key, value)", "INSERT INTO meta VALUES ('schema', 'triage.case/99')")
    refused(scan(few, case=path.parent), path, "triage.case/99")


def test_a_file_that_is_no_data_base_is_refused(few, tmp_path):
    path = tmp_path / "case" / "case.sqlite"
    path.parent.mkdir()
    path.write_bytes(random.Random(1).randbytes(8192))
    refused(scan(few, case=path.parent), path, "--case")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_case_cut_short_is_refused_or_whole(finished, few, share):
    whole = (finished / "case.sqlite").read_bytes()
    (finished / "case.sqlite").write_bytes(whole[: int(len(whole) * share)])
    refused(scan(few, case=finished), finished / "case.sqlite", "--case")


# -- at the same time ------------------------------------------------------------------------------------------------


def test_two_scans_into_one_case_are_refused(few, tmp_path):
    """The second asks while the first waits, and the first ends as if nothing had been."""
    case, waiting, go = tmp_path / "case", tmp_path / "waiting", tmp_path / "go"
    wait = f"touch {waiting}; while [ ! -e {go} ]; do sleep 0.02; done"
    first = launch(few, case=case, seams={"unit": 4, "command_at": ["unit 1", wait]})
    until(waiting.exists)
    second = scan(few, case=case)
    shown = triage("show", case)
    go.touch()
    ended = first.end()
    refused(second, "another triage", "--case")
    assert shown[0] == 2
    assert "another triage" in shown[2]
    assert shown[2].count("\n") == 1
    assert ended.code == 1
    assert ended.errors == ""


def test_a_case_that_was_cut_off_can_be_shown(few, tmp_path):
    """It says that it is not finished, and changes nothing."""
    case = tmp_path / "case"
    assert run(few, case=case, seams={"unit": 4, "signal_at": ["unit 2", 9]}).code == -9
    before = (case / "case.sqlite").read_bytes()
    code, out, errors = triage("show", case, "--lang", "en")
    assert errors == ""
    assert code == 1
    assert "cut off" in out
    assert (case / "case.sqlite").read_bytes() == before
    assert scan(few, case=case).coverage["gaps"] == 0
