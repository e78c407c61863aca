from __future__ import annotations

import pytest

from samples_fake.hive import build_hive, unwritten
from samples_fake.registry import (
    COMPUTER,
    CONTROL,
    LOADER,
    WORM,
    WRITTEN,
    amcache_hive,
    sam_hive,
    shimcache,
    software_hive,
    system_hive,
    user_hive,
)
from tests.contents import entry_of
from tests.hive_records import DETECTOR, INTEL, SOFTWARE, SYSTEM, TAG, USER, Told
from tests.samples import corpus_bytes
from triage.detectors import registry_family, registry_programs, registry_system
from triage.detectors.known_traces import KnownTraces
from triage.model import Confidence, Kind, Severity

SEVERAL = ("drive.letter", "firewall.rule", "observed.firewall")


def test_an_infected_system_hive_tells_who_the_machine_is() -> None:
    told = Told(SYSTEM, system_hive())
    assert told.error is None
    assert {name: values for name, values in told.facts.items() if name not in SEVERAL} == {
        "host.name": [COMPUTER],
        "host.domain": ["tinh.example"],
        "registry.control_set": [CONTROL],
        "time.zone": ["SE Asia Standard Time"],
        "time.zone_bias": ["+07:00"],
        "last.shutdown": ["2017-05-12T09:00:00Z"],
        "usb.device": ["Fake Stick USB Device 0001&0"],
        "services.count": ["9"],
        "network.interface": ["address=192.168.56.20; given=leased; gateway=192.168.56.1"],
        "smb1.server": ["enabled"],
        "smb1.server_why": ["SMB1 is not set: on by default"],
        "smb1.client": ["enabled"],
        "smb1.client_why": ["mrxsmb10 Start = 3"],
        "firewall.domain": ["enabled"],
        "firewall.private": ["disabled"],
        "firewall.public": ["enabled"],
        "wannacry.tag": [TAG],
        "observed.tag": [TAG],
    }
    assert told.facts["drive.letter"] == [
        "letter=C:; disk=efbeadde; offset=1048576",
        "letter=E:; device=_??_USBSTOR#Disk&Ven_Fake&Prod_Stick#0001&0",
    ]
    assert told.facts["firewall.rule"] == [
        "action=allow; port=445; from=any; profile=domain; name=@FirewallAPI.dll,-28511",
        "action=block; port=139; from=LocalSubnet; profile=domain,private,public; name=range",
    ]


def test_an_infected_system_hive_shows_services_and_pending_deletes() -> None:
    told = Told(SYSTEM, system_hive())
    assert told.weights() == {
        ("service-worm", Severity.INFECTED, Confidence.HIGH),
        ("service-loader", Severity.INFECTED, Confidence.HIGH),
        ("registry-pending", Severity.INFECTED, Confidence.HIGH),
        ("worm", Severity.SUSPICIOUS, Confidence.MEDIUM),
    }
    assert sorted(told.when(registry_family.SERVICE_WRITTEN)) == [WORM, LOADER]
    assert told.when(registry_programs.FILE_TIME) == [WORM]
    worm = next(one for one in told.findings if one.indicator == "service-worm")
    assert worm.family == "wannacry"
    assert worm.details["image"] == "C:\\WINDOWS\\mssecsvc.exe -m security"
    assert worm.details["written"] == "2017-05-12T07:44:00Z"


def test_a_clean_system_hive_has_facts_and_nothing_else() -> None:
    told = Told(SYSTEM, system_hive(infected=False))
    assert told.findings == []
    assert told.fact("wannacry.tag") == TAG
    assert "observed.tag" not in told.facts


def test_the_tag_of_another_computer_is_observed_as_it_is() -> None:
    told = Told(SYSTEM, system_hive(tag="yifyuubai741"))
    assert told.fact("wannacry.tag") == TAG
    assert told.fact("observed.tag") == "yifyuubai741"


def test_a_service_that_only_looks_like_a_tag_is_nobodys() -> None:
    service = f"{CONTROL}\\Services\\abcdefghi123"
    data = build_hive({"Select": {"Current": 1}, service: {"ImagePath": "C:\\Program Files\\a.exe"}}, WRITTEN)
    told = Told(SYSTEM, data)
    assert told.findings == []
    assert "observed.tag" not in told.facts


@pytest.mark.parametrize(
    ("name", "image", "weight"),
    [
        ("other", "D:\\x\\mssecsvc.exe -m security", (Severity.INFECTED, Confidence.MEDIUM)),
        ("MSSECSVC2.0", '"C:\\WINDOWS\\mssecsvc.exe" -m security', (Severity.INFECTED, Confidence.HIGH)),
        ("mssecsvc2.0", "C:\\honeypot.exe", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
        ("x", 'cmd.exe /c "C:\\Intel\\x\\tasksche.exe"', (Severity.INFECTED, Confidence.MEDIUM)),
    ],
)
def test_a_service_weighs_by_name_and_command_line(name, image, weight) -> None:
    keys = {"Select": {"Current": 1}, f"{CONTROL}\\Services\\{name}": {"ImagePath": image}}
    (finding,) = Told(SYSTEM, build_hive(keys, WRITTEN)).findings
    assert (finding.severity, finding.confidence) == weight


def test_the_control_set_is_the_one_that_select_names() -> None:
    name = "Control\\ComputerName\\ComputerName"
    keys = {
        "Select": {"Current": 2},
        f"ControlSet001\\{name}": {"ComputerName": "OLD"},
        f"ControlSet002\\{name}": {"ComputerName": "NEW"},
    }
    assert Told(SYSTEM, build_hive(keys, WRITTEN)).fact("host.name") == "NEW"
    del keys["Select"]
    assert Told(SYSTEM, build_hive(keys, WRITTEN)).fact("host.name") == "OLD"


def test_a_system_hive_without_a_control_set_is_a_gap() -> None:
    assert Told(SYSTEM, build_hive({"Select": {"Current": 1}}, WRITTEN)).error is not None


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"LanmanServer\\Parameters": {"SMB1": 0}}, "disabled"),
        ({"LanmanServer\\Parameters": {"SMB1": 1}}, "enabled"),
        ({"LanmanServer\\Parameters": {"SMB1": "no"}}, "undetermined"),
        ({}, "enabled"),
        ({"LanmanServer": {"Start": 4}}, "disabled"),
        ({"srv": {"Start": 4}}, "disabled"),
        ({"srv": None}, "disabled"),
        ({"srv": None, "LanmanServer": None}, "undetermined"),
    ],
)
def test_smb1_is_told_by_setting_driver_and_service(changes, state) -> None:
    services = {"LanmanServer": {"Start": 2}, "srv": {"Start": 3}, **changes}
    keys = {f"{CONTROL}\\Services\\{name}": values for name, values in services.items() if values is not None}
    told = Told(SYSTEM, build_hive({"Select": {"Current": 1}, f"{CONTROL}\\Services": {}, **keys}, WRITTEN))
    assert told.fact("smb1.server") == state
    assert told.fact("smb1.server_why")


def test_an_infected_software_hive() -> None:
    told = Told(SOFTWARE, software_hive(updates=("KB4012215", "KB2999226")))
    assert told.facts == {
        "os.product": ["Windows 7 Professional"],
        "os.version": ["6.1"],
        "os.build": ["7601"],
        "os.service_pack": ["Service Pack 1"],
        "os.edition": ["Professional"],
        "os.installed": ["2015-01-01T00:00:00Z"],
        "users": ["Lan"],
        "windows.backup": ["not-configured"],
        "windows.restore": ["undetermined"],
        "windows.restore_why": ["RPSessionInterval = ?"],
        "kb.installed": ["KB2999226 KB4012215"],
        "observed.tag": [TAG],
    }
    assert told.weights() == {
        ("registry-folder", Severity.INFECTED, Confidence.HIGH),
        ("registry-run", Severity.INFECTED, Confidence.HIGH),
    }
    assert LOADER in told.when(registry_family.VALUES_WRITTEN)


def test_a_clean_software_hive_has_no_findings() -> None:
    assert Told(SOFTWARE, software_hive(infected=False)).findings == []


def test_windows_11_is_called_so() -> None:
    key = {"ProductName": "Windows 10 Pro", "CurrentBuild": "22631", "CurrentMajorVersionNumber": 10, "UBR": 3007}
    told = Told(SOFTWARE, build_hive({"Microsoft\\Windows NT\\CurrentVersion": key}, WRITTEN))
    assert told.fact("os.product") == "Windows 11 Pro"
    assert (told.fact("os.version"), told.fact("os.build"), told.fact("os.revision")) == ("10.0", "22631", "3007")


def test_updates_of_windows_xp_are_told() -> None:
    data = build_hive({"Microsoft\\Updates\\Windows XP\\SP4\\KB4012598\\Filelist": {}}, WRITTEN)
    assert Told(SOFTWARE, data).fact("kb.installed") == "KB4012598"


def test_an_infected_users_hive() -> None:
    told = Told(USER, user_hive())
    assert told.weights() == {
        ("registry-wallpaper", Severity.INFECTED, Confidence.MEDIUM),
        ("registry-zonemap", Severity.INFO, Confidence.LOW),
    }
    assert told.when(registry_family.VALUES_WRITTEN) == [LOADER]
    assert told.findings[0].details["user"] == "Lan"
    assert Told(USER, user_hive(infected=False)).findings == []


def test_accounts_and_their_logons() -> None:
    told = Told("/Windows/System32/config/SAM", sam_hive())
    assert told.fact("users") == "Lan"
    assert [(one.when, one.details["account"]) for one in told.events] == [(WORM, "Lan"), (WRITTEN, "Lan")]


def test_amcache_knows_programs_by_hash_and_by_name() -> None:
    path = "/Windows/appcompat/Programs/Amcache.hve"
    sha1 = next(file.sha1 for family, file in INTEL.hashes if family == "wannacry" and file.name == "mssecsvc.exe")
    by_hash = Told(path, amcache_hive("C:\\x\\anything.exe", sha1))
    by_name = Told(path, amcache_hive("C:\\Windows\\mssecsvc.exe", "0" * 40))
    nothing = Told(path, amcache_hive("C:\\Windows\\notepad.exe", "0" * 40))
    assert [(one.severity, one.indicator) for one in by_hash.findings] == [(Severity.INFECTED, sha1)]
    assert [(one.severity, one.indicator) for one in by_name.findings] == [(Severity.SUSPICIOUS, "worm")]
    assert by_name.when(registry_programs.RECORDED) == [WORM]
    assert nothing.records == []


@pytest.mark.parametrize(
    "path",
    [
        "C:\\Windows\\mssecsvc.exe",
        "\\??\\C:\\WINDOWS\\MSSECSVC.EXE",
        "SYSVOL\\Windows\\mssecsvc.exe",
        "\\\\?\\C:\\Windows\\mssecsvc.exe",
    ],
)
def test_a_program_is_known_however_its_drive_is_written(path: str) -> None:
    known = KnownTraces(INTEL).program(path)
    assert known is not None
    assert known[1].id == "worm"


def test_a_known_name_in_another_place_is_nobodys() -> None:
    assert KnownTraces(INTEL).program("C:\\Program Files\\Tor Browser\\tor.exe") is None
    assert KnownTraces(INTEL).program("C:\\Users\\Lan\\mssecsvc.exe") is None
    assert KnownTraces(INTEL).program("") is None


@pytest.mark.parametrize(
    ("path", "live"),
    [
        (SYSTEM, True),
        ("/evidence/c/WINDOWS/system32/config/system", True),
        ("/Windows/System32/config/RegBack/SYSTEM", False),
        ("/Windows.old/Windows/System32/config/SYSTEM", False),
        ("/backup-2016/Windows/System32/config/SYSTEM", False),
        ("/System Volume Information/_restore{1}/RP1/snapshot/_REGISTRY_MACHINE_SYSTEM", False),
        ("/SYSTEM", False),
    ],
)
def test_facts_of_an_older_copy_are_told_apart(path: str, live: bool) -> None:
    told = Told(path, system_hive())
    assert ("host.name" in told.facts, "backup.host.name" in told.facts) == (live, not live)
    assert told.findings
    assert all(("live" in one.details) is not live for one in told.findings)


def test_a_deleted_hive_is_an_older_copy_of_low_confidence() -> None:
    told = Told(SYSTEM, system_hive(), allocated=False)
    assert "backup.host.name" in told.facts
    assert {one.confidence for one in told.findings} == {Confidence.LOW}


def test_what_is_only_in_the_log_is_found() -> None:
    dirty, log = unwritten(system_hive(infected=False), system_hive())
    assert Told(SYSTEM, dirty, {"SYSTEM.LOG1": log}).weights() == Told(SYSTEM, system_hive()).weights()
    assert Told(SYSTEM, dirty, {"SYSTEM.log1": log}).fact("registry.recovered") == SYSTEM
    alone = Told(SYSTEM, dirty)
    assert alone.findings == []
    assert alone.fact("registry.dirty") == SYSTEM


def test_a_damaged_hive_gives_what_it_holds_and_then_a_gap() -> None:
    data = bytearray(system_hive())
    at = data.index(b"Spooler") - 76
    data[at : at + 2] = b"??"
    told = Told(SYSTEM, bytes(data))
    assert told.fact("host.name") == COMPUTER
    assert told.error is not None
    assert "1 damaged" in str(told.error) or "damaged structures" in str(told.error)


def test_a_file_that_only_bears_the_name_is_no_hive_but_at_its_place_it_is_a_gap() -> None:
    assert Told("/Users/Lan/system", b"just text".ljust(5000)).records == []
    assert Told("/Users/Lan/system", b"just text".ljust(5000)).error is None
    assert Told(SYSTEM, bytes(8192)).error is not None


@pytest.mark.parametrize("path", ["/Windows/System32/config/SYSTEM.LOG1", "/Users/Lan/x.dat", "/systemd", "/"])
def test_other_files_are_left_alone(path: str) -> None:
    assert not DETECTOR.wants(entry_of(path, bytes(5000)))
    assert not DETECTOR.wants(entry_of("/Windows/System32/config", kind=Kind.FOLDER))


def test_every_service_and_registry_indicator_of_every_family_finds_its_fake() -> None:
    for family in INTEL.families:
        for service in family.services:
            keys = {
                "Select": {"Current": 1},
                f"{CONTROL}\\Services\\{service.fake.name}": {"ImagePath": service.fake.image},
            }
            found = Told(SYSTEM, build_hive(keys, WRITTEN)).findings
            assert (family.id, service.id) in {(one.family, one.indicator) for one in found}
        for trait in family.registry:
            for key in trait.keys:
                path, inside = _home(key)
                keys = {"Select": {"Current": 1}, f"{CONTROL}": {}, inside: dict(trait.fake)}
                found = Told(path, build_hive(keys, WRITTEN)).findings
                assert (family.id, trait.id) in {(one.family, one.indicator) for one in found}


def _home(key: str) -> tuple[str, str]:
    for start, path, inside in (
        ("HKLM\\SYSTEM\\{ControlSet}\\", SYSTEM, f"{CONTROL}\\"),
        ("HKLM\\SOFTWARE\\", SOFTWARE, ""),
        ("HKCU\\", USER, ""),
    ):
        if key.startswith(start):
            return path, inside + key[len(start) :]
    raise AssertionError(key)


def test_a_broken_compatibility_cache_costs_the_cache() -> None:
    keys = {
        "Select": {"Current": 1},
        f"{CONTROL}\\Control\\Session Manager\\AppCompatCache": {"AppCompatCache": shimcache([("x", WORM)])[:150]},
        f"{CONTROL}\\Services\\mssecsvc2.0": {"ImagePath": "mssecsvc.exe -m security"},
    }
    told = Told(SYSTEM, build_hive(keys, WRITTEN))
    assert told.findings
    assert told.error is not None


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "host", "smb1", "zone"),
    [
        ("SYSTEM.xz", "WKS-WIN732BITA", "enabled", "-04:00"),
        ("SYSTEM_2.xz", "SENSEI", "enabled", "-08:00"),
        ("SYSTEM_B.xz", "DESKTOP-PM6C56D", "disabled", "-04:00"),
        ("SYSTEM_WIN_10_1709.xz", "DESKTOP-2KGM189", "enabled", "-07:00"),
    ],
)
def test_real_system_hives(name, host, smb1, zone) -> None:
    told = Told(SYSTEM, corpus_bytes(f"regipy/regipy_tests/data/{name}"))
    assert (told.fact("host.name"), told.fact("smb1.server"), told.fact("time.zone_bias")) == (host, smb1, zone)
    assert told.findings == []
    assert told.error is None
    assert told.when(registry_system.SHUT_DOWN)
