"""The evidence is what it was; where it is not, that is said first."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess

import pytest

from tests.scan.conftest import fill
from tests.scan.disks import looped
from tests.scan.launching import run
from triage.case import Case


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_writable_copy_is_not_written(image, tmp_path):
    copy = shutil.copyfile(image, tmp_path / "copy.img")
    before, when = sha256(copy), copy.stat().st_mtime_ns
    assert run(copy, case=tmp_path / "case").code == 1
    assert (sha256(copy), copy.stat().st_mtime_ns) == (before, when)


@pytest.mark.root
def test_a_read_only_device_gives_the_same_and_stays_the_same(image, tmp_path):
    before = sha256(image)
    plain = run(image, case=tmp_path / "plain")
    with looped(image, "-r") as device:
        scanned = run(device, case=tmp_path / "case")
        assert scanned.code == 1, scanned.errors
        assert scanned.findings_file == plain.findings_file
    assert sha256(image) == before


def test_the_times_of_files_in_a_folder_stay_as_they_were(tmp_path):
    """Access times, too: a day old, they would be moved by any ordinary read."""

    def times():
        return {path: (found.st_atime_ns, found.st_mtime_ns) for path in places if (found := path.stat())}

    tree = fill(tmp_path / "tree", 30)
    places = [tree, *sorted(tree.rglob("*"))]
    for path in places:
        os.utime(path, ns=(86_400 * 10**9, 2 * 86_400 * 10**9))
    before = times()
    assert run(tree, case=tmp_path / "case", arguments=("--depth", "full")).code == 1
    assert times() == before


def test_evidence_that_is_written_meanwhile_is_shouted(image, tmp_path):
    """Somebody overwrites the boot code while the scan runs."""
    copy = shutil.copyfile(image, tmp_path / "copy.img")
    write = f"printf X | dd of='{copy}' bs=1 seek=100 conv=notrunc status=none"
    scanned = run(copy, case=tmp_path / "case", seams={"command_at": ["unit 1", write]})
    assert scanned.summary["evidence"]["changed"] is True
    assert "changed" in scanned.screen
    assert scanned.code == 1


def test_evidence_that_changed_since_the_scan_was_cut_off_is_refused(image, tmp_path):
    copy = shutil.copyfile(image, tmp_path / "copy.img")
    seams = {"unit": 16, "signal_at": ["unit 2", 9]}
    assert run(copy, case=tmp_path / "case", seams=seams).code == -9
    with copy.open("r+b") as disk:
        disk.seek(100)
        disk.write(b"X")
    scanned = run(copy, case=tmp_path / "case")
    assert scanned.code == 2
    assert "changed" in scanned.errors


# -- hashing the source ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_the_hash_of_the_source_is_the_one_of_sha256sum(image, tmp_path, workers):
    arguments = ("--hash-source", "--workers", workers)
    scanned = run(image, case=tmp_path / "case", arguments=arguments, seams={"unit": 16})
    hashes = scanned.summary["evidence"]["hashes"]
    for name in ("md5", "sha256"):
        judge = subprocess.run([f"{name}sum", image], check=True, capture_output=True, text=True)
        assert hashes[name] == judge.stdout.split()[0]


def test_a_source_may_be_hashed_after_it_was_scanned(image, tmp_path):
    first = run(image, case=tmp_path / "case")
    assert first.summary["evidence"]["hashes"] == {}
    second = run(image, case=tmp_path / "case", arguments=("--hash-source",))
    assert json.loads((tmp_path / "case/summary.json").read_bytes())["evidence"]["hashes"]["sha256"] == sha256(image)
    assert second.findings_file == first.findings_file


def test_a_scan_that_was_killed_while_hashing_still_hashes(image, tmp_path):
    seams = {"unit": 16, "signal_at": ["unit 3", 9]}
    assert run(image, case=tmp_path / "case", seams=seams, arguments=("--hash-source",)).code == -9
    scanned = run(image, case=tmp_path / "case", arguments=("--hash-source",))
    assert scanned.summary["evidence"]["hashes"]["sha256"] == sha256(image)


@pytest.mark.image
def test_the_hash_that_an_e01_stores_is_there_to_compare(image, tmp_path):
    command = ["ewfacquire", "-u", "-q", "-f", "encase6", "-t", tmp_path / "disk", "-c", "deflate:fast", image]
    subprocess.run(command, check=True, capture_output=True)
    scanned = run(tmp_path / "disk.E01", case=tmp_path / "case", arguments=("--hash-source",))
    evidence = scanned.summary["evidence"]
    assert evidence["hashes"]["md5"] == evidence["stored_hashes"]["md5"]
    assert evidence["hashes"]["sha256"] == sha256(image)


def test_a_source_that_cannot_be_hashed_is_scanned_all_the_same(image, tmp_path):
    """A bad sector somewhere: there is no hash of the whole, and the journal says why."""
    seams = {"opener": "tests.scan.faulty:no_hash"}
    scanned = run(image, case=tmp_path / "case", seams=seams, arguments=("--hash-source",))
    assert scanned.code == 1, scanned.errors
    assert scanned.summary["evidence"]["hashes"] == {}
    with Case.open(scanned.case) as case:
        told = {line.act: line.detail for line in case.journal()}
    assert "sector 99" in told["source not hashed"]
