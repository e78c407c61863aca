"""`triage verify` and the standard tools name what does not hold; one byte is enough."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.scanning import triage
from triage.case import Case
from triage.case.journal import BEGINNING, link
from triage.case.keys import load_public
from triage.case.manifest import SEAL_FILES
from triage.case.sealed_zip import Member, join, payload
from triage.case.verify import verify

SUMS = "MANIFEST.sha256"


def told(case, *arguments):
    """(exit code, the lines) of `triage verify`."""
    code, out, errors = triage("verify", case, "--lang", "en", *arguments)
    assert "Traceback" not in errors
    return code, out.splitlines()


def files(case):
    return sorted(path.relative_to(case).as_posix() for path in case.rglob("*") if path.is_file())


def sha256sum(case):
    """The files that `sha256sum -c` complains of."""
    if shutil.which("sha256sum") is None:
        pytest.skip("needs sha256sum")
    done = subprocess.run(["sha256sum", "-c", "--strict", SUMS], cwd=case, capture_output=True, text=True, check=False)
    bad = [line.partition(":")[0] for line in done.stdout.splitlines() if not line.endswith(": OK")]
    return bad if done.returncode else []


def hashdeep(case):
    """Whether `hashdeep -a`, called as the list itself says, passes."""
    if shutil.which("hashdeep") is None:
        pytest.skip("needs hashdeep")
    command = next(line for line in (case / "hashdeep.txt").read_text().splitlines() if line.startswith("## hashdeep"))
    done = subprocess.run(command[3:], shell=True, cwd=case, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "Audit passed" in done.stdout


# -- what holds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["signed", "unsigned"])
def test_a_sealed_case_holds_by_our_word_and_by_the_standard_tools(which, request, image):
    case = request.getfixturevalue(which)
    code, lines = told(case, "--evidence", image)
    assert (code, lines[0].partition(":")[0]) == (0, "The seal holds")
    assert lines[-1] == f"The evidence is the one examined, by its fingerprint: {image}"
    assert sha256sum(case) == []
    assert hashdeep(case)
    assert {line.split("  ")[1] for line in (case / SUMS).read_text().splitlines()} == set(files(case)) - {SUMS}


def test_a_case_of_another_schema_is_not_called_broken(case, monkeypatch):
    monkeypatch.setattr("triage.case.store.SCHEMA", "triage.case/9")
    code, lines = told(case)
    assert (code, lines) == (2, [])
    (case / "case.sqlite").write_bytes((case / "case.sqlite").read_bytes() + b"\0")
    assert told(case) == (1, ["Does not hold: case.sqlite: changed since the seal"])


def test_openssl_holds_the_signature_to_the_key(signed, key):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key.with_name("khoa.pem.pub"), "-rawin"]
    command += ["-in", signed / "manifest.json", "-sigfile", signed / "manifest.sig"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_key_that_signed_may_be_given(signed, key):
    assert told(signed, "--public-key", key.with_name("khoa.pem.pub"))[0] == 0


def test_reading_a_sealed_case_changes_nothing(case):
    before = {name: (case / name).read_bytes() for name in files(case)}
    assert triage("show", case)[0] == 1
    assert triage("report", case, "--as", "summary.json", "--lang", "en")[::2] == (0, "")
    assert triage("timeline", case, "--as", "bodyfile", "--to-file", case.with_name("bodyfile"))[0] == 0
    assert {name: (case / name).read_bytes() for name in files(case)} == before
    assert told(case)[0] == 0


# -- one byte ---------------------------------------------------------------------------------------------------------


def place_of(case, draw):
    name = draw(st.sampled_from(files(case)))
    return name, draw(st.integers(0, (case / name).stat().st_size - 1)), draw(st.integers(1, 255))


@pytest.mark.parametrize("which", ["signed", "unsigned"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_byte_of_any_file_is_named(which, request, data):
    case = request.getfixturevalue(which)
    name, at, flip = place_of(case, data.draw)
    path = case / name
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ flip]) + before[at + 1 :])
    try:
        first = next(verify(case))
        names = {name} if name != SUMS else {SUMS, *SEAL_FILES}
        assert first.place in names, first
        assert sha256sum(case) == [name] if name != SUMS else True
        if name not in SEAL_FILES:
            assert not hashdeep(case)
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["case.sqlite", "evidence/evidence.zip", "report.html", *SEAL_FILES])
def test_a_changed_byte_is_exit_1_with_one_line(case, name):
    path = case / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    code, lines = told(case)
    assert code == 1
    assert len(lines) == 1
    assert name in lines[0]


@pytest.mark.parametrize("cut", [0, 1, -1])
def test_a_file_cut_short_or_grown_is_named(case, cut):
    path = case / "findings.jsonl"
    path.write_bytes(path.read_bytes() + b"\n" if cut > 0 else path.read_bytes()[: cut or 10])
    assert told(case) == (1, ["Does not hold: findings.jsonl: changed since the seal"])


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_missing_and_an_added_file_are_named(case):
    (case / "report.html").unlink()
    (case / "ghi chú.txt").write_text("thêm")
    code, lines = told(case, "--all")
    assert code == 1
    assert lines == [
        "Does not hold: report.html: missing",
        "Does not hold: ghi chú.txt: not under the seal: added after it",
    ]
    assert told(case)[1] == lines[:1]


def test_a_file_replaced_by_a_link_to_the_same_bytes_is_missed(case):
    moved = shutil.move(case / "report.html", case.with_name("elsewhere.html"))
    (case / "report.html").symlink_to(moved)
    assert told(case) == (1, ["Does not hold: report.html: missing"])


@pytest.mark.parametrize("name", SEAL_FILES)
def test_a_seal_without_one_of_its_files_does_not_hold(case, name):
    (case / name).unlink()
    assert told(case) == (1, [f"Does not hold: {name}: missing"])


def test_a_case_without_a_seal_cannot_be_read(case):
    for name in SEAL_FILES:
        (case / name).unlink()
    code, out, errors = triage("verify", case)
    assert (code, out, errors.count("\n")) == (2, "", 1)
    assert "triage seal" in errors


# -- records ----------------------------------------------------------------------------------------------------------


def altered(case, statement, *values):
    with closing(sqlite3.connect(case / "case.sqlite")) as db:
        db.execute(statement, values)
        db.commit()


@pytest.mark.parametrize("column", ["detail", "who", "act"])
def test_a_journal_line_changed_through_sqlite_is_named_by_its_number(case, column):
    altered(case, f"UPDATE journal SET {column} = {column} || ' ' WHERE seq = 2")
    code, lines = told(case)
    assert code == 1
    assert lines[0].startswith("Does not hold: case.sqlite: its journal is broken")
    assert lines[0].endswith("(2)")
    assert sha256sum(case) == ["case.sqlite"]


def test_a_journal_line_taken_out_is_named_by_its_number(case):
    altered(case, "DELETE FROM journal WHERE seq = 3")
    assert told(case)[1][0].endswith("(3)")


def test_a_journal_written_anew_does_not_end_as_the_seal_says(case):
    with Case.open(case) as opened:
        lines = list(opened.chained_journal())
    chain = BEGINNING
    for number, line, _ in lines:
        forged = link(chain, number, type(line)(when=line.when, who="nobody", act=line.act, detail=line.detail))
        altered(case, "UPDATE journal SET who = 'nobody', chain = ? WHERE seq = ?", forged, number)
        chain = forged
    assert "its journal does not end as the seal says" in told(case)[1][0]


def test_a_record_changed_through_sqlite_is_a_changed_file(case):
    altered(case, "DELETE FROM finding WHERE rowid = 1")
    assert told(case)[1] == ["Does not hold: case.sqlite: changed since the seal"]
    assert sha256sum(case) == ["case.sqlite"]


# -- forgers ----------------------------------------------------------------------------------------------------------


def sealed_anew(case, *arguments):
    for name in SEAL_FILES:
        (case / name).unlink(missing_ok=True)
    assert triage("seal", case, *arguments)[0] == 0


def test_who_alters_a_case_and_seals_it_without_the_key_is_found_by_the_key(case, key):
    altered(case, "DELETE FROM finding WHERE rowid = 1")
    sealed_anew(case)
    public = key.with_name("khoa.pem.pub")
    assert [one.what for one in verify(case, load_public(public))] == ["not signed, though a key was asked for"]


def test_who_seals_with_another_key_is_found_by_the_key(case, key, tmp_path):
    phrase = key.with_name("phrase")
    other = tmp_path / "other.pem"
    assert triage("key", "make", "--out", other, "--passphrase-file", phrase)[0] == 0
    sealed_anew(case, "--key", other, "--passphrase-file", phrase)
    assert told(case)[0] == 0
    code, lines = told(case, "--public-key", key.with_name("khoa.pem.pub"))
    assert code == 1
    assert "signed with another key" in lines[0]


def test_an_archive_whose_member_was_exchanged_is_not_what_the_records_say(plain, tmp_path):
    """The forger makes a sound zip and a new seal, but does not know the records."""
    with Case.open(plain) as opened:
        kept = {one.member: one for _, one in opened.collected() if one.why is None}
    members = []
    for name in [*sorted(kept), "index.json"]:
        part = tmp_path / name
        part.write_bytes(b"".join(payload([b"exchanged"], name)))
        members.append(Member(name=name, size=9, payload=part))
    with (plain / "evidence" / "evidence.zip").open("wb") as stream:
        join(members, stream)
    sealed_anew(plain)
    code, lines = told(plain, "--all")
    assert code == 1
    assert len(lines) == len(kept)
    assert (
        lines[0] == f"Does not hold: evidence/evidence.zip: a member is not the file that was collected ({min(kept)})"
    )


def test_an_output_that_does_not_follow_from_the_records_is_named(plain):
    path = plain / "summary.json"
    path.write_bytes(path.read_bytes().replace(b'"encrypted"', b'"nothing-found"', 1))
    sealed_anew(plain)
    assert told(plain) == (1, ["Does not hold: summary.json: not what the records say"])


def test_other_evidence_is_named(signed, image, tmp_path):
    other = tmp_path / "other.img"
    data = bytearray(image.read_bytes())
    data[510] ^= 1
    other.write_bytes(data)
    code, lines = told(signed, "--evidence", other)
    assert code == 1
    assert str(other) in lines[0]


def test_a_key_that_is_none_is_refused(signed, image):
    code, _, errors = triage("verify", signed, "--public-key", image)
    assert (code, errors.count("\n")) == (2, 1)


@example(b"{}")
@example(b"[]")
@example(b"null")
@example(b"\xff")
@example(b'{"schema": "triage.manifest/1"}')
@example(b'{"schema": "triage.manifest/1", "tool": 3}')
@given(st.binary(max_size=60))
def test_whatever_stands_in_the_manifest_is_told(tmp_path_factory, junk):
    case = tmp_path_factory.mktemp("junk")
    (case / "manifest.json").write_bytes(junk)
    assert [one.place for one in verify(case)] == ["manifest.json"]
    assert hashlib.sha256((case / "manifest.json").read_bytes()).digest() == hashlib.sha256(junk).digest()
