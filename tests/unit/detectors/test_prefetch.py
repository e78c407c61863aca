"""What prefetch files tell of a family."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples_fake.prefetch import TEN, FakePrefetch, build_prefetch
from tests.contents import entry_of, records
from tests.samples import corpus_files
from triage.detectors.prefetch import EVENTS, TITLES, TOOLS, PrefetchFiles
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Confidence, Event, Finding, Level, Severity, UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
RUNS = (NOON, UnixNs(NOON - 60_000_000_000))
HOME = "\\PROGRAMDATA\\EVMDTHRUKDVWCQN063\\"
LIBRARY = "\\WINDOWS\\SYSTEM32\\NTDLL.DLL"


@pytest.fixture(scope="module")
def detector() -> PrefetchFiles:
    return PrefetchFiles(load_intel())


def told(detector: PrefetchFiles, name: str, *loaded: str, **more: object) -> list:
    fake = FakePrefetch(name=name, runs=RUNS, run_count=2, loaded=loaded, version=TEN)
    out = records(detector, f"/Windows/Prefetch/{fake.file_name}", build_prefetch(fake), Level.HEAD, **more)
    assert {r.what for r in out if isinstance(r, Event)} <= set(EVENTS)
    assert {r.title for r in out if isinstance(r, Finding)} <= set(TITLES)
    return out


def test_a_component_that_loaded_its_files_is_an_infection(detector: PrefetchFiles) -> None:
    finding, *events = told(detector, "tasksche.exe", LIBRARY, HOME + "TASKSCHE.EXE", HOME + "C.WNRY")
    assert (finding.severity, finding.confidence) == (Severity.INFECTED, Confidence.HIGH)
    assert finding.details["loaded"] == ["\\\\DEVICE\\\\HARDDISKVOLUME1" + (HOME + "C.WNRY").replace("\\", "\\\\")]
    assert [event.when for event in events] == list(RUNS)
    assert events[0].details["run_count"] == 2


def test_its_name_alone_is_a_suspicion(detector: PrefetchFiles) -> None:
    finding, *events = told(detector, "taskdl.exe", LIBRARY)
    assert (finding.severity, finding.confidence, finding.family) == (
        *(Severity.SUSPICIOUS, Confidence.MEDIUM),
        "wannacry",
    )
    assert len(events) == 2


def test_a_deleted_file_weighs_less(detector: PrefetchFiles) -> None:
    finding = told(detector, "taskdl.exe", LIBRARY, allocated=False)[0]
    assert (finding.confidence, finding.details["deleted"]) == (Confidence.LOW, True)


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_a_tool_gives_its_times_and_no_finding(detector: PrefetchFiles, tool: str) -> None:
    out = told(detector, tool, LIBRARY)
    assert [(r.what, r.when) for r in out] == [("Tool that ransomware calls ran", run) for run in RUNS]


@pytest.mark.parametrize(
    "file", ["A.DOCX.WNCRY", "12.WNCRYT", "@PLEASE_READ_ME@.TXT", "M_VIETNAMESE.WNRY", "00000000.RES"]
)
def test_any_program_that_loaded_such_files_is_told(detector: PrefetchFiles, file: str) -> None:
    (finding,) = told(detector, "notepad.exe", LIBRARY, f"\\USERS\\LAN\\{file}")
    assert (finding.title, finding.severity) == ("Program loaded files of a known family", Severity.SUSPICIOUS)


def test_an_ordinary_program_says_nothing(detector: PrefetchFiles) -> None:
    assert told(detector, "notepad.exe", LIBRARY, "\\USERS\\LAN\\A.TXT") == []


@pytest.mark.parametrize("path", ["/Windows/Prefetch/A.EXE-1A2B3C4D.pf", "/x/B.EXE-00000000.PF"])
def test_prefetch_files_are_known_by_their_name(detector: PrefetchFiles, path: str) -> None:
    assert detector.wants(entry_of(path))
    assert not detector.wants(entry_of("/Windows/Prefetch/Layout.ini"))
    assert not detector.wants(entry_of("/Fonts/profile.pf"))


def test_damage_is_said_but_of_deleted_files(detector: PrefetchFiles) -> None:
    path, data = "/Windows/Prefetch/A.EXE-1A2B3C4D.pf", b"SCCA" * 4
    with pytest.raises(FormatError):
        records(detector, path, data)
    assert records(detector, path, data, allocated=False) == [], "its bytes may be another's by now"


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("ez-prefetch/**/Win*/*.pf"), ids=lambda path: path.name)
def test_programs_of_a_clean_machine_give_no_finding(detector: PrefetchFiles, path: Path) -> None:
    assert not any(isinstance(r, Finding) for r in records(detector, f"/x/{path.name}", path.read_bytes()))
