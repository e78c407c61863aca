"""What Windows saved of itself, as its registry tells."""

from __future__ import annotations

import struct

import pytest

from samples_fake.hive import Values, build_hive
from samples_fake.registry import WRITTEN
from tests.hive_records import SOFTWARE, USER, Told
from triage.detectors import registry_backups
from triage.model import UnixNs
from triage.times import from_unix, to_filetime

VERSION = "Microsoft\\Windows NT\\CurrentVersion"
BACKUP = "Microsoft\\Windows\\CurrentVersion\\WindowsBackup"
RESTORE = "Microsoft\\Windows NT\\CurrentVersion\\SystemRestore"
LAST = from_unix(1494000000)


def software(version: str = "6.1", **keys: Values) -> Told:
    paths = {"status": f"{BACKUP}\\Status", "target": f"{BACKUP}\\ScheduleParams\\TargetDevice", "restore": RESTORE}
    paths["policy"] = "Policies\\Microsoft\\Windows NT\\SystemRestore"
    paths["protected"] = "Microsoft\\Windows NT\\CurrentVersion\\SPP\\Clients"
    hive = {VERSION: {"CurrentVersion": version}, **{paths[name]: values for name, values in keys.items()}}
    return Told(SOFTWARE, build_hive(hive, WRITTEN))


def filetime(when: UnixNs) -> bytes:
    return struct.pack("<Q", to_filetime(when))


def test_a_backup_that_is_set_up_is_told_with_its_last_success() -> None:
    told = software(
        status={"LastSuccess": filetime(LAST), "LastResultTime": to_filetime(from_unix(1494100000))},
        target={"PresentableName": "E:\\"},
    )
    assert {name: values for name, values in told.facts.items() if name.startswith("windows.backup")} == {
        "windows.backup": ["configured"],
        "windows.backup_target": ["E:\\"],
        "windows.backup_last_success": ["2017-05-05T16:00:00Z"],
        "windows.backup_last_result": ["2017-05-06T19:46:40Z"],
    }
    assert told.when(registry_backups.BACKED_UP) == [LAST]


def test_no_backup_is_said_and_of_windows_xp_nothing() -> None:
    assert software().fact("windows.backup") == "not-configured"
    assert "windows.backup" not in software("5.1").facts


@pytest.mark.parametrize(
    ("version", "keys", "state", "why"),
    [
        ("6.1", {"restore": {"RPSessionInterval": 1}}, "enabled", "RPSessionInterval = 1"),
        ("6.1", {"restore": {"RPSessionInterval": 0}}, "disabled", "RPSessionInterval = 0"),
        ("6.1", {"restore": {"RPSessionInterval": 1, "DisableSR": 1}}, "disabled", "DisableSR = 1"),
        ("6.1", {}, "undetermined", "RPSessionInterval = ?"),
        ("5.1", {"restore": {"RPSessionInterval": 0, "DisableSR": 0}}, "enabled", "DisableSR = 0"),
        ("5.1", {"restore": {"DisableSR": 1}}, "disabled", "DisableSR = 1"),
        ("5.1", {}, "undetermined", "DisableSR = ?"),
        (
            "6.1",
            {"restore": {"RPSessionInterval": 1}, "policy": {"DisableSR": 1}},
            "disabled",
            registry_backups.SWITCHED_OFF_BY_POLICY,
        ),
    ],
)
def test_system_restore_is_told_by_what_switches_it(version, keys, state, why) -> None:
    told = software(version, **keys)
    assert (told.fact("windows.restore"), told.fact("windows.restore_why")) == (state, why)


def test_drives_that_restore_points_protect_are_told() -> None:
    volumes = ("\\\\?\\Volume{0a}\\:Data (D%3A)", "\\\\?\\Volume{1b}\\:(C%3A)", "nothing")
    told = software(protected={"{09F7EDC5-294E-4180-AF6A-FB0E6A0E9513}": volumes})
    assert told.fact("windows.restore_volumes") == "C: D:"


def test_file_history_tells_until_when_files_are_saved() -> None:
    history = "Software\\Microsoft\\Windows\\CurrentVersion\\FileHistory"
    told = Told(USER, build_hive({history: {"ProtectedUpToTime": to_filetime(LAST)}}, WRITTEN))
    assert told.fact("windows.file_history_last") == "2017-05-05T16:00:00Z"
    assert [one.details["user"] for one in told.events] == ["Lan"]
    assert Told(USER, build_hive({history: {"ProtectedUpToTime": 0}}, WRITTEN)).facts == {}
