"""A small queue, end to end: right answers, broken images named, nothing done twice, the overview valid all along."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from samples_fake.images import demo_image
from tests.batch import images
from tests.batch.launching import ended, launch, run, scans_of
from tests.scan.launching import all_end, until
from tests.scanning import scan
from triage.case import Case


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The demo disk, a copy of it in another office, garbage, an image whose reader hangs, one whose reader dies."""
    folder = tmp_path_factory.mktemp("images")
    demo = demo_image(folder / "demo.img")
    images.sparse_copy(demo, folder / "Sở Y tế" / "copy.dd")
    images.garbage(folder / "rác.img")
    images.garbage(folder / "Sở Y tế" / "hang-1.img", 1000)
    images.garbage(folder / "crash-1.img", 2000)
    (folder / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture(scope="module")
def queued(folder, tmp_path_factory):
    return run(folder, tmp_path_factory.mktemp("queued") / "out", "--jobs", 2, "--workers", 1)


def test_every_image_gets_its_answer_and_broken_ones_a_reason(queued):
    assert queued.code == 1, queued.errors
    said = {name: (one["condition"], one["problem"]) for name, one in queued.machines.items()}
    assert {name: condition for name, (condition, _) in said.items()} == {
        "demo.img": "copy",
        "Sở Y tế/copy.dd": "encrypted",
        "rác.img": "inconclusive",
        "Sở Y tế/hang-1.img": "not-examined",
        "crash-1.img": "not-examined",
    }
    assert "took more than" in said["Sở Y tế/hang-1.img"][1]
    assert "SIGSEGV" in said["crash-1.img"][1]
    assert queued.machines["demo.img"]["same_as"] == "Sở Y tế/copy.dd"
    assert queued.machines["rác.img"]["missing"] == {"unsupported": 1}
    assert queued.overview["passed_over"] == ["notes.txt"]
    assert queued.errors == ""


def test_what_was_not_examined_is_said_last(queued):
    problems = queued.screen.partition("Not examined, or not to the end:")[2]
    assert problems.index("hang-1.img") > 0
    assert problems.index("crash-1.img") > 0
    assert "SIGSEGV" in problems


def test_totals_of_offices_are_those_of_their_machines(queued):
    offices = {one["office"]: one for one in queued.overview["offices"]}
    assert offices["Sở Y tế"]["machines"] == 2
    assert offices["Sở Y tế"]["conditions"]["encrypted"] == 1
    assert offices[""]["conditions"]["inconclusive"] == 1
    assert queued.overview["total"]["machines"] == 4
    assert queued.overview["copies"] == 1


def test_a_case_is_the_one_that_a_scan_of_its_image_makes(queued, folder, tmp_path):
    alone = scan(folder / "demo.img", case=tmp_path / "case")
    assert queued.findings()["cases/Sở Y tế/copy.dd"] == alone.findings_file


def test_other_arguments_are_refused_before_anything_is_scanned(queued, folder):
    refused = run(folder, queued.out, "--depth", "quick")
    assert refused.code == 2
    assert "begun with another depth" in refused.errors
    assert refused.errors.count("\n") == 1


def test_a_queue_that_is_killed_leaves_a_valid_overview_and_goes_on(queued, folder, tmp_path):
    """The demo disk is in work when it is."""
    images.sparse_copy(folder / "demo.img", tmp_path / "images/slow-demo.img")
    images.garbage(tmp_path / "images/rác.img")
    out, slow = tmp_path / "out", {"TRIAGE_TEST_SLOW": "1.9"}
    process = launch(tmp_path / "images", out, "--jobs", 2, "--workers", 1, seams={"kill_after": 1}, env=slow)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    conditions = {one["name"]: one["condition"] for one in json.loads((out / "overview.json").read_bytes())["machines"]}
    assert conditions == {"slow-demo.img": "waiting", "rác.img": "inconclusive"}
    assert (out / "index.html").read_text("utf-8").rstrip().endswith("</html>")
    done = out / "cases/rác.img/case.sqlite"
    before = done.stat().st_mtime_ns
    again = run(tmp_path / "images", out, "--jobs", 2, "--workers", 1)
    assert again.code == 1, again.errors
    assert done.stat().st_mtime_ns == before
    assert again.machines["rác.img"] == queued.machines["rác.img"]
    assert again.findings()["cases/slow-demo.img"] == queued.findings()["cases/Sở Y tế/copy.dd"]


def test_an_interrupt_stops_the_scans_and_is_said_in_one_line(folder, tmp_path):
    """One image is in work, and hangs for long."""
    alone = tmp_path / "images"
    images.sparse_copy(folder / "demo.img", alone / "slow-demo.img")
    process = launch(alone, tmp_path / "out", env={"TRIAGE_TEST_SLOW": "30"})
    until(lambda: (tmp_path / "out/queue.lease").exists())
    until(lambda: scans_of(process.pid))
    scans = scans_of(process.pid)
    os.kill(process.pid, signal.SIGINT)
    began = time.monotonic()
    stopped = ended(process, tmp_path / "out")
    assert time.monotonic() - began < 10
    assert stopped.code == 130
    assert stopped.errors == "\ntriage: interrupted; the same command goes on where it stopped\n"
    assert all_end(scans)
    assert stopped.machines["slow-demo.img"]["condition"] == "waiting"


def test_an_image_over_its_limit_is_ended_and_its_case_says_so(folder, tmp_path):
    alone = tmp_path / "images"
    images.sparse_copy(folder / "demo.img", alone / "slow-demo.img")
    limited = run(alone, tmp_path / "out", "--per-image-limit", "1.5s", env={"TRIAGE_TEST_SLOW": "2.9"})
    machine = limited.machines["slow-demo.img"]
    assert "took more than 1.5 s" in machine["problem"]
    assert not machine["finished"]
    with Case.open(tmp_path / "out/cases/slow-demo.img") as case:
        assert case.journal()[-1].act == "ended by the time limit of the queue"
    again = run(alone, tmp_path / "out")
    assert again.machines["slow-demo.img"]["condition"] == "encrypted"
    assert again.machines["slow-demo.img"]["finished"]


def test_cases_from_elsewhere_join_without_their_images(queued, tmp_path):
    (tmp_path / "none").mkdir()
    joined = run(tmp_path / "none", tmp_path / "out", "--case-folder", queued.out / "cases")
    assert joined.code == 1
    assert joined.machines["Sở Y tế/copy.dd"]["condition"] == "encrypted"
    assert joined.machines["Sở Y tế/copy.dd"]["office"] == "Sở Y tế"
    page = tmp_path / "out" / joined.machines["Sở Y tế/copy.dd"]["case"] / "report.html"
    assert page.is_file()
