"""Names: where they count, and never more than suspicious."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contents import records
from triage.detectors.names import ELSEWHERE, EXTENSION, LISTED, TITLES, Names
from triage.intel import load_intel
from triage.model import Confidence, Kind, Severity

INTEL = load_intel()
NAMES = Names(INTEL)


def seen(path: str, **more: object) -> list[tuple[str, str | None, Severity]]:
    return [(found.title, found.indicator, found.severity) for found in records(NAMES, path, b"", **more)]


@pytest.mark.parametrize(
    "path",
    [
        "/ProgramData/evmdthrukdvwcqn063/tasksche.exe",
        "/PROGRAMDATA/any folder/TASKSCHE.EXE",
        "/Windows/tasksche.exe",
        "/evidence/C/Windows/tasksche.exe",
        "/evmdthrukdvwcqn063/tasksche.exe",
    ],
)
def test_the_loader_counts_in_its_places(path: str) -> None:
    assert seen(path) == [("Name of a known component", "loader", Severity.SUSPICIOUS)]


def test_the_loader_elsewhere_is_only_noted() -> None:
    assert seen("/Windows/System32/tasksche.exe") == [(ELSEWHERE, "loader", Severity.INFO)]


@pytest.mark.parametrize(
    "path",
    [
        "/Tools/Tor/tor.exe",
        "/Users/Lan/m.vbs",
        "/Users/Lan/20170512120000.bat",
        "/Windows/Prefetch/NOTEPAD.EXE-1A2B3C4D.pf",
        "/Users/Lan/tasksche.exe.txt",
        "/Users/Lan/my openssl-decrypt.txt",
        "/doc/libpng-manual.txt",
        "/doc/changelog.README.txt",
        "/$Recycle.Bin",
        "/",
        "/.",
        "/...",
    ],
)
def test_ordinary_names_are_ordinary(path: str) -> None:
    assert seen(path) == []


def test_a_folder_counts_as_a_folder_and_a_file_as_a_file() -> None:
    assert seen("/Users/Lan/@Please_Read_Me@.txt", kind=Kind.FOLDER) == []
    assert seen("/D/$RECYCLE", kind=Kind.FOLDER, attributes=0x2) == [
        ("Name of an installation folder", "recycle-folder", Severity.SUSPICIOUS)
    ]
    assert seen("/D/$RECYCLE", kind=Kind.FOLDER) == []


def test_an_extension_is_left_to_whoever_reads_the_header() -> None:
    assert seen("/a/x.docx.WNCRY") == []
    assert seen("/a/x.docx.WNCRY", allocated=False) == [(EXTENSION, "*.WNCRY", Severity.SUSPICIOUS)]
    assert seen("/a/x.docx.gdcb") == [(EXTENSION, "*.GDCB", Severity.SUSPICIOUS)]


def test_case_counts_where_the_family_says_so() -> None:
    assert seen("/a/UKCZA-DECRYPT.txt") == [("Name like a ransom note", "note-5-text", Severity.INFO)]
    assert seen("/a/ukcza-decrypt.txt") == []


def test_a_deleted_name_says_that_it_is_deleted() -> None:
    (found,) = records(NAMES, "/a/@Please_Read_Me@.txt", b"", allocated=False)

    assert (found.details["deleted"], found.attack, found.family) == (True, ("T1486",), "wannacry")


def test_a_users_list_matches_paths_with_its_exceptions(tmp_path: Path) -> None:
    path = tmp_path / "filename-iocs.txt"
    path.write_text("# loader\n(?i)\\\\Evil\\\\dropper[0-9]+\\.exe$;80;\\\\lab\\\\\n", "utf-8")
    names = Names(load_intel(extra_iocs=[path]))

    (found,) = records(names, "/Users/evil/dropper12.exe", b"")

    assert (found.title, found.severity, found.confidence) == (LISTED, Severity.SUSPICIOUS, Confidence.MEDIUM)
    assert found.details == {"list": "filename-iocs.txt:2", "description": "loader", "score": 80}
    assert records(names, "/Users/lab/evil/dropper12.exe", b"") == []


def test_no_name_is_ever_more_than_suspicious_and_every_title_is_listed() -> None:
    for family in INTEL.families:
        for fake in family.fakes:
            for found in records(NAMES, fake.path, b"", kind=Kind(fake.kind), allocated=not fake.deleted):
                assert found.severity in (Severity.SUSPICIOUS, Severity.INFO)
                assert found.title in TITLES
