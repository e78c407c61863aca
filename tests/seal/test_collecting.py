"""What is collected: files that matter and no others, the same whoever reads them, within its limits."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess

import pytest
import pyzipper

from tests.scan.launching import run
from tests.scanning import scan
from triage.case import Case

TAG = "/ProgramData/evmdthrukdvwcqn063"


def index(case):
    return json.loads((case / "evidence" / "index.json").read_bytes())["files"]


def by_path(case):
    return {file["path"]: file for file in index(case)}


def members(case):
    with pyzipper.AESZipFile(case / "evidence" / "evidence.zip") as archive:
        archive.setpassword(b"infected")
        return {name: archive.read(name) for name in archive.namelist()}


def test_components_notes_keys_state_and_artefacts_are_collected(unsigned):
    files = by_path(unsigned)
    worth = {path: file["worth"] for path, file in files.items()}
    assert worth[f"{TAG}/00000000.eky"] == worth[f"{TAG}/c.wnry"] == worth[f"{TAG}/f.wnry"] == "key"
    assert worth["/Users/Lan/Desktop/@Please_Read_Me@.txt"] == "note"
    assert worth["/Windows/mssecsvc.exe"] == worth[f"{TAG}/t.wnry"] == "component"
    assert worth["/Windows/System32/config/SYSTEM"] == "trace"
    assert worth["/Windows/Prefetch/TASKSCHE.EXE-1A2B3C4D.pf"] == "trace"
    assert all(file["left_out"] is None for file in files.values())


def test_no_document_of_the_user_is_collected(unsigned):
    """Neither encrypted ones nor moved originals."""
    findings = [json.loads(line) for line in (unsigned / "findings.jsonl").read_text().splitlines()]
    victims = {one["path"] for one in findings if one["severity"] == "encrypted"}
    assert len(victims) > 80
    collected = set(by_path(unsigned))
    assert not collected & victims
    assert not [path for path in collected if path.upper().endswith((".WNCRY", ".WNCRYT", ".DOCX", ".XLSX"))]
    assert not [path for path in collected if path.endswith(("/config/SAM", "/config/SECURITY"))]


def test_members_are_what_the_index_and_the_records_say(unsigned):
    inside = members(unsigned)
    assert inside.pop("index.json") == (unsigned / "evidence" / "index.json").read_bytes()
    assert {file["member"] for file in index(unsigned)} == set(inside)
    with Case.open(unsigned) as case:
        examined = dict(case._db.execute("SELECT entry, sha256 FROM examined WHERE sha256 IS NOT NULL"))
    for file in index(unsigned):
        content = inside[file["member"]]
        assert file["size"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest() == examined.get(file["entry"], file["sha256"])
        assert file["md5"] == hashlib.md5(content).hexdigest()
    assert {file["read"] for file in index(unsigned)} == {"as-examined", "copied-after"}


def test_the_same_content_is_kept_once(unsigned):
    notes = [file for file in index(unsigned) if file["path"].endswith("@Please_Read_Me@.txt")]
    assert len(notes) > 3
    assert len({file["member"] for file in notes}) == 1


def test_another_program_opens_the_archive(unsigned):
    program = next(filter(None, map(shutil.which, ("7z", "7zz", "7za"))), None)
    if program is None:
        pytest.skip("needs 7-Zip")
    archive = unsigned / "evidence" / "evidence.zip"
    assert subprocess.run([program, "t", "-pinfected", archive], capture_output=True, check=False).returncode == 0
    assert subprocess.run([program, "t", "-pother", archive], capture_output=True, check=False).returncode != 0


def test_a_limit_leaves_out_the_largest_of_the_least_worth(image, unsigned, tmp_path):
    case = scan(image, case=tmp_path / "case", collect_limit="64K").case
    files = by_path(case)
    kept = {path for path, file in files.items() if file["left_out"] is None}
    assert sum({file["member"]: file["size"] for file in files.values() if file["member"]}.values()) <= 64 << 10
    assert all(file["left_out"] is None for file in files.values() if file["worth"] in ("key", "note"))
    assert {files[path]["left_out"] for path in set(files) - kept} == {"limit", "file-limit"}
    assert files[f"{TAG}/taskdl.exe"]["left_out"] == "file-limit"
    assert files.keys() == by_path(unsigned).keys()
    summary = json.loads((case / "summary.json").read_bytes())["collected"]
    assert summary["entries"] == len(kept)
    assert sum(summary["left_out"].values()) == len(files) - len(kept)
    page = (case / "report.html").read_text(encoding="utf-8")
    assert "beyond the limit on all collected files" in page


@pytest.mark.parametrize(
    "seams", [{"unit": 8}, {"unit": 8, "start_method": "spawn"}, {"unit": 8, "kill_workers_at": [2, 5, 9]}], ids=str
)
@pytest.mark.parametrize("limit", ["512M", "200K"])
def test_whoever_reads_collects_the_same_bytes(image, tmp_path, limit, seams):
    one = scan(image, case=tmp_path / "one", collect_limit=limit).case
    two = run(image, case=tmp_path / "two", seams=seams, arguments=("--workers", 3, "--collect-limit", limit)).case
    for name in ("evidence.zip", "index.json", "index.csv"):
        assert (one / "evidence" / name).read_bytes() == (two / "evidence" / name).read_bytes()
    assert not (two / "evidence" / "staging").exists()


def test_nothing_is_collected_where_nothing_is_wanted(image, tmp_path):
    scanned = scan(image, case=tmp_path / "case", collect="none")
    assert scanned.code == 1
    assert not (scanned.case / "evidence").exists()
    assert scanned.summary["collected"] is None


def test_hives_and_logs_of_a_machine_without_findings_are_not_kept(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "$MFT").write_bytes(b"harmless bytes in the place of an artefact")
    scanned = scan(tree, case=tmp_path / "case")
    assert scanned.verdict == "nothing-found"
    assert scanned.summary["collected"]["left_out"] == {"nothing-found": 1}
    assert not (scanned.case / "evidence" / "evidence.zip").exists()


@pytest.mark.parametrize("size", ["0", "5G", "x", "-1", "1.5M"])
def test_a_size_that_is_none_or_no_fat32_takes_is_refused(image, tmp_path, size):
    assert scan(image, case=tmp_path / "case", collect_limit=size).code == 2
    assert not (tmp_path / "case").exists()


def test_a_part_that_a_power_cut_tore_is_said(image, tmp_path):
    """The scan is killed; then a part is found torn."""
    case = tmp_path / "case"
    run(image, case=case, seams={"unit": 8, "signal_at": ["unit 20", 9]}, arguments=("--workers", 1))
    part = next((case / "evidence" / "staging").glob("*.part"))
    part.write_bytes(part.read_bytes()[:-3])
    scanned = scan(image, case=case)
    assert scanned.code == 1, scanned.errors
    assert set(scanned.summary["collected"]["left_out"]) == {"lost"}
