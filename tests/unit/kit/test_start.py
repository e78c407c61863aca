"""The start of a stick: what it says, and when it does not go on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.kit.sticks import make_stick
from triage.intel.packed import NAME
from triage.kit import start


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_stick(tmp_path / "stick")
    monkeypatch.setattr(start, "ROOT", root)
    monkeypatch.setattr(start, "HERE", root / "linux")
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return root


def test_a_whole_stick_starts_in_silence(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.checked()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["linux/start.py", "triage.sh"])
def test_a_change_of_its_own_files_stops_it(stick: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (stick / name).write_bytes(b"x")
    assert not start.checked()
    said = capsys.readouterr().err
    assert f"{name}: bị thay đổi / altered" in said
    assert "Not started" in said


def test_a_change_of_the_other_system_is_only_said(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stick / "windows/python.exe").unlink()
    assert start.checked()
    assert "windows/python.exe: không còn, có lẽ phần mềm diệt virus" in capsys.readouterr().err


def test_rules_that_others_wrote_stop_it(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stick / NAME).write_bytes(b"rules of others")
    assert not start.checked()
    assert NAME in capsys.readouterr().err


def test_a_stick_without_its_manifest_does_not_start(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stick / "MANIFEST.JSON").unlink()
    assert not start.checked()
    assert "MANIFEST.JSON" in capsys.readouterr().err


def test_a_wrecked_stick_is_told_in_a_few_lines(stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(50):
        (stick / "linux" / f"{number}.dll").write_bytes(b"planted")
    assert not start.checked()
    said = capsys.readouterr().err.splitlines()
    assert len(said) < 15
    assert any("+40" in line for line in said)
