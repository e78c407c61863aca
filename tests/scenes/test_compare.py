"""`triage compare` as a user gives it: over real cases, in any order, into files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.outbreaks import province, twelve
from tests.scanning import triage


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return twelve().write(tmp_path_factory.mktemp("cases"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_folder_of_cases_or_each_by_itself_in_any_order_gives_the_same_bytes(
    cases: list[Path], tmp_path: Path
) -> None:
    assert triage("compare", cases[0].parent, "--out", tmp_path / "a", "--quiet")[0] == 0
    assert triage("compare", *cases[::-1], cases[3], "--out", tmp_path / "b", "--quiet")[0] == 0
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert set(files(tmp_path / "a")) == {
        *("outbreak.html", "machines.csv", "edges.csv", "outbreak.json"),
        *("bao-cao-lay-lan.md", "bao-cao-lay-lan.txt"),
    }


def test_real_cases_tell_what_their_records_tell(cases: list[Path], tmp_path: Path) -> None:
    triage("compare", cases[0].parent, "--out", tmp_path, "--as", "json", "--quiet")
    told = json.loads((tmp_path / "outbreak.json").read_bytes())
    assert [one["name"] for one in told["machines"]][:9] == [*(f"MAY-{n:02d}" for n in range(1, 8)), "MAYCHU", "MAY-09"]
    assert told["counts"]["nothing-found"] == 1
    assert told["counts"]["not-examined"] == 1
    assert len(told["edges"]) == 6


def test_without_a_folder_the_section_is_printed(cases: list[Path]) -> None:
    code, screen, _ = triage("compare", cases[0], "--quiet")
    assert code == 0
    assert "MAY-01" in screen


def test_the_cases_are_left_as_they_are(cases: list[Path], tmp_path: Path) -> None:
    before = [(path.name, path.read_bytes()) for path in sorted(cases[0].iterdir())]
    triage("compare", *cases, "--out", tmp_path, "--quiet")
    assert [(path.name, path.read_bytes()) for path in sorted(cases[0].iterdir())] == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "{nowhere}"], "no case here"),
        (["compare", "{case}", "--as", "pdf", "--out", "{nowhere}"], "no form called pdf"),
        (["compare", "{case}", "--out", "{case}/case.sqlite/x"], "choose another --out"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    cases: list[Path], tmp_path: Path, arguments: list[str], said: str
) -> None:
    given = [one.format(nowhere=tmp_path / "nowhere", case=cases[0]) for one in arguments]
    code, _, errors = triage(*given)
    assert code == 2
    assert said in errors
    assert "Traceback" not in errors


@pytest.mark.soak
def test_a_thousand_cases_are_compared_within_a_minute_and_a_gigabyte(tmp_path: Path) -> None:
    province(1000).write(tmp_path / "cases")
    began = time.monotonic()
    command = [sys.executable, "-m", "triage", "compare", str(tmp_path / "cases"), "--out", str(tmp_path / "out")]
    process = subprocess.Popen([*command, "--quiet"])
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    print(f"{seconds:.1f} s, {used.ru_maxrss / 1024:.0f} MiB")
    assert seconds <= 60
    assert used.ru_maxrss <= 1024**2
    told = json.loads((tmp_path / "out" / "outbreak.json").read_bytes())
    assert len(told["machines"]) == 1000
