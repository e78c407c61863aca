"""Ctrl-C and SIGTERM stop a scan within two seconds, wherever it is, and the same command goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time

import pytest

from tests.scan.conftest import fill
from tests.scan.launching import all_end, each_once, launch, run
from triage.cli import main, verbs

INTERRUPTED = 130
LINE = "triage: interrupted; the same command goes on where it stopped"


def interrupted(*targets, case, point, what=signal.SIGINT, seams=None, **how):
    """Interrupts a scan at a point; it ends in time, in one line, without a trace."""
    left, pids = case.parent / "left", case.parent / "pids"
    told = {"unit": 16, "left": str(left), "pids": str(pids), "signal_at": [point, what], **(seams or {})}
    scanned = run(*targets, case=case, seams=told, **how)
    took = time.monotonic() - float(left.read_text())
    assert scanned.code == INTERRUPTED, scanned.errors
    assert scanned.errors.split("\n") == ["", LINE, ""]
    assert scanned.screen == ""
    assert took < 2
    assert all_end(json.loads(pids.read_text()))
    assert not list(case.glob("*.part"))


@pytest.mark.parametrize(
    ("point", "what"),
    [
        ("listing", signal.SIGINT),
        ("unit 3", signal.SIGINT),
        ("unit 3", signal.SIGTERM),
        ("writing report.html", signal.SIGINT),
    ],
)
def test_an_interrupt_stops_at_once_and_loses_nothing(undisturbed, tmp_path, point, what):
    case = tmp_path / "case"
    interrupted(*undisturbed.targets, case=case, point=point, what=what)
    scanned = run(*undisturbed.targets, case=case)
    assert scanned.findings_file == undisturbed.scanned.findings_file
    assert scanned.summary == undisturbed.scanned.summary
    assert each_once(case)


def test_another_verb_does_not_promise_to_go_on(monkeypatch, capsys):
    def stopped(**_given):
        raise KeyboardInterrupt

    monkeypatch.setattr(verbs, "main", stopped)
    assert main(["report", "case"]) == INTERRUPTED
    assert capsys.readouterr().err == "triage: interrupted; the same command begins again\n"


@pytest.fixture
def large(image, tmp_path):
    """The demo disk with two GiB of nothing behind it: hashing takes a while."""
    large = shutil.copyfile(image, tmp_path / "large.img")
    with large.open("r+b") as disk:
        disk.truncate(2 << 30)
    return large


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_stops_hashing(large, tmp_path, workers):
    arguments = ("--hash-source", "--workers", workers)
    interrupted(large, case=tmp_path / "case", point="hashing", arguments=arguments)


def test_an_interrupt_stops_a_reader_that_hangs(tmp_path):
    tree = fill(tmp_path / "tree", 8)
    (tree / "interrupt now").write_bytes(b"x")
    launched = launch(tree, case=tmp_path / "case", seams={"detectors": "tests.scan.faulty:detectors"})
    began = time.monotonic()
    scanned = launched.end()
    assert scanned.code == INTERRUPTED
    assert scanned.errors.split("\n") == ["", LINE, ""]
    assert time.monotonic() - began < 10


def test_a_reader_that_has_seen_enough_is_no_error(undisturbed, tmp_path):
    """`triage scan … | head`, where head is gone before the first line: the exit code is the verdict's."""
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as gone:
        gone.wait()
        scanned = launch(*undisturbed.targets, case=tmp_path / "case", stdout=gone.stdin).end()
        gone.stdin.close()
    assert scanned.code == undisturbed.scanned.code
    assert scanned.errors == ""
