"""What scheduled tasks tell."""

from __future__ import annotations

import pytest

from samples_fake.task import build_job, build_task
from tests.contents import entry_of, records
from triage.detectors.tasks import EVENTS, TITLES, Tasks
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Event, Finding, Level, Severity

PATH = "/Windows/System32/Tasks/Microsoft/Fake"
HOME = "C:\\ProgramData\\evmdthrukdvwcqn063\\"


@pytest.fixture(scope="module")
def detector() -> Tasks:
    return Tasks(load_intel())


def told(detector: Tasks, command: str, arguments: str = "", registered: str = "2017-05-12T07:44:00Z") -> list:
    out = records(detector, PATH, build_task(command, arguments, registered=registered), Level.HEAD)
    assert {r.what for r in out if isinstance(r, Event)} <= set(EVENTS)
    assert {r.title for r in out if isinstance(r, Finding)} <= set(TITLES)
    return out


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(HOME + "tasksche.exe", ""), (f'"{HOME}tasksche.exe"', "/i"), ("cmd.exe", f'/c "{HOME}tasksche.exe"')],
)
def test_a_task_that_starts_a_component_is_a_finding(detector: Tasks, command: str, arguments: str) -> None:
    finding, event = told(detector, command, arguments)
    assert (finding.title, finding.severity) == ("Scheduled task that starts a known component", Severity.SUSPICIOUS)
    assert (finding.family, finding.indicator, finding.details["hidden"]) == ("wannacry", "loader", True)
    assert event.when == 1_494_575_040_000_000_000


@pytest.mark.parametrize("command", [HOME + "a.exe", "C:\\evmdthrukdvwcqn063\\a.exe", "C:\\Intel\\yifyuubai741\\b.exe"])
def test_a_folder_named_like_an_installation_is_a_finding(detector: Tasks, command: str) -> None:
    finding = told(detector, command)[0]
    assert (finding.title, finding.severity, finding.family) == (TITLES[1], Severity.SUSPICIOUS, "wannacry")


@pytest.mark.parametrize("command", ["%AppData%\\a.exe", "C:\\Users\\Lan\\a.exe", "C:\\Windows\\Temp\\a.exe"])
def test_a_program_where_users_may_write_is_information(detector: Tasks, command: str) -> None:
    finding = told(detector, command)[0]
    assert (finding.title, finding.severity, finding.family) == (TITLES[2], Severity.INFO, None)


def test_an_ordinary_task_says_nothing(detector: Tasks) -> None:
    assert told(detector, "%SystemRoot%\\System32\\defrag.exe", "-c") == []


@pytest.mark.parametrize("registered", ["2017-05-12T14:44:00", "", "soon"])
def test_a_time_without_a_zone_is_no_event(detector: Tasks, registered: str) -> None:
    assert len(told(detector, HOME + "tasksche.exe", registered=registered)) == 1


def test_a_job_is_read_too(detector: Tasks) -> None:
    (finding,) = records(detector, "/WINDOWS/Tasks/At1.job", build_job(HOME + "tasksche.exe"))
    assert finding.indicator == "loader"


def test_tasks_are_known_by_their_place(detector: Tasks) -> None:
    assert detector.wants(entry_of(PATH, b"x"))
    assert not detector.wants(entry_of("/Windows/System32/tasks.dll", b"x"))


def test_damage_is_said(detector: Tasks) -> None:
    with pytest.raises(FormatError):
        records(detector, PATH, b"<Task><Actions>")
    assert records(detector, PATH, b"<Task><Actions>", allocated=False) == [], "its bytes may be another's by now"
