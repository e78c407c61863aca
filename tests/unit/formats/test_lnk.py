"""Shortcuts, as an independent reader sees them."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samples_fake.lnk import FakeShortcut, build_shortcut
from tests.samples import corpus_file, corpus_files
from triage.errors import FormatError
from triage.formats.lnk import Shortcut, parse
from triage.model import UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
FAKE = FakeShortcut(
    target="C:\\Users\\Lan\\Tài liệu\\@WanaDecryptor@.exe",
    born=NOON,
    modified=UnixNs(NOON + 100),
    accessed=UnixNs(NOON + 200),
    arguments="fi",
    folder="C:\\Users\\Lan",
    relative=".\\@WanaDecryptor@.exe",
    machine="may-tinh-07",
)


def test_a_shortcut_is_read_as_it_was_written() -> None:
    assert parse(build_shortcut(FAKE)) == Shortcut(
        target=FAKE.target,
        arguments="fi",
        folder=FAKE.folder,
        relative=FAKE.relative,
        description="",
        machine="may-tinh-07",
        serial=0x5EED0001,
        born=NOON,
        modified=UnixNs(NOON + 100),
        accessed=UnixNs(NOON + 200),
        size=245760,
        damaged=False,
    )


def test_a_target_on_a_share_is_told_with_it() -> None:
    target = "\\\\may-chu\\chung\\Kế toán\\a.docx.WNCRY"
    assert parse(build_shortcut(FakeShortcut(target=target, share="\\\\may-chu\\chung"))).target == target


def test_what_is_missing_is_empty_and_no_damage() -> None:
    seen = parse(build_shortcut(FakeShortcut(target="C:\\a.exe")))
    assert (seen.machine, seen.arguments, seen.born, seen.damaged) == ("", "", None, False)


@pytest.mark.parametrize("data", [b"", b"L\0\0\0", bytes(100), b"\x4d" + build_shortcut(FAKE)[1:]])
def test_what_is_none_is_said(data: bytes) -> None:
    with pytest.raises(FormatError, match="ShellLinkHeader"):
        parse(data)


def test_a_shortcut_cut_short_tells_what_is_left() -> None:
    whole = build_shortcut(FAKE)
    seen = parse(whole[:-60])
    assert seen.target == FAKE.target
    assert (seen.machine, seen.damaged) == ("may-tinh-07", False)


def as_lnkinfo(when: UnixNs | None) -> str:
    if when is None:
        return "Not set (0)"
    seconds, rest = divmod(when, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%b %d, %Y %H:%M:%S}.{rest:09d} UTC"


def told_by_lnkinfo(path: Path) -> dict[str, str]:
    out = subprocess.run(["lnkinfo", path], capture_output=True, check=False).stdout.decode("utf-8", "replace")
    return {
        key.strip(): value.strip() for key, value in re.findall(r"\n\s*([A-Z][\w ()]+?)[ \t]*:+[ \t]*(.*)", out)[::-1]
    }


def as_told(seen: Shortcut) -> dict[str, str]:
    told = {
        "Command line arguments": seen.arguments,
        "Working directory": seen.folder,
        "Relative path": seen.relative,
        "Description": seen.description,
        "Machine identifier": seen.machine,
        "Drive serial number": "" if seen.serial is None else f"0x{seen.serial:08x}",
        "File size": f"{seen.size} bytes",
        "Creation time": as_lnkinfo(seen.born),
        "Modification time": as_lnkinfo(seen.modified),
        "Access time": as_lnkinfo(seen.accessed),
    }
    return {key: value.strip() for key, value in told.items()}


def is_odd(path: Path) -> bool:
    return path.name == "unpaired_surrogate.lnk" or "Bad" in path.parts


@pytest.mark.corpus
@pytest.mark.skipif(shutil.which("lnkinfo") is None, reason="liblnk-utils is not installed")
@pytest.mark.parametrize("path", [p for p in corpus_files("**/*.lnk") if not is_odd(p)], ids=lambda p: p.name)
def test_real_shortcuts_are_read_as_lnkinfo_reads_them(path: Path) -> None:
    seen, told = parse(path.read_bytes()), told_by_lnkinfo(path)
    mine = as_told(seen)
    assert mine == {key: told.get(key, "") for key in mine}
    place = told.get("Local path") or told.get("Environment variables location")
    assert seen.target == place or not place
    assert seen.target or path.stem in ("Shows Desktop", "Window Switcher"), "these two start a command of the shell"
    assert not seen.damaged


@pytest.mark.corpus
def test_a_name_with_half_a_surrogate_is_read() -> None:
    seen = parse(corpus_file("plaso/test_data/unpaired_surrogate.lnk").read_bytes())
    assert seen.target.startswith("C:\\test\\unicode_U+0000d800_")
    assert seen.target.endswith(".exe")
    assert seen.damaged


@pytest.mark.corpus
def test_a_file_that_only_has_the_name_is_none() -> None:
    with pytest.raises(FormatError):
        parse(corpus_file("ez-lnk/Lnk.Test/TestFiles/Bad/$I2GXWHL.lnk").read_bytes())
