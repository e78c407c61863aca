"""Every fate of an original: each is told right, what comes back is the original, nothing else is called so."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from samples_fake import state
from samples_fake.build import build_image
from samples_fake.scenes import recoverable
from samples_fake.scenes.recoverable import DATA, FATES, LAN, ORIGINALS, demo_primes
from tests.scanning import Scanned, scan, triage
from triage.analysis.savable import recoveries_of
from triage.case import Case

pytestmark = pytest.mark.image


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scanned]:
    place = tmp_path_factory.mktemp("recoverable")
    image = build_image(recoverable.scene(), place / "disk.img")
    return image, scan(image, case=place / "case")


@pytest.fixture(scope="module")
def with_key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scanned]:
    place = tmp_path_factory.mktemp("with-key")
    image = build_image(recoverable.scene(key_on_disk=True), place / "disk.img")
    return image, scan(image, case=place / "case")


def written(folder: Path) -> dict[str, bytes]:
    """What lies below the target under the originals' own paths."""
    top = folder / "volume-0"
    return {f"/{path.relative_to(top).as_posix()}": path.read_bytes() for path in top.rglob("*") if path.is_file()}


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_every_fate_is_told(scanned: tuple[Path, Scanned]) -> None:
    with Case.open(scanned[1].case) as case:
        assert {one.original: one.state.value for one in recoveries_of(case)()} == FATES


def test_what_is_recovered_is_the_original_and_what_is_not_is_set_apart(
    scanned: tuple[Path, Scanned], tmp_path: Path
) -> None:
    image, case = scanned
    before = digest(image)
    code, _, errors = triage("recover", case.case, image, "--to", tmp_path / "out")
    assert (code, errors) == (0, "")
    assert digest(image) == before
    lost = ("deleted-overwritten", "deleted-partly-reused", "lost-without-key")
    assert written(tmp_path / "out") == {path: ORIGINALS[path] for path, fate in FATES.items() if fate not in lost}
    assert (tmp_path / "out" / "doubtful" / "volume-0" / "Dulieu" / "Partly.docx").exists()


def test_sums_hold_and_the_log_names_each_file_once(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = scanned
    triage("recover", case.case, image, "--to", tmp_path / "out")
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=True)
    lines = [json.loads(line) for line in (tmp_path / "out" / "recovery.jsonl").read_text().splitlines()]
    ids = [line["id"] for line in lines[1:]]
    assert len(ids) == len(set(ids)) == 11
    assert {line["key"].rpartition("/")[2] for line in lines[1:]} == {"", "u.wnry"}


def test_times_are_the_originals(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = scanned
    triage("recover", case.case, image, "--to", tmp_path / "out")
    with Case.open(case.case) as opened:
        times = {one.original: one.entry.times.modified for one in recoveries_of(opened)()}
    path = tmp_path / "out" / "volume-0" / "Dulieu" / "Moved 0.docx"
    assert path.stat().st_mtime_ns == times[f"{DATA}/Moved 0.docx"]


def test_with_the_private_key_everything_comes_back(with_key: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = with_key
    code, _, errors = triage("recover", case.case, image, "--to", tmp_path / "out")
    assert (code, errors) == (0, "")
    assert written(tmp_path / "out") == dict(ORIGINALS)


def test_a_key_given_opens_what_the_disk_alone_did_not(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = scanned
    key = tmp_path / "00000000.dky"
    key.write_bytes(state.dky())
    code, _, _ = triage("recover", case.case, image, "--to", tmp_path / "out", "--key", key)
    assert code == 0
    assert written(tmp_path / "out") == dict(ORIGINALS)


def test_another_machines_key_is_refused_before_anything_is_written(
    scanned: tuple[Path, Scanned], tmp_path: Path
) -> None:
    image, case = scanned
    key = tmp_path / "other.dky"
    key.write_bytes(state.dky((demo_primes()[0], 2**1024 - 105)))
    code, _, errors = triage("recover", case.case, image, "--to", tmp_path / "out", "--key", key)
    assert code == 2
    assert "other.dky: opens none of" in errors
    assert not (tmp_path / "out").exists()


def test_only_what_was_asked_for_is_written_and_the_rest_later(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = scanned
    triage("recover", case.case, image, "--to", tmp_path / "out", "--what", "demo-file")
    assert set(written(tmp_path / "out")) == {f"{DATA}/Demo 0.docx", f"{DATA}/Demo 1.docx"}
    triage("recover", case.case, image, "--to", tmp_path / "out", "--what", "demo-file,recoverable-without-key")
    assert set(written(tmp_path / "out")) == {f"{DATA}/Demo 0.docx", f"{DATA}/Demo 1.docx", f"{DATA}/Film.mp4"}


def test_a_dry_run_says_what_could_be_saved_and_writes_nothing(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = scanned
    code, said, _ = triage("recover", case.case, image, "--dry-run", "--lang", "en")
    assert code == 0
    assert "lost-without-key" not in said
    assert len(said.splitlines()) == len(set(FATES.values()))
    assert not any(tmp_path.iterdir())


def test_other_evidence_and_its_own_folder_are_refused(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    image, case = scanned
    changed = tmp_path / "changed.img"
    shutil.copyfile(image, changed)
    with changed.open("r+b") as file:
        file.seek(3)
        file.write(b"X")
    code, _, errors = triage("recover", case.case, changed, "--to", tmp_path / "out")
    assert (code, errors.count("\n")) == (2, 1)
    tree = tmp_path / "tree"
    tree.mkdir()
    code, _, errors = triage("recover", case.case, tree, "--to", tree / "out")
    assert code == 2
    assert "lies inside the evidence" in errors


def test_a_target_of_another_case_is_refused(
    scanned: tuple[Path, Scanned], with_key: tuple[Path, Scanned], tmp_path: Path
) -> None:
    triage("recover", scanned[1].case, scanned[0], "--to", tmp_path / "out", "--what", "demo-file")
    code, _, errors = triage("recover", with_key[1].case, with_key[0], "--to", tmp_path / "out")
    assert code == 2
    assert "written from other evidence" in errors


def test_people_read_the_states_in_their_own_words(scanned: tuple[Path, Scanned]) -> None:
    _, said, _ = triage("recover", scanned[1].case, scanned[0], "--dry-run", "--lang", "vi")
    assert "bản gốc" in said
    assert "-" not in "".join(line.split("B  ")[1] for line in said.splitlines())
    assert LAN not in said


def test_a_key_in_memory_opens_everything_and_is_kept(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    image, case = scanned
    memory = tmp_path / "memory.raw"
    memory.write_bytes(bytes(70_000) + state.dky()[20 + 256 : 20 + 256 + 128] + b"heap" * 9000)
    code, _, errors = triage("recover", case.case, image, "--to", tmp_path / "out", "--memory", memory)
    assert (code, errors) == (0, "")
    assert written(tmp_path / "out") == dict(ORIGINALS)
    assert (tmp_path / "out" / "00000000.dky").read_bytes()[:276] == state.dky()[:276]


def test_memory_without_the_key_says_when_that_can_work(scanned: tuple[Path, Scanned], tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    image, case = scanned
    memory = tmp_path / "memory.raw"
    memory.write_bytes(bytes(100_000))
    code, said, _ = triage(
        "recover", case.case, image, "--to", tmp_path / "out", "--memory", memory, "--what", "demo-file", "--lang", "en"
    )
    assert code == 0
    assert "only on Windows XP to 7" in said
