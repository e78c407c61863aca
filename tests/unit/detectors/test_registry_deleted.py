"""What somebody deleted from the registry is told as deleted, and starts nothing."""

from __future__ import annotations

import pytest

from samples_fake.hive import build_hive, unwritten
from samples_fake.registry import COMPUTER, CONTROL, LOADER, WORM, WRITTEN, classes_hive
from tests.contents import entry_of
from tests.hive_records import SOFTWARE, SYSTEM, TAG, USER, Told
from tests.samples import corpus_bytes
from triage.analysis.phases import phase_of_event
from triage.analysis.traces import gather
from triage.detectors import registry_deleted, registry_programs
from triage.model import Confidence, Severity

BASE = {
    "Select": {"Current": 1},
    f"{CONTROL}\\Control\\ComputerName\\ComputerName": {"ComputerName": COMPUTER},
    f"{CONTROL}\\Services\\Spooler": {"Start": 2},
}
SERVICES = {
    f"{CONTROL}\\Services\\mssecsvc2.0": {"ImagePath": "C:\\WINDOWS\\mssecsvc.exe -m security"},
    f"{CONTROL}\\Services\\{TAG}": {"ImagePath": f'cmd.exe /c "C:\\ProgramData\\{TAG}\\tasksche.exe"'},
}
RUN = "Microsoft\\Windows\\CurrentVersion\\Run"
COMMAND = f'"C:\\ProgramData\\{TAG}\\tasksche.exe"'
CLASSES = "/Users/Lan/AppData/Local/Microsoft/Windows/UsrClass.dat"


def cleaned() -> bytes:
    return build_hive(BASE, WRITTEN, {next(iter(SERVICES)): WORM}, deleted=SERVICES)


def test_deleted_services_are_found_and_said_to_be_deleted() -> None:
    told = Told(SYSTEM, cleaned())
    assert told.weights() == {
        ("service-worm", Severity.INFECTED, Confidence.MEDIUM),
        ("service-loader", Severity.INFECTED, Confidence.MEDIUM),
    }
    assert {one.title for one in told.findings} == {registry_deleted.SERVICE}
    assert all(one.details["deleted"] is True for one in told.findings)
    assert told.findings[0].details["key"] == f"{CONTROL}\\Services\\mssecsvc2.0"
    assert WORM in told.when(registry_deleted.SERVICE_WRITTEN)
    assert told.fact("observed.tag") == TAG


def test_what_was_deleted_starts_nothing_and_dates_no_phase() -> None:
    told = Told(SYSTEM, cleaned())
    entry = entry_of(SYSTEM)
    traces = gather([(one, entry) for one in told.findings], [(entry, one) for one in told.events])
    assert not traces.autostart_there
    assert {phase_of_event(entry, one) for one in told.events} == {None}


def test_a_service_that_is_there_again_is_not_told_as_deleted() -> None:
    keys = {**BASE, "ControlSet001\\Services\\mssecsvc2.0": {"ImagePath": "C:\\WINDOWS\\mssecsvc.exe -m security"}}
    gone = {"ControlSet002\\Services\\mssecsvc2.0": {"ImagePath": "C:\\WINDOWS\\mssecsvc.exe -m security"}}
    told = Told(SYSTEM, build_hive(keys, WRITTEN, deleted=gone))
    assert [one.title for one in told.findings] == ["Service of a known family"]


def test_a_deleted_service_without_its_command_line_only_raises_suspicion() -> None:
    told = Told(SYSTEM, build_hive(BASE, WRITTEN, deleted={f"{CONTROL}\\Services\\mssecsvc2.0": {"Start": 2}}))
    assert told.weights() == {("service-worm", Severity.SUSPICIOUS, Confidence.MEDIUM)}


@pytest.mark.parametrize("path", ["mssecsvc2.0", f"{CONTROL}\\Enum\\mssecsvc2.0"])
def test_a_deleted_key_of_that_name_that_was_no_service_is_nobodys(path: str) -> None:
    assert Told(SYSTEM, build_hive(BASE, WRITTEN, deleted={path: {"Start": 2}})).findings == []


def test_a_deleted_run_value_is_found_although_nothing_names_its_key() -> None:
    told = Told(SOFTWARE, build_hive({RUN: {"UniKey": "x.exe"}}, WRITTEN, freed={RUN: {TAG: COMMAND}}))
    (finding,) = told.findings
    assert (finding.title, finding.indicator) == (registry_deleted.VALUES, "registry-run")
    assert (finding.severity, finding.confidence) == (Severity.INFECTED, Confidence.MEDIUM)
    assert finding.details["deleted"] is True
    assert finding.details["values"] == {TAG: COMMAND}
    assert finding.details["key"] is None


def test_the_deleted_key_of_the_malware_is_found_with_or_without_its_value() -> None:
    gone = {"Wow6432Node\\WanaCrypt0r": {"wd": f"C:\\ProgramData\\{TAG}"}}
    hive = build_hive({RUN: {}}, WRITTEN, {"Wow6432Node\\WanaCrypt0r": LOADER}, deleted=gone)
    (finding,) = Told(SOFTWARE, hive).findings
    assert (finding.indicator, finding.details["values"]) == ("registry-folder", {"wd": f"C:\\ProgramData\\{TAG}"})
    assert Told(SOFTWARE, hive).when(registry_deleted.KEY_WRITTEN) == [LOADER]
    bare = build_hive({RUN: {}}, WRITTEN, deleted={"Wow6432Node\\WanaCrypt0r": {}})
    assert [one.indicator for one in Told(SOFTWARE, bare).findings] == ["registry-folder"]


def test_pending_deletes_that_windows_has_done_are_found() -> None:
    manager = f"{CONTROL}\\Control\\Session Manager"
    value = {"PendingFileRenameOperations": ("\\??\\C:\\Users\\Lan\\AppData\\Local\\Temp\\17.WNCRYT", "")}
    told = Told(SYSTEM, build_hive({**BASE, manager: {"x": 1}}, WRITTEN, freed={manager: value}))
    assert [one.indicator for one in told.findings] == ["registry-pending"]


def test_ordinary_deletions_are_nobodys() -> None:
    gone = {f"{CONTROL}\\Services\\abcdefghi123": {"ImagePath": "C:\\Program Files\\a.exe"}}
    told = Told(SYSTEM, build_hive(BASE, WRITTEN, deleted=gone, freed={f"{CONTROL}\\Services\\Spooler": {"x": "y"}}))
    assert told.findings == []
    assert "observed.tag" not in told.facts


def test_muicache_names_the_decryptor_that_lan_started() -> None:
    told = Told(CLASSES, classes_hive())
    (finding,) = told.findings
    assert (finding.title, finding.indicator) == (registry_programs.MUICACHE, "decryptor")
    assert (finding.severity, finding.confidence) == (Severity.SUSPICIOUS, Confidence.MEDIUM)
    assert finding.details["path"] == "C:\\Users\\Lan\\Desktop\\@WanaDecryptor@.exe"
    assert (finding.details["name"], finding.details["user"]) == ("Load PerfMon Counters", "Lan")
    assert "live" not in finding.details
    assert told.when(registry_programs.MUI_WRITTEN) == [LOADER]
    assert Told(CLASSES, classes_hive(infected=False)).records == []


def test_muicache_that_is_only_in_the_log_is_found() -> None:
    dirty, log = unwritten(classes_hive(infected=False), classes_hive())
    assert Told(CLASSES, dirty).findings == []
    assert [one.indicator for one in Told(CLASSES, dirty, {"UsrClass.dat.LOG1": log}).findings] == ["decryptor"]


def test_muicache_of_windows_xp_lies_in_the_users_own_hive() -> None:
    cache = "Software\\Microsoft\\Windows\\ShellNoRoam\\MUICache"
    loader = f"C:\\ProgramData\\{TAG}\\tasksche.exe"
    told = Told(USER, build_hive({cache: {loader: "DiskPart", "@shell32.dll,-1": "x"}}, WRITTEN))
    assert [(one.indicator, one.details["path"]) for one in told.findings] == [("loader", loader)]


@pytest.mark.parametrize(
    ("path", "live"),
    [
        (CLASSES, True),
        ("/Documents and Settings/Lan/Local Settings/Application Data/Microsoft/Windows/UsrClass.dat", True),
        ("/Windows.old/Users/Lan/AppData/Local/Microsoft/Windows/UsrClass.dat", False),
        ("/System Volume Information/_restore{1}/RP1/snapshot/_REGISTRY_USER_USRCLASS_S-1-5-21-1", False),
    ],
)
def test_usrclass_is_known_wherever_it_lies(path: str, live: bool) -> None:
    (finding,) = Told(path, classes_hive()).findings
    assert ("live" not in finding.details) == live


@pytest.mark.corpus
def test_a_real_usrclass_is_read_without_a_finding() -> None:
    told = Told(CLASSES, corpus_bytes("ez-registry/Registry.Test/Hives/UsrClassDeletedBags.dat"))
    assert (told.findings, told.error) == ([], None)
