"""What shortcuts tell of a family."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples_fake.lnk import FakeShortcut, build_shortcut
from tests.contents import entry_of, records
from tests.samples import corpus_files
from triage.detectors.shortcuts import EVENTS, TITLES, Shortcuts
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Confidence, Event, Finding, Level, Macb, Severity, UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
DESKTOP = "/Users/Lan/Desktop/@WanaDecryptor@.exe.lnk"
STARTUP = "/Users/Lan/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/a.lnk"
RECENT = "/Users/Lan/AppData/Roaming/Microsoft/Windows/Recent/a.docx.WNCRY.lnk"
HOME = "C:\\ProgramData\\evmdthrukdvwcqn063\\"


@pytest.fixture(scope="module")
def detector() -> Shortcuts:
    return Shortcuts(load_intel())


def told(detector: Shortcuts, path: str, target: str, arguments: str = "", **more: object) -> list:
    fake = FakeShortcut(target=target, arguments=arguments, born=NOON, machine="pc-07")
    out = records(detector, path, build_shortcut(fake), Level.HEAD, **more)
    assert {r.what for r in out if isinstance(r, Event)} <= set(EVENTS)
    assert {r.title for r in out if isinstance(r, Finding)} <= set(TITLES)
    return out


@pytest.mark.parametrize(
    ("path", "target", "title"),
    [
        (DESKTOP, HOME + "@WanaDecryptor@.exe", "Shortcut to a known component"),
        (STARTUP, HOME + "tasksche.exe", "Shortcut in a Startup folder to a known component"),
        (RECENT, "C:\\Users\\Lan\\a.docx.WNCRY", "Recently opened file of a known family"),
        ("/Users/Lan/Recent/x.lnk", "C:\\@Please_Read_Me@.txt", "Recently opened file of a known family"),
    ],
)
def test_a_shortcut_to_a_family_s_file_is_a_finding(detector: Shortcuts, path: str, target: str, title: str) -> None:
    finding, event = told(detector, path, target)
    assert (finding.title, finding.severity, finding.family) == (title, Severity.SUSPICIOUS, "wannacry")
    assert finding.details["machine"] == "pc-07"
    assert (event.what, event.when) == ("Target of a shortcut created", NOON)


def test_a_component_behind_a_command_line_is_found(detector: Shortcuts) -> None:
    finding, _ = told(detector, STARTUP, "C:\\Windows\\System32\\cmd.exe", f'/c "{HOME}tasksche.exe"')
    assert finding.indicator == "loader"


def test_the_shortcut_s_own_birth_is_an_event(detector: Shortcuts) -> None:
    _, made, _ = told(detector, DESKTOP, HOME + "@WanaDecryptor@.exe", times=Macb(born=UnixNs(NOON + 5)))
    assert (made.what, made.when) == ("Shortcut to a known component made", NOON + 5)


def test_a_deleted_one_weighs_less(detector: Shortcuts) -> None:
    assert told(detector, DESKTOP, HOME + "@WanaDecryptor@.exe", allocated=False)[0].confidence is Confidence.LOW


def test_an_ordinary_shortcut_says_nothing(detector: Shortcuts) -> None:
    assert told(detector, STARTUP, "C:\\Windows\\System32\\notepad.exe", "C:\\a.txt") == []


def test_shortcuts_are_known_by_their_extension(detector: Shortcuts) -> None:
    assert detector.wants(entry_of("/a.LNK", b"x"))
    assert not detector.wants(entry_of("/a.lnk", b""))
    assert not detector.wants(entry_of("/a.lnk.txt", b"x"))


def test_damage_is_said(detector: Shortcuts) -> None:
    with pytest.raises(FormatError):
        records(detector, DESKTOP, b"L\0\0\0garbage")
    assert records(detector, DESKTOP, b"L\0\0\0garbage", allocated=False) == [], "its bytes may be another's by now"


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("ez-lnk/**/Win10/*.lnk"), ids=lambda path: path.name)
def test_shortcuts_of_a_clean_machine_say_nothing(detector: Shortcuts, path: Path) -> None:
    assert records(detector, f"/x/{path.name}", path.read_bytes()) == []
