"""Sealing: what it covers, what it refuses, and what it says when it is done again."""

from __future__ import annotations

import json

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
    assert triage("verify", plain)[0] == 0
    assert manifest(plain)["previous"] not in (None, before["previous"])


def test_a_report_that_gives_the_same_bytes_leaves_the_seal_whole(plain):
    assert triage("report", plain, "--as", "summary.json")[::2] == (0, "")
    assert triage("verify", plain)[0] == 0


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
