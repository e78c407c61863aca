"""Folders that are not what they seem: pipes, devices, loops, locked doors, files that change under our hands."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from samples_fake import wncry
from tests.scanning import Scanned, scan
from triage.scan import Progress

ROOT = Path(__file__).parents[2]


def kinds(scanned: Scanned) -> dict[str, str]:
    return {entry.path: entry.kind.value for entry in scanned.entries}


def test_pipes_sockets_and_devices_are_recorded_and_never_opened(tmp_path):
    """A pipe that is opened waits for its writer for ever, a device may never end."""
    tree = tmp_path / "tree"
    tree.mkdir()
    os.mkfifo(tree / "pipe.exe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tree / "socket"))
    special = {"/pipe.exe", "/socket"}
    if os.geteuid() == 0:
        os.mknod(tree / "zero.docx.WNCRY", 0o020666, os.makedev(1, 5))
        special.add("/zero.docx.WNCRY")
    scanned = scan(tree, case=tmp_path / "case", depth="full")
    assert {path for path, kind in kinds(scanned).items() if kind == "special"} == special
    assert scanned.gaps == []
    assert scanned.coverage["bytes_read"] == 0
    assert "encrypted" not in scanned.worst.values()


def test_links_are_recorded_and_not_followed(tmp_path):
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    (tmp_path / "outside.WNCRY").write_bytes(wncry.encrypted(10))
    for name, target in {
        "here": ".",
        "up": "..",
        "folder/back": "../folder",
        "itself": "itself",
        "dangling": "nowhere",
        "outside": "../outside.WNCRY",
        "all": "/",
    }.items():
        (tree / name).symlink_to(target)
    scanned = scan(tree, case=tmp_path / "case", depth="full")
    assert sorted(path for path, kind in kinds(scanned).items() if kind == "link") == [
        "/all",
        "/dangling",
        "/folder/back",
        "/here",
        "/itself",
        "/outside",
        "/up",
    ]
    assert scanned.coverage["entries"] == 9
    assert (scanned.code, scanned.findings, scanned.gaps) == (0, [], [])


def unprivileged(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line by a user whom the system refuses what its owner refused."""
    drop = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("no setpriv, and root is refused nothing")
        powers = "-dac_override,-dac_read_search"
        drop = ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"]
    command = [*drop, sys.executable, "-m", "triage", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_is_refused_is_a_gap_and_never_nothing_found(lang, tmp_path):
    tree = tmp_path / "tree"
    (tree / "locked folder").mkdir(parents=True)
    (tree / "locked folder/evil.WNCRY").write_bytes(wncry.encrypted(10))
    (tree / "locked file.docx").write_bytes(b"secret")
    (tree / "open.txt").write_text("an ordinary text\n")
    for name in ("locked folder", "locked file.docx"):
        (tree / name).chmod(0)
    done = unprivileged("scan", tree, "--case", tmp_path / "case", "--quiet", "--lang", lang)
    (tree / "locked folder").chmod(0o700)
    scanned = Scanned(done.returncode, done.stdout, done.stderr, tmp_path / "case")
    assert scanned.gap_reasons == {"/locked folder": "denied", "/locked file.docx": "denied"}
    assert (scanned.code, scanned.verdict) == (3, "inconclusive")
    assert scanned.coverage["gaps_by_reason"] == {"denied": 2}
    assert {"vi": "CHƯA", "en": "NO CONCLUSION"}[lang] in scanned.screen.splitlines()[2]


def test_a_refused_folder_does_not_hide_a_finding(tmp_path):
    tree = tmp_path / "tree"
    (tree / "locked").mkdir(parents=True)
    (tree / "a.docx.WNCRY").write_bytes(wncry.encrypted(100))
    (tree / "locked").chmod(0)
    done = unprivileged("scan", tree, "--case", tmp_path / "case", "--quiet", "--lang", "en")
    (tree / "locked").chmod(0o700)
    assert done.returncode == 1
    assert "denied" in done.stdout or "refused" in done.stdout


def test_a_folder_that_cannot_be_listed_at_all_is_an_error(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir(mode=0)
    done = unprivileged("scan", tree, "--case", tmp_path / "case", "--quiet")
    tree.chmod(0o700)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr
    assert not (tmp_path / "case").exists()


@pytest.fixture
def meddle(monkeypatch):
    """Does something between the walk and the first read."""

    def arrange(act):
        begin = Progress.begin_units

        def begin_later(self, *numbers, **named):
            act()
            begin(self, *numbers, **named)

        monkeypatch.setattr(Progress, "begin_units", begin_later)

    return arrange


def files_far_down(tree: Path, names: list[str]) -> Path:
    """Encrypted files three folders down, where the fingerprint of a folder does not look."""
    place = tree / "a/b/c"
    place.mkdir(parents=True)
    for name in names:
        (place / name).write_bytes(wncry.encrypted(5000))
    return place


def test_what_is_no_longer_what_the_walk_saw_is_a_gap(meddle, tmp_path):
    place = files_far_down(tmp_path / "tree", ["folder", "gone", "link", "pipe"])

    def change():
        for name in ("folder", "gone", "link", "pipe"):
            (place / name).unlink()
        (place / "folder").mkdir()
        (place / "link").symlink_to("/etc/hosts")
        os.mkfifo(place / "pipe")

    meddle(change)
    scanned = scan(tmp_path / "tree", case=tmp_path / "case", depth="full")
    assert scanned.gap_reasons == {
        "/a/b/c/folder": "changed",
        "/a/b/c/gone": "changed",
        "/a/b/c/link": "unreadable",
        "/a/b/c/pipe": "changed",
    }
    assert (scanned.code, scanned.verdict) == (3, "inconclusive")
    assert scanned.coverage["bytes_read"] == 0


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_a_file_that_shrank_is_a_gap_and_one_that_grew_is_read_as_the_walk_saw_it(depth, meddle, tmp_path):
    shrunk, grown = [0, 4, 200, 300, 5287], [5289, 100_000]
    place = files_far_down(tmp_path / "tree", [str(size) for size in (*shrunk, *grown)])
    meddle(lambda: [os.truncate(place / str(size), size) for size in (*shrunk, *grown)])
    scanned = scan(tmp_path / "tree", case=tmp_path / "case", depth=depth)
    assert scanned.gap_reasons == {f"/a/b/c/{size}": "changed" for size in shrunk}
    assert {path for _, path in scanned.worst} == {f"/a/b/c/{size}" for size in grown}


def test_a_change_near_the_top_is_shouted(meddle, tmp_path):
    files_far_down(tmp_path / "tree", ["one"])
    meddle(lambda: (tmp_path / "tree/new.txt").write_text("new"))
    scanned = scan(tmp_path / "tree", case=tmp_path / "case")
    assert scanned.summary["evidence"]["changed"] is True
    assert "!! The evidence changed" in scanned.screen


def test_evidence_that_is_pulled_out_and_put_back_is_scanned_to_its_end(meddle, monkeypatch, tmp_path):
    tree, away = tmp_path / "tree", tmp_path / "away"
    files_far_down(tree, ["one"])
    meddle(lambda: tree.rename(away))
    pulled = scan(tree, case=tmp_path / "case")
    assert pulled.code == 2
    assert (pulled.screen, pulled.errors.count("\n")) == ("", 1)
    away.rename(tree)
    monkeypatch.undo()
    again = scan(tree, case=tmp_path / "case")
    assert (0, "/a/b/c/one") in again.worst or "/a/b/c/one" in again.gap_reasons
    assert again.code != 0
