"""Sealing: what it covers, what it refuses, and what it says when it is done again."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile

import pytest

from tests.scanning import scan, triage
from triage.case import Case


def contents(case):
    return {path: path.read_bytes() for path in case.rglob("*") if path.is_file()}


def journal(case):
    with Case.open(case) as opened:
        return [(line.act, line.detail) for line in opened.journal()]


def manifest(case):
    return json.loads((case / "manifest.json").read_bytes())


def test_a_scan_ends_with_a_seal(unsigned):
    assert [act for act, _ in journal(unsigned)] == ["begun", "finished", "files collected", "sealed"]
    sealed = manifest(unsigned)
    assert sealed["key"] is None
    assert sealed["journal"]["lines"] == 4
    assert sealed["evidence"]["fingerprint_before"] == sealed["evidence"]["fingerprint_after"]


def test_the_same_command_on_a_sealed_case_leaves_every_byte(case, image):
    before = contents(case)
    again = scan(image, case=case, hash_source=True)
    assert (again.code, again.errors) == (1, "")
    assert contents(case) == before


def test_a_report_made_after_the_seal_is_named_until_the_case_is_sealed_again(plain):
    """In another language it is another file."""
    code, _, errors = triage("report", plain, "--as", "report.html", "--lang", "vi")
    assert code == 0
    assert f"triage seal {plain}" in errors
    assert triage("verify", plain, "--lang", "en")[1] == "Does not hold: report.html: changed since the seal\n"
    (plain / "phiếu.txt").write_text("giấy tờ")
    before = manifest(plain)
    code, out, _ = triage("seal", plain, "--lang", "en")
    assert code == 0
    assert "changed: report.html" in out
    assert journal(plain)[-1] == ("sealed again", "key: -; new: phiếu.txt; changed: report.html")
    (plain / "phiếu.txt").unlink()
    assert "đã mất: phiếu.txt\n" in triage("seal", plain, "--lang", "vi")[1]
    assert triage("verify", plain)[0] == 0
    assert manifest(plain)["previous"] not in (None, before["previous"])


def test_a_report_that_gives_the_same_bytes_leaves_the_seal_whole(plain):
    assert triage("report", plain, "--as", "summary.json")[::2] == (0, "")
    assert triage("verify", plain)[0] == 0


def test_the_report_of_a_signed_case_carries_the_fingerprint_of_the_key(signed, unsigned):
    mark = manifest(signed)["key"]["fingerprint"]
    page = (signed / "report.html").read_text("utf-8")
    assert f"Ed25519 {mark}</p>" in page
    assert "Ed25519" not in (unsigned / "report.html").read_text("utf-8")
    assert journal(signed)[-1] == ("sealed again", f"key: {mark}; made again: report.html")
    assert triage("verify", signed)[0] == 0


def test_a_report_that_is_not_there_is_not_made_by_the_seal(plain, key):
    (plain / "report.html").unlink()
    assert triage("seal", plain, "--key", key, "--passphrase-file", key.with_name("phrase"))[0] == 0
    assert not (plain / "report.html").exists()
    assert triage("verify", plain)[0] == 0


def test_the_minutes_name_the_archive_as_it_lies_there_and_the_key(case, tmp_path):
    assert triage("vncert", case, "--as", "bien-ban,mau-03", "--out", tmp_path)[0] == 0
    told = texts_of(tmp_path / "bien-ban.docx")
    sealed = next(file for file in manifest(case)["files"] if file["path"] == "evidence/evidence.zip")
    assert sealed["sha256"] in told
    assert sealed["sha256"] == hashlib.sha256((case / "evidence/evidence.zip").read_bytes()).hexdigest()
    assert manifest(case)["key"]["fingerprint"] in told
    index = json.loads((case / "evidence/index.json").read_bytes())["files"]
    kept = {row["member"] for row in index if row["member"]}
    assert len(kept) > 20
    assert all(member in told for member in kept)
    assert sealed["sha256"] in texts_of(tmp_path / "bao-cao-mau-03.docx")


def test_no_minutes_are_written_over_an_archive_that_is_not_as_it_was_sealed(case, tmp_path):
    with (case / "evidence/evidence.zip").open("ab") as stream:
        stream.write(b"x")
    code, _, errors = triage("vncert", case, "--as", "bien-ban", "--out", tmp_path / "o")
    assert (code, "not as it was sealed" in errors) == (2, True)
    assert not (tmp_path / "o").exists()


def test_papers_written_into_a_sealed_case_are_said_not_to_be_covered(plain):
    assert f"triage seal {plain}" in triage("vncert", plain, "--as", "bien-ban")[2]


def texts_of(path):
    with zipfile.ZipFile(path) as package:
        return re.sub(r"<[^>]*>", "", package.read("word/document.xml").decode())


def test_a_signed_case_is_not_sealed_again_without_a_key(case):
    before = contents(case)
    code, _, errors = triage("seal", case)
    assert (code, errors.count("\n")) == (2, 1)
    assert "--key" in errors
    assert contents(case) == before


def test_no_new_seal_is_put_over_altered_records(plain):
    path = plain / "case.sqlite"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    before = contents(plain)
    code, _, errors = triage("seal", plain)
    assert (code, errors.count("\n")) == (2, 1)
    assert "case.sqlite: changed since the seal" in errors
    assert contents(plain) == before


@pytest.mark.parametrize("name", ["evidence/evidence.zip", "evidence/index.json"])
def test_no_new_seal_is_put_over_altered_evidence(plain, name):
    (plain / name).unlink()
    code, _, errors = triage("seal", plain)
    assert code == 2
    assert f"{name}: gone since the seal" in errors


def test_a_wrong_pass_phrase_changes_nothing(plain, key, tmp_path):
    (tmp_path / "wrong").write_text("khác hẳn")
    before = contents(plain)
    code, _, errors = triage("seal", plain, "--key", key, "--passphrase-file", tmp_path / "wrong")
    assert (code, errors.count("\n")) == (2, 1)
    assert contents(plain) == before


def test_what_is_no_case_is_not_sealed(tmp_path):
    assert triage("seal", tmp_path)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_a_case_is_refused(plain, image):
    (plain / "disk.img").symlink_to(image)
    code, _, errors = triage("seal", plain)
    assert code == 2
    assert "disk.img" in errors


def test_a_signed_case_takes_no_more_records(image, key, tmp_path):
    """Hashing the media later would write into them."""
    case = scan(image, case=tmp_path / "case").case
    phrase = key.with_name("phrase")
    assert triage("seal", case, "--key", key, "--passphrase-file", phrase)[0] == 0
    before = contents(case)
    assert scan(image, case=case, hash_source=True).code == 2
    assert contents(case) == before


def test_an_unsigned_case_whose_media_are_hashed_later_is_sealed_again(image, tmp_path):
    case = scan(image, case=tmp_path / "case").case
    again = scan(image, case=case, hash_source=True)
    assert again.summary["evidence"]["hashes"]
    assert journal(case)[-1][0] == "sealed again"
    assert triage("verify", case)[0] == 0


def test_a_mistyped_target_leaves_no_folder(tmp_path):
    scanned = scan(tmp_path / "no such disk.img", case=tmp_path / "case")
    assert scanned.code == 2
    assert not (tmp_path / "case").exists()
