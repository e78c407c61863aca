"""What the change journal tells of an encryption."""

from __future__ import annotations

from collections import Counter

import pytest

from samples_fake.usn import CLOSE, FILE_CREATE, FILE_DELETE, FakeChange, build_journal, encrypted_files, renamed
from tests.contents import entry_of, records
from triage.detectors.usn import EVENTS, FACTS, TITLES, Usn
from triage.intel import load_intel
from triage.model import Confidence, Event, Fact, Finding, Kind, Severity, UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
SECOND = 1_000_000_000
PATH = "/$Extend/$UsnJrnl:$J"


@pytest.fixture(scope="module")
def detector() -> Usn:
    return Usn(load_intel())


def told(detector: Usn, changes: list[FakeChange]) -> tuple[list[Event], dict[str, str], list[Finding]]:
    out = records(detector, PATH, build_journal(changes), kind=Kind.STREAM)
    assert all(r.what in EVENTS for r in out if isinstance(r, Event))
    assert all(r.name in FACTS for r in out if isinstance(r, Fact))
    assert all(r.title in TITLES for r in out if isinstance(r, Finding))
    return (
        [r for r in out if isinstance(r, Event)],
        {r.name: r.value for r in out if isinstance(r, Fact)},
        [r for r in out if isinstance(r, Finding)],
    )


def one(when: int, name: str, reason: int, file: int = 70) -> FakeChange:
    return FakeChange(when=UnixNs(when), name=name, file=file, reason=reason)


def test_each_encrypted_file_is_one_event_at_its_rename(detector: Usn) -> None:
    events, facts, findings = told(detector, encrypted_files(["a.docx", "b.XLSX"], NOON, 5 * SECOND))
    renames = [event for event in events if "name of an encrypted" in event.what]
    assert [(event.when, event.details["name"], event.details["record"]) for event in renames] == [
        (NOON, "a.docx.WNCRY", 1000),
        (NOON + 5 * SECOND, "b.XLSX.WNCRY", 1002),
    ]
    assert renames[0].details["old"] == "a.docx.WNCRYT"
    assert facts == {
        "usn.records": "14",
        "usn.first": "2017-05-12T12:00:00Z",
        "usn.last": "2017-05-12T12:00:05Z",
        "usn.encrypted_files": "2",
        "usn.first_encrypted": "2017-05-12T12:00:00Z",
        "usn.last_encrypted": "2017-05-12T12:00:05Z",
    }
    (finding,) = findings
    assert (finding.severity, finding.confidence, finding.family) == (Severity.INFECTED, Confidence.HIGH, "wannacry")
    assert finding.details["files"] == 2


def test_copies_and_originals_are_summed_by_the_minute(detector: Usn) -> None:
    events, _, _ = told(detector, encrypted_files([f"{n}.doc" for n in range(90)], NOON, SECOND))
    sums = [(event.what, event.when, event.details["files"]) for event in events if "files" in event.details]
    assert Counter(sums) == Counter(
        [
            ("Temporary copies of the encryption created", NOON, 60),
            ("Temporary copies of the encryption created", NOON + 60 * SECOND, 30),
            ("Originals of encrypted files deleted", NOON, 60),
            ("Originals of encrypted files deleted", NOON + 60 * SECOND, 30),
        ]
    )


def test_a_deleted_file_that_was_no_original_is_not_told(detector: Usn) -> None:
    changes = [*encrypted_files(["a.doc"], NOON, SECOND), one(NOON, "b.doc", FILE_DELETE | CLOSE)]
    events, _, _ = told(detector, changes)
    assert [event.details["files"] for event in events if "Originals" in event.what] == [1]


def test_an_original_moved_away_is_told_by_the_minute(detector: Usn) -> None:
    events, _, _ = told(detector, [*renamed(NOON, "a.doc", "12.WNCRYT", 8), one(NOON, "12.WNCRYT", FILE_DELETE, 8)])
    assert [event.what for event in events] == [
        "Originals moved away by the encryption",
        "Temporary files of the encryption deleted",
    ]


def test_a_copy_that_never_got_its_name_is_where_it_stopped(detector: Usn) -> None:
    changes = [*encrypted_files(["a.doc"], NOON, SECOND), one(NOON + SECOND, "b.doc.WNCRYT", FILE_CREATE)]
    events, _, _ = told(detector, changes)
    (event,) = (event for event in events if "did not finish" in event.what)
    assert (event.when, event.details["name"]) == (NOON + SECOND, "b.doc.WNCRYT")


def test_a_staged_file_is_named_so(detector: Usn) -> None:
    events, facts, _ = told(detector, renamed(NOON, "film.mp4", "film.mp4.WNCYR", 9))
    assert [event.what for event in events] == ["File renamed to the name of a staged file"]
    assert facts["usn.encrypted_files"] == "1"


def test_notes_components_and_probes_are_told_once(detector: Usn) -> None:
    changes = [
        one(NOON, "@Please_Read_Me@.txt", FILE_CREATE, 20),
        one(NOON, "@Please_Read_Me@.txt", FILE_CREATE | CLOSE, 20),
        one(NOON, "tasksche.exe", FILE_CREATE, 21),
        one(NOON, "hibsys.WNCRYT", FILE_CREATE, 22),
        one(NOON, "~SD1A2B.tmp", FILE_CREATE, 23),
        *renamed(NOON, "tasksche.exe", "qeriuwjhrf", 24),
        one(NOON, "taskdl.exe", FILE_DELETE | CLOSE, 25),
    ]
    events, _, findings = told(detector, changes)
    assert [(event.what, event.details["name"]) for event in events] == [
        ("Ransom note created", "@Please_Read_Me@.txt"),
        ("Known component created", "tasksche.exe"),
        ("Known component created", "hibsys.WNCRYT"),
        ("Known component created", "qeriuwjhrf"),
        ("Known component deleted", "taskdl.exe"),
        ("Probe files of the malware created", "~SD1A2B.tmp"),
    ]
    (finding,) = findings
    assert (finding.title, finding.severity) == ("Change journal names known components", Severity.SUSPICIOUS)


def test_a_clock_set_back_is_told_with_both_times(detector: Usn) -> None:
    events, _, _ = told(detector, [one(NOON, "a.txt", CLOSE), one(NOON - 3600 * SECOND, "b.txt", CLOSE)])
    (event,) = events
    assert event.what == "Clock was set back"
    assert (event.details["from"], event.details["to"]) == ("2017-05-12T12:00:00Z", "2017-05-12T11:00:00Z")


def test_an_ordinary_journal_gives_facts_alone(detector: Usn) -> None:
    changes = [
        one(NOON, "a.docx", FILE_CREATE),
        *renamed(NOON, "a.docx", "b.docx", 70),
        one(NOON, "b.docx", FILE_DELETE),
    ]
    events, facts, findings = told(detector, changes)
    assert (events, findings, facts["usn.encrypted_files"]) == ([], [], "0")


@pytest.mark.parametrize("path", ["/$Extend/$UsnJrnl:$J", "/C/$Extend/$J", "/kape/$UsnJrnl_$J"])
def test_the_journal_is_known_by_its_path(detector: Usn, path: str) -> None:
    assert detector.wants(entry_of(path))
    assert not detector.wants(entry_of(path + "x"))
