"""One bad file costs one file, one bad volume one volume; nothing hangs, and the terminal stays clean."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
from types import SimpleNamespace

import pytest

from samples_fake import wncry
from tests.scan.conftest import fill
from tests.scan.launching import each_once, run, until
from triage.detectors.names import Names
from triage.intel import Intel, load_intel
from triage.model import Entry, GapReason, Kind, Level
from triage.scan.depth import Depth
from triage.scan.examine import Examiner, Outcome
from triage.scan.messages import Unit
from triage.scan.pool import Pool, Worker
from triage.scan.worker import WorkerSpec

SEAMS = {
    "unit": 4,
    "detectors": "tests.scan.faulty:detectors",
    "limits": {"seconds": 0.5, "per_mib": 0.0, "walk_seconds": 1.0},
    "memory": 400 << 20,
}
REASONS = {"hang": "timeout", "crash": "crashed", "exit": "crashed", "grow": "memory", "stumble": "bug"}


@pytest.fixture
def bad_files(tmp_path):
    tree = fill(tmp_path / "tree", 30)
    for deed in REASONS:
        (tree / f"folder 3/{deed} here").write_bytes(b"some bytes")
    return tree


@pytest.mark.parametrize("workers", [1, 2])
def test_each_bad_file_is_one_gap_with_its_reason(bad_files, tmp_path, workers):
    scanned = run(bad_files, case=tmp_path / "case", seams=SEAMS, arguments=("--workers", workers))
    assert scanned.code == 1
    assert {path.rpartition("/")[2]: why for path, why in scanned.gap_reasons.items()} == {
        f"{deed} here": reason for deed, reason in REASONS.items()
    }
    assert len(scanned.gaps) == len(REASONS)
    assert scanned.coverage["gaps"] == len(REASONS)
    assert len(scanned.findings) == 3
    assert each_once(tmp_path / "case")
    assert scanned.errors == ""


def test_a_gap_says_what_happened(bad_files, tmp_path):
    scanned = run(bad_files, case=tmp_path / "case", seams=SEAMS)
    said = {entry.name.split(" ")[0]: gap.detail for entry, gap in scanned.gaps}
    assert "SIGSEGV" in said["crash"]
    assert "status 0" in said["exit"]
    assert "took more than" in said["hang"]
    assert "no such sector size" in said["stumble"]


def test_without_findings_a_gap_makes_the_exit_code_three(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "crash here").write_bytes(b"x")
    assert run(tmp_path / "tree", case=tmp_path / "case", seams=SEAMS).code == 3


def test_many_bad_files_in_one_unit_cost_only_themselves(tmp_path):
    tree = fill(tmp_path / "tree", 20)
    for number in range(6):
        (tree / f"folder 1/crash {number}").write_bytes(b"x")
    scanned = run(tree, case=tmp_path / "case", seams=SEAMS | {"unit": 100})
    assert scanned.coverage["gaps"] == 6
    assert each_once(tmp_path / "case")


@pytest.mark.parametrize(
    ("deed", "reason"), [("crash", "crashed"), ("hang", "timeout"), ("stumble", "bug"), ("grow", "memory")]
)
def test_a_walk_that_ends_early_is_a_gap_of_its_volume_alone(tmp_path, deed, reason):
    bad, good = fill(tmp_path / "bad", 5), tmp_path / "good"
    (bad / f"walk {deed}").write_bytes(b"x")
    good.mkdir()
    (good / "a.WNCRY").write_bytes(wncry.encrypted(10))
    scanned = run(bad, good, case=tmp_path / "case", seams=SEAMS | {"opener": "tests.scan.faulty:faulty_walk"})
    ((entry, gap),) = scanned.gaps
    assert (entry.volume, entry.kind.value, gap.stage, gap.reason.value) == (0, "volume", "walk", reason)
    assert [finding["volume"] for finding in scanned.findings] == [1]
    assert scanned.code == 1
    assert scanned.errors == ""


def test_a_reader_that_dies_at_its_start_ends_the_scan_with_one_line(tree, tmp_path):
    scanned = run(tree, case=tmp_path / "case", seams=SEAMS | {"opener": "tests.scan.faulty:no_start"})
    assert scanned.code == 2
    assert scanned.errors.count("\n") == 1
    assert "cannot be read" in scanned.errors
    assert "SIGSEGV" in scanned.errors


def test_readers_that_keep_dying_end_the_scan_with_one_line(bad_files, tmp_path):
    """The first reader finds the evidence in order; those that follow a crash all die of it."""
    scanned = run(
        bad_files,
        case=tmp_path / "case",
        seams=SEAMS | {"opener": "tests.scan.faulty:start_once"},
        arguments=("--workers", 1),
        env={"TRIAGE_TEST_MARKER": str(tmp_path / "marker")},
    )
    assert scanned.code == 2
    assert scanned.errors.count("\n") == 1


class Sleeper:
    """A process that never ends, and does nothing."""

    exitcode = -9

    def kill(self):
        self.exitcode = -9

    def join(self, timeout):
        pass


def test_time_that_the_machine_slept_is_not_held_against_a_file(monkeypatch):
    """Ctrl-Z and `fg`, a closed lid, a slow disk under the case: one poll may come an hour after the other."""
    now = 0.0
    monkeypatch.setattr("triage.scan.pool.POLL_SECONDS", 0)
    monkeypatch.setattr("triage.scan.pool.time", SimpleNamespace(monotonic=lambda: now))
    workers = Pool(WorkerSpec(targets=(), depth=Depth.QUICK, intel=Intel(families=()), memory=0))
    ours, theirs = multiprocessing.Pipe()
    workers.workers = [Worker(Sleeper(), ours, [0, 0])]
    workers.give(workers.workers[0], Unit(1, ()), lambda _entry: 30.0)
    for _ in range(10):
        now += 3600
        assert list(workers.answers()) == []
    for _ in range(25):
        now += 1
        given = list(workers.answers())
    assert [lost.reason for _worker, lost in given] == [GapReason.TIMEOUT]
    theirs.close()
    ours.close()


def test_a_pipe_put_in_the_place_of_a_file_is_a_gap(tmp_path):
    tree = fill(tmp_path / "tree", 8)
    victim = tree / "folder 5/file 5.txt"
    seams = {"unit": 4, "command_at": ["listed", f"rm '{victim}'; mkfifo '{victim}'"]}
    scanned = run(tree, case=tmp_path / "case", seams=seams)
    assert scanned.gap_reasons == {"/folder 5/file 5.txt": "changed"}


@pytest.mark.skipif(not shutil.which("nbdfuse") or not shutil.which("nbdkit"), reason="needs nbdfuse and nbdkit")
@pytest.mark.root
def test_a_read_that_not_even_a_kill_ends_costs_one_file(tmp_path):
    """A file on a disk that stops answering: its reader hangs in the kernel, and nobody waits for it."""
    tree = fill(tmp_path / "tree", 8)
    stuck = tree / "stuck.bin"
    stuck.touch()
    server = ["nbdkit", "-s", "eval", "get_size=echo 65536", f"pread=touch {tmp_path}/asked; sleep 60"]
    with subprocess.Popen(["nbdfuse", stuck, "--command", *server], start_new_session=True) as disk:
        try:
            until(lambda: stuck.stat().st_size == 65536)
            scanned = run(tree, case=tmp_path / "case", seams={"unit": 4, "limits": SEAMS["limits"]})
            assert (tmp_path / "asked").exists()
            assert scanned.gap_reasons == {"/stuck.bin": "timeout"}
            assert scanned.code == 1
            assert scanned.errors == ""
        finally:
            os.killpg(disk.pid, signal.SIGKILL)
            subprocess.run(["umount", "-l", stuck], check=False)


class BadSector:
    """A PE whose second page cannot be read."""

    size = 100_000

    def read(self, offset, size):
        if offset + size > 4096:
            raise OSError("bad sector")
        return b"MZ".ljust(size, b"x")

    def close(self):
        pass


class BadDisk:
    def open(self, _entry):
        return BadSector()

    def beside(self, _entry, _name):
        return None


@pytest.mark.parametrize("allocated", [True, False])
def test_a_file_that_cannot_be_read_to_its_end_is_not_looked_at_twice(allocated):
    """What its name says is one finding; that it was not read is one gap, or nothing where it was deleted."""
    detectors = (Names(load_intel()),)
    examiner = Examiner(BadDisk(), detectors, lambda _entry, _type: Level.FULL)
    outcome = Outcome()
    path = "/Windows/tasksche.exe"
    examiner.examine(
        Entry(id=1, volume=0, path=path, kind=Kind.FILE, size=100_000, key="x", allocated=allocated), outcome
    )
    assert len(outcome.records) == 1
    assert [gap.detail for gap in outcome.gaps] == (["bad sector"] if allocated else [])
    assert [level for _entry, level, *_ in outcome.examined] == ([] if allocated else ["head"])


def test_a_fault_of_our_own_says_where(bad_files, tmp_path):
    scanned = run(bad_files, case=tmp_path / "case", seams=SEAMS)
    said = {entry.name.split(" ")[0]: gap.detail for entry, gap in scanned.gaps}
    assert re.fullmatch(r"ZeroDivisionError: no such sector size \(scan/faulty.py:\d+\)", said["stumble"])


@pytest.mark.parametrize("seconds", [2**33 + 2**32, -(2**31)])
def test_a_file_from_a_far_time_is_examined(tmp_path, seconds):
    """Beyond the year 2262 nanoseconds do not fit 64 bits."""
    tree = fill(tmp_path / "tree", 8)
    os.utime(tree / "folder 1/file 1.txt", (seconds, seconds))
    assert run(tree, case=tmp_path / "case").coverage["gaps"] == 0
