"""What lies in free clusters comes back, proven and under its name where one is known; living files never do."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples_fake import documents, state, wncry
from samples_fake.build import build_image
from samples_fake.scenes.calendar import WHEN_ENCRYPTED, WHEN_INSTALLED, office_times, touched
from samples_fake.scenes.recoverable import document
from samples_fake.tree import Expected, FakeFile, Scene, Volume
from tests.scan.launching import all_end, until
from tests.scanning import scan, triage
from triage.case import Case
from triage.cli.recover import _Bar
from triage.evidence import open_evidence
from triage.evidence.allocation import Allocation
from triage.evidence.image import Image
from triage.evidence.raw import RawDisk
from triage.recover import carvers, carving
from triage.recover.run import RecoverOptions
from triage.recover.run import recover as run_recovery

pytestmark = [
    pytest.mark.image,
    pytest.mark.skipif(
        not shutil.which("photorec") and not shutil.which("foremost"), reason="neither photorec nor foremost installed"
    ),
]
MIB = 1 << 20
LIVING, DELETED, LOST = document(3), document(5), document(7)
LOOSE = {"docx": documents.docx("Công văn"), "pdf": documents.pdf("Tờ trình"), "png": documents.png(9)}
"""Lie in free clusters, and nothing tells their names."""


@dataclass(frozen=True)
class Disk:
    """An image with loose files written into its free clusters, and its case."""

    image: Path
    case: Path
    offsets: dict[str, int]


def made(folder: Path, loose: dict[str, bytes]) -> Disk:
    times = touched(office_times(3), changed=WHEN_ENCRYPTED)
    files = (
        FakeFile(path="/Dulieu/Còn.docx", content=LIVING, times=times),
        FakeFile(path="/Dulieu/Đã xóa.docx", content=DELETED, times=times, deleted=True),
        FakeFile(
            path="/Dulieu/Mất.docx.WNCRY", content=wncry.sealed(LOST, state.MODULUS, seed=1), written=WHEN_ENCRYPTED
        ),
    )
    scene = Scene(
        name="carved",
        about="Files in free clusters.",
        volumes=(Volume(filesystem="ntfs", size=16 * MIB, label="DULIEU", made=WHEN_INSTALLED, files=files),),
        expected=Expected(verdict="encrypted"),
    )
    image = build_image(scene, folder / "disk.img")
    evidence = open_evidence([image])
    start, space = evidence.volumes[0].offset, evidence.free_space(0)
    assert space is not None
    at, offsets = space.size // 2 // space.cluster * space.cluster, {}
    with image.open("r+b") as file:
        for name, data in loose.items():
            place = space.place(at)
            assert space.place(at + len(data)) == place + len(data)  # in one piece
            file.seek(start + place)
            file.write(data)
            offsets[name] = place
            at += (len(data) // space.cluster + 3) * space.cluster
    evidence.close()
    return Disk(image, scan(image, case=folder / "case").case, offsets)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    return made(tmp_path_factory.mktemp("carved"), LOOSE | {"lost": LOST})


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.parent != folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def recover(disk: Disk, out: Path, *more: object) -> tuple[int, str, str]:
    return triage("recover", disk.case, disk.image, "--to", out, "--carve", "--lang", "en", *more)


def expected(disk: Disk) -> dict[str, bytes]:
    loose = {f"carved/volume-0/{name}/{disk.offsets[name]}.{name}": data for name, data in LOOSE.items()}
    return loose | {"volume-0/Dulieu/Đã xóa.docx": DELETED, "doubtful/volume-0/Dulieu/Mất.docx": LOST}


def test_what_lies_in_free_clusters_comes_back_to_the_last_byte(disk: Disk, tmp_path: Path) -> None:
    before = disk.image.read_bytes()
    code, said, errors = recover(disk, tmp_path / "out")
    assert (code, errors) == (0, "")
    assert files(tmp_path / "out") == expected(disk)
    assert "found in free clusters" in said
    assert disk.image.read_bytes() == before
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=True)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("carved", "doubtful", "volume-0", "SHA256SUMS", "recovery.jsonl", "carving.json")
    }


def test_a_second_run_carves_nothing_again(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recover(disk, tmp_path / "out")
    log = (tmp_path / "out" / "recovery.jsonl").read_bytes()
    monkeypatch.setattr(carving, "carve", None)
    assert recover(disk, tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "recovery.jsonl").read_bytes() == log


def test_small_steps_find_the_same_files_once(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carving, "SIZE", MIB)
    monkeypatch.setattr(carving, "BEHIND", MIB)
    monkeypatch.setattr(carving, "LONGEST", MIB)
    recover(disk, tmp_path / "out")
    assert files(tmp_path / "out") == expected(disk)
    log = (tmp_path / "out" / "recovery.jsonl").read_text().splitlines()
    sums = [json.loads(line)["sha256"] for line in log[1:]]
    assert len(sums) == len(set(sums)) == len(expected(disk))


def test_without_a_program_it_is_said_which_to_install(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, errors = recover(disk, tmp_path / "out")
    assert (code, errors.count("\n")) == (2, 1)
    assert "photorec (package testdisk) or foremost (package foremost)" in errors
    assert not (tmp_path / "out").exists()


def program(folder: Path, text: str) -> None:
    """A photorec of our own in PATH, and no foremost."""
    folder.mkdir()
    (folder / "photorec").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "photorec").chmod(0o755)


BAD = {
    "does nothing": (":", "photorec did not search"),
    "crashes": ("kill -SEGV $$", "photorec ended with status"),
    "hangs": ("while :; do :; done", "photorec took longer than its limit"),
    "spews": (
        "mkdir photorec.1; while :; do head -c 50000000 /dev/zero >> photorec.1/f0000008.zip; done",
        "photorec wrote more than it can have found",
    ),
    "lies": (
        "mkdir photorec.1; cd photorec.1; touch report.xml; ln -s /etc/passwd f0000016.zip; mkdir f0000024.zip;"
        " echo x > f99999999.zip; echo x > f0000008.zip; : > f0000032.pdf",
        "",
    ),
}


@pytest.mark.parametrize("deed", BAD)
def test_a_program_that_goes_wrong_costs_its_step_and_leaves_nothing(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    monkeypatch.setattr(carvers, "_SECONDS", 0.5)
    monkeypatch.setattr(carvers, "_SECONDS_PER_BYTE", 0.0 if deed == "hangs" else 1e-6)
    script, problem = BAD[deed]
    program(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(carvers, "CARVERS", carvers.CARVERS[:1])
    code, said, errors = recover(disk, tmp_path / "out")
    assert (code, errors) == (1 if problem else 0, "")
    assert problem in said
    assert files(tmp_path / "out") == {}
    assert not (tmp_path / "out" / carving.WORK).exists()


def test_either_program_alone_finds_the_files(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = carvers.CARVERS
    for one in every:
        if shutil.which(one.name):
            monkeypatch.setattr(carvers, "CARVERS", (one,))
            recover(disk, tmp_path / one.name)
            assert files(tmp_path / one.name) == expected(disk), one.name


def test_a_folder_has_no_free_clusters_and_says_so(tmp_path: Path) -> None:
    tree = tmp_path / "disk"
    tree.mkdir()
    (tree / "a.docx.WNCRY").write_bytes(wncry.sealed(LOST, state.MODULUS))
    scanned = scan(tree, case=tmp_path / "case")
    code, _, errors = triage("recover", scanned.case, tree, "--to", tmp_path / "out", "--carve")
    assert (code, errors.count("\n")) == (2, 1)
    assert "free clusters are not known" in errors
    assert not (tmp_path / "out").exists()


def test_no_room_for_the_copy_is_said(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(carving.shutil, "disk_usage", lambda _: usage._replace(free=20_000_000))
    code, _, errors = recover(disk, tmp_path / "out")
    assert (code, errors.count("\n")) == (2, 1)
    assert "carving needs" in errors
    assert not (tmp_path / "out" / carving.WORK).exists()


def test_somebody_elses_file_of_our_names_is_refused(disk: Disk, tmp_path: Path) -> None:
    for name in (carving.WORK, carving.PROGRESS):
        out = tmp_path / name
        out.mkdir()
        (out / name).write_bytes(b"mine")
        code, _, errors = recover(disk, out)
        assert (code, errors.count("\n")) == (2, 1)
        assert (out / name).read_bytes() == b"mine"


def test_a_sector_that_cannot_be_read_costs_its_cluster(disk: Disk, tmp_path: Path) -> None:
    start, bad = disk.offsets["docx"], 0

    class Bad(RawDisk):
        def read(self, offset: int, size: int) -> bytes:
            if offset <= bad < offset + size:
                raise OSError("cannot be read")
            return super().read(offset, size)

    def opener(targets: Sequence[Path]) -> Image:
        nonlocal bad
        image = Image(targets[0])
        bad = image.volumes[0].offset + start
        image._disk.__class__ = Bad
        return image

    with Case.open(disk.case) as case:
        result = run_recovery(
            case, (disk.image,), tmp_path / "out", RecoverOptions(carve=True, opener=opener), _Bar(quiet=True)
        )
    assert result.unread == 4096
    lost = f"carved/volume-0/docx/{start}.docx"
    assert files(tmp_path / "out") == {name: data for name, data in expected(disk).items() if name != lost}


def test_free_clusters_are_those_that_blkls_lists(disk: Disk) -> None:
    if not shutil.which("blkls"):
        pytest.skip("needs blkls")
    evidence = open_evidence([disk.image])
    space = evidence.free_space(0)
    assert space is not None
    judge = subprocess.run(
        ["blkls", "-A", "-o", str(evidence.volumes[0].offset // 512), disk.image], capture_output=True, check=True
    ).stdout
    assert space.read(0, space.size) == judge
    middle = space.size // 2
    assert space.read(middle - 5000, 20_000) == judge[middle - 5000 : middle + 15_000]
    evidence.close()


@given(st.binary(max_size=60), st.integers(0, 600))
def test_runs_of_free_clusters_are_what_the_bits_say(bitmap: bytes, clusters: int) -> None:
    free = [n for n in range(min(clusters, len(bitmap) * 8)) if not bitmap[n // 8] >> n % 8 & 1]
    runs = list(Allocation(bitmap).free_runs(clusters))
    assert [n for first, count in runs for n in range(first, first + count)] == free
    assert all(one[0] + one[1] < two[0] for one, two in itertools.pairwise(runs))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_program_ends_with_the_recovery_and_the_next_run_completes_it(
    disk: Disk, tmp_path: Path, how: signal.Signals
) -> None:
    program(tmp_path / "bin", f"echo $$ > {tmp_path}/pid.part; mv {tmp_path}/pid.part {tmp_path}/pid; exec sleep 600")
    command = [sys.executable, "-m", "triage", "recover", disk.case, disk.image, "--to", tmp_path / "out", "--carve"]
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    running = subprocess.Popen(command, env={**os.environ, "PATH": path}, stderr=subprocess.PIPE, text=True)
    until((tmp_path / "pid").exists)
    running.send_signal(how)
    _, errors = running.communicate(timeout=30)
    # an interrupt that arrives while a program is being started is told as that program's failure
    assert running.returncode in ((130, 2) if how is signal.SIGINT else (-signal.SIGKILL,))
    assert "Traceback" not in errors
    assert all_end([int((tmp_path / "pid").read_text())])
    assert (tmp_path / "out" / carving.WORK).exists() is (how is signal.SIGKILL)
    assert recover(disk, tmp_path / "out")[0] == 0
    assert files(tmp_path / "out") == expected(disk)
    assert not (tmp_path / "out" / carving.WORK).exists()
