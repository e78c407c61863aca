"""Keys: protected, never written over, known by a fingerprint that openssl gives, too."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scanning import triage


@pytest.fixture
def unattended(monkeypatch):
    monkeypatch.setenv("TRIAGE_PASSPHRASE", "bốn từ ngẫu nhiên")


def test_a_key_is_protected_and_its_fingerprint_printed(tmp_path, unattended):
    code, out, _ = triage("key", "make", "--out", tmp_path / "khoa.pem")
    assert code == 0
    assert (tmp_path / "khoa.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "khoa.pem").read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    printed = out.splitlines()[-1].removeprefix("Ed25519 ").replace(" ", "")
    if shutil.which("openssl"):
        command = ["openssl", "pkey", "-pubin", "-in", tmp_path / "khoa.pem.pub", "-outform", "DER"]
        der = subprocess.run(command, check=True, capture_output=True).stdout
        assert hashlib.sha256(der).hexdigest() == printed


def test_a_key_is_never_written_over(tmp_path, unattended):
    (tmp_path / "khoa.pem").write_bytes(b"dear")
    code, _, errors = triage("key", "make", "--out", tmp_path / "khoa.pem")
    assert (code, errors.count("\n")) == (2, 1)
    assert (tmp_path / "khoa.pem").read_bytes() == b"dear"


def test_a_disk_without_room_is_left_without_half_a_key(tmp_path, unattended, monkeypatch):
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115  the verb closes it
    monkeypatch.setattr(os, "fdopen", lambda number, _mode: (os.close(number), full)[1])
    code, _, errors = triage("key", "make", "--out", tmp_path / "khoa.pem")
    assert (code, errors.count("\n")) == (2, 1)
    assert "No space left" in errors
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_the_pass_phrase_is_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAGE_PASSPHRASE", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    code, _, errors = triage("key", "make", "--out", tmp_path / "khoa.pem")
    assert (code, errors.count("\n")) == (2, 1)
    assert "--passphrase-file" in errors


def test_a_key_that_is_not_there_is_said_before_its_pass_phrase_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAGE_PASSPHRASE", raising=False)
    code, _, errors = triage("seal", tmp_path, "--key", tmp_path / "khoa.pem")
    assert code == 2
    assert "khoa.pem' does not exist" in errors


def test_a_short_pass_phrase_is_refused(tmp_path):
    (tmp_path / "phrase").write_text("ngắn\n", encoding="utf-8")
    arguments = ("--out", tmp_path / "khoa.pem", "--passphrase-file", tmp_path / "phrase")
    assert triage("key", "make", *arguments)[0] == 2
    assert not (tmp_path / "khoa.pem").exists()
