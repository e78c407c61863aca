"""A disk that is full or pulled, under the case or the evidence: one line, exit 2, and the same command goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from contextlib import contextmanager

import pytest

from tests.scan.disks import mount, mounted
from tests.scan.launching import archive, each_once, run, until
from triage.case import Case

pytestmark = pytest.mark.root

UNIT = 16


@pytest.fixture
def stick(tmp_path):
    """A small disk for the case."""
    with mount(tmp_path / "stick", "-t", "tmpfs", "-o", "size=96m", "triage-test") as place:
        yield place


def one_line(scanned, *parts):
    assert scanned.code == 2
    assert scanned.errors.count("\n") == 1
    assert scanned.errors.startswith("triage: ")
    assert scanned.screen == ""
    for part in parts:
        assert str(part) in scanned.errors


def sound(case):
    with Case.create(case) as opened:
        assert opened._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def goes_on(undisturbed, case, targets=None):
    scanned = run(*(targets or undisturbed.targets), case=case, seams={"unit": UNIT})
    assert scanned.code == 1, scanned.errors
    assert scanned.findings_file == undisturbed.scanned.findings_file
    assert {**scanned.summary, "collected": None} == {**undisturbed.scanned.summary, "collected": None}
    assert each_once(case)


@pytest.mark.parametrize(
    ("point", "file"),
    [
        ("listing", "case.sqlite"),
        ("listed", "case.sqlite"),
        ("unit 3", "case.sqlite"),
        ("writing findings.jsonl", "findings.jsonl"),
        ("writing report.html", "report.html"),
    ],
)
def test_a_full_disk_under_the_case_is_said_and_the_scan_goes_on(undisturbed, stick, point, file):
    """Something else takes all the space that is left."""
    case = stick / "case"
    seams = {"unit": UNIT, "command_at": [point, f"head -c 128M /dev/zero > {stick}/ballast 2>/dev/null || true"]}
    one_line(run(*undisturbed.targets, case=case, seams=seams), case / file, "free space", "again")
    (stick / "ballast").unlink()
    sound(case)
    goes_on(undisturbed, case)
    assert archive(case) == archive(undisturbed.scanned.case)


@pytest.mark.parametrize("size", ["4k", "40k", "200k", "400k", "800k"])
def test_a_disk_too_small_for_the_case_may_be_exchanged_for_a_larger_one(undisturbed, stick, size):
    case = stick / "case"
    assert mounted("-o", f"remount,size={size}", stick)
    one_line(run(*undisturbed.targets, case=case, seams={"unit": UNIT}), case, "free space")
    assert mounted("-o", "remount,size=96m", stick)
    goes_on(undisturbed, case)


def test_a_disk_with_room_for_the_records_alone_is_said_and_nothing_is_collected(undisturbed, stick):
    """The scan itself goes on; what was left out stands in the records, the outputs and the index."""
    assert mounted("-o", "remount,size=16m", stick)
    scanned = run(*undisturbed.targets, case=stick / "case")
    assert scanned.code == 1
    assert scanned.findings_file == undisturbed.scanned.findings_file
    assert "files that matter were not collected" in scanned.errors
    entries = undisturbed.scanned.summary["collected"]["entries"]
    assert scanned.summary["collected"] == {
        "entries": 0,
        "contents": 0,
        "bytes": 0,
        "left_out": {"disk-full": entries},
    }
    index = json.loads((stick / "case" / "evidence" / "index.json").read_bytes())
    assert {file["left_out"] for file in index["files"]} == {"disk-full"}
    assert not (stick / "case" / "evidence" / "evidence.zip").exists()


def test_a_folder_that_is_gone_while_it_is_read_is_not_full_of_gaps(undisturbed, tmp_path):
    image, tree = undisturbed.targets
    with mount(tmp_path / "tree", "--bind", tree) as place:
        seams = {"unit": UNIT, "command_at": ["unit 2", f"umount -l {place}"]}
        scanned = run(image, place, case=tmp_path / "case", seams=seams)
        one_line(scanned, place, "gone", "same command")
        assert mounted("--bind", tree, place)
        goes_on(undisturbed, tmp_path / "case", (image, place))


def test_a_folder_that_is_gone_while_it_is_listed_is_not_an_empty_volume(undisturbed, tmp_path):
    image, tree = undisturbed.targets
    with mount(tmp_path / "tree", "--bind", tree) as place:
        seams = {"command_at": ["listing", f"umount -l {place}"]}
        one_line(run(image, place, case=tmp_path / "case", seams=seams), place)
        assert mounted("--bind", tree, place)
        goes_on(undisturbed, tmp_path / "case", (image, place))


@pytest.mark.skipif(not shutil.which("nbdfuse") or not shutil.which("nbdkit"), reason="needs nbdfuse and nbdkit")
@pytest.mark.parametrize("point", ["listing", "unit 2"])
def test_an_image_on_a_pulled_stick_is_read_on_when_it_is_back(undisturbed, tmp_path, point):
    """The disk below the image goes away for good: every read is an error from then on."""
    image, tree = undisturbed.targets
    place = tmp_path / "demo.img"
    place.touch()

    @contextmanager
    def served():
        command = ["nbdfuse", "-r", place, "--command", "nbdkit", "-s", "file", image]
        with subprocess.Popen(command, start_new_session=True) as disk:
            try:
                until(lambda: place.stat().st_size)
                yield disk.pid
            finally:
                os.killpg(disk.pid, signal.SIGKILL)
                subprocess.run(["umount", "-l", place], check=False, capture_output=True)

    with served() as disk:
        seams = {"unit": UNIT, "command_at": [point, f"kill -9 -{disk}"]}
        one_line(run(place, tree, case=tmp_path / "case", seams=seams), place)
    with served():
        goes_on(undisturbed, tmp_path / "case", (place, tree))
