"""Commands of families: each finds its example, none finds what administrators do every day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.commands import load_commands
from triage.intel.families import load_families
from triage.intel.roots import rules_root

FAMILIES = load_families(rules_root())
KNOWN = load_commands(FAMILIES)


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("C:\\WINDOWS\\tasksche.exe /i", {"loader-install", "component-name"}),
        ("cmd.exe /c start /b @WanaDecryptor@.exe vs", {"decryptor-argument", "component-name"}),
        ("VSSADMIN.EXE  Delete Shadows /All", {"shadow-copies-vssadmin"}),
        ("bcdedit /set {current} recoveryenabled No", {"recovery"}),
        ("attrib +h .", {"hide"}),
        ("C:\\ProgramData\\evmdthrukdvwcqn063\\taskse.exe", {"in-tag-folder", "component-name"}),
    ],
)
def test_a_command_is_known_however_it_is_written(line: str, ids: set[str]) -> None:
    assert {known.command.id for known in KNOWN.commands_in(line)} == ids


@pytest.mark.parametrize(
    "line",
    [
        "vssadmin list shadows",
        "wmic shadowcopy list brief",
        "bcdedit /enum all",
        "bcdedit /set {current} recoveryenabled Yes",
        "wbadmin get versions",
        "icacls D:\\Chung /grant Users:(OI)(CI)RX",
        "icacls C:\\a /grant Everyone:F",
        "attrib +h C:\\Users\\Lan\\desktop.ini",
        "attrib +r .",
        "C:\\Windows\\System32\\taskhost.exe",
        "taskkill /f /im excel.exe",
        "reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run /v Zalo /d C:\\Zalo.exe",
        "notepad.exe C:\\my-tasksche.exe.txt",
        "cscript //nologo slmgr.vbs /dlv",
    ],
)
def test_daily_work_is_no_command_of_a_family(line: str) -> None:
    assert KNOWN.commands_in(line) == []


def test_what_is_the_familys_own_comes_first() -> None:
    assert KNOWN.commands_in("tasksche.exe /i")[0].command.own


def test_services_are_known_by_key_and_by_display_name() -> None:
    for name in ("mssecsvc2.0", "Microsoft Security Center (2.0) Service"):
        named = KNOWN.service_named(name)
        assert named is not None
        assert named.alone
    tagged = KNOWN.service_named("evmdthrukdvwcqn063")
    assert tagged is not None
    assert not tagged.alone
    assert KNOWN.service_named("Windows Update") is None
    assert KNOWN.service_named("") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("pattern = 'attrib", "pattern = 'no-attrib", "does not match its example"),
        ('needle = "icacls"', 'needle = "other"', "does not match its example"),
        ('kind = "hide"', 'kind = "hid"', "is not one of"),
        ('source = ["DEC"]', 'source = ["NOBODY"]', "NOBODY"),
        ("pattern = 'wmic(?:", "pattern = 'wmic((?:", "commands.toml"),
    ],
)
def test_a_wrong_table_stops_the_program(tmp_path: Path, old: str, new: str, says: str) -> None:
    folder = tmp_path / "families" / "wannacry"
    shutil.copytree(rules_root() / "families" / "wannacry", folder)
    table = folder / "commands.toml"
    text = table.read_text("utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleError, match=says):
        load_commands(load_families(tmp_path))
