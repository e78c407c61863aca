"""Event logs told as findings, events and facts."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from samples_fake import event_logs as fakes
from samples_fake.evtx import (
    FakeEvent,
    audit,
    event_log,
    process_started,
    service_installed,
    service_state,
    sysmon,
    used_before,
)
from tests.contents import MemoryContent, entry_of, records
from tests.samples import corpus_bytes
from triage.detectors import event_logons, event_processes, event_services, event_system
from triage.detectors.event_logs import EVENTS, FACTS, HANDLERS, MISSING, TITLES, EventLogs
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Confidence, Event, Fact, Finding, Kind, Severity, UnixNs
from triage.times import isoformat

DETECTOR = EventLogs(load_intel())
WHEN = UnixNs(1494576000 * 10**9)
COMPUTER = "DESKTOP-V5VC9B3"
TAG = "evmdthrukdvwcqn063"
LIVE = "/Windows/System32/winevt/Logs/"


def told(data: bytes, path: str = LIVE + "System.evtx", **more) -> tuple[list[Finding], list[Event], dict[str, str]]:
    everything = records(DETECTOR, path, data, **more)
    facts = {fact.name: fact.value for fact in everything if isinstance(fact, Fact)}
    return (
        [one for one in everything if isinstance(one, Finding)],
        [one for one in everything if isinstance(one, Event)],
        facts,
    )


def titles(findings: list[Finding]) -> Counter[tuple[str, str]]:
    return Counter((finding.severity.value, finding.title) for finding in findings)


def test_a_service_that_only_the_slack_remembers_is_found_and_marked() -> None:
    states = [service_state(UnixNs(WHEN + n * 10**9), COMPUTER, "Spooler") for n in range(10)]
    image = f'cmd.exe /c "C:\\ProgramData\\{TAG}\\tasksche.exe"'
    older = event_log([*states, service_installed(UnixNs(WHEN + 10**11), COMPUTER, TAG, image)])
    newer = event_log([service_state(UnixNs(WHEN + 10**13), COMPUTER, "Spooler")], first_record=900)
    findings, events, facts = told(used_before(newer, older))
    assert [(one.title, one.severity, one.confidence) for one in findings] == [
        (event_services.FAMILY_SERVICE, Severity.INFECTED, Confidence.MEDIUM)
    ]
    assert findings[0].details["recovered"] is True
    assert findings[0].details["record"] == 11
    (installed,) = [one for one in events if one.what == event_services.INSTALLED]
    assert (installed.when, installed.details["recovered"]) == (WHEN + 10**11, True)
    assert (facts["log.System.records"], facts["log.System.first"]) == ("1", isoformat(UnixNs(WHEN + 10**13)))
    assert int(facts["log.System.recovered"]) >= 1


def test_the_worms_service_and_the_tags_are_found() -> None:
    findings, events, facts = told(fakes.system_log(WHEN, COMPUTER))
    assert [(one.title, one.indicator, one.severity, one.confidence, one.family) for one in findings] == [
        (title, name, Severity.INFECTED, Confidence.HIGH, "wannacry")
        for title, name in (
            (event_services.FAMILY_SERVICE, "Microsoft Security Center (2.0) Service"),
            (event_services.FAMILY_SERVICE_RAN, "Microsoft Security Center (2.0) Service"),
            (event_services.FAMILY_SERVICE, TAG),
        )
    ]
    tag = findings[2].details
    assert (tag["image"], tag["computer"], tag["log"]) == (
        f'cmd.exe /c "C:\\ProgramData\\{TAG}\\tasksche.exe"',
        COMPUTER,
        "System",
    )
    assert tag["when"] == "2017-05-12T08:00:02Z"
    assert Counter(event.what for event in events) == {
        event_services.INSTALLED: 22,
        event_services.STATE: 2,
        event_system.BOOTED: 1,
    }
    assert events[-1].details["service"] == "Volume Shadow Copy"
    assert facts == {
        "log.System.records": "45",
        "log.System.first": "2017-05-12T07:00:00Z",
        "log.System.last": "2017-05-12T08:05:00Z",
        "log.System.state": "dirty",
        "log.System.computers": COMPUTER,
        "log.System.boots": "1",
        "log.System.last_boot": "2017-05-12T07:00:00Z",
    }


def test_other_services_are_events_only() -> None:
    log = [
        service_installed(WHEN, COMPUTER, "abcdefgh123", "C:\\Program Files\\a.exe"),
        service_state(WHEN, COMPUTER, "abcdefgh123"),
        service_installed(WHEN, COMPUTER, "PSEXESVC", "%SystemRoot%\\PSEXESVC.exe"),
    ]
    findings, events, _ = told(event_log(log))
    assert findings == []
    assert [event.what for event in events] == [
        event_services.INSTALLED,
        event_services.STATE,
        event_services.INSTALLED,
    ]


def test_a_service_under_another_name_is_known_by_its_program() -> None:
    (finding,), _, _ = told(event_log([service_installed(WHEN, COMPUTER, "x", "C:\\x\\mssecsvc.exe -m security")]))
    assert (finding.confidence, finding.indicator) == (Confidence.MEDIUM, "C:\\x\\mssecsvc.exe -m security")


def test_programs_are_told_by_their_command_lines() -> None:
    findings, events, _ = told(fakes.security_log(WHEN, COMPUTER), LIVE + "Security.evtx")
    assert titles(findings) == {
        ("infected", event_processes.COMPONENT): 3,
        ("suspicious", "Command that hides a folder as a known family does"): 1,
        ("suspicious", "Command that opens a folder to everybody"): 1,
        ("suspicious", "Command that deletes shadow copies"): 1,
        ("suspicious", "Command that switches off recovery"): 1,
        ("suspicious", "Command that deletes the backup catalogue"): 1,
    }
    assert "notepad" not in str(events)
    (logon,) = [event for event in events if event.what == event_logons.NETWORK]
    assert logon.details["address"] == "192.168.1.23"
    assert logon.when < min(event.when for event in events if event.what == event_processes.STARTED)


def test_a_program_known_by_name_alone_is_only_suspicious() -> None:
    log = event_log([process_started(WHEN, COMPUTER, "D:\\x\\taskse.exe", "")])
    (finding,), _, _ = told(log, LIVE + "Security.evtx")
    assert (finding.title, finding.severity) == (event_processes.COMPONENT_NAME, Severity.SUSPICIOUS)


def test_sysmon_tells_spreading_encryption_and_the_kill_switch() -> None:
    findings, events, _ = told(fakes.sysmon_log(WHEN, COMPUTER), LIVE + "Microsoft-Windows-Sysmon%4Operational.evtx")
    assert titles(findings) == {
        ("infected", event_processes.COMPONENT): 1,
        ("infected", event_processes.KILL_SWITCH): 1,
        ("suspicious", event_processes.SPREADING): 1,
        ("infected", event_processes.FAMILY_RUN_VALUE): 1,
    }
    assert "do not block" in event_processes.KILL_SWITCH
    (connected,) = [event for event in events if event.what == event_processes.CONNECTED]
    assert (connected.details["count"], connected.details["different"]) == (60, 60)
    marked = [event for event in events if event.what == event_processes.MARKED]
    assert [event.details["count"] for event in marked] == [61, 59]
    assert marked[0].details["family"] == "wannacry"


def test_a_few_connections_to_shares_are_daily_work() -> None:
    log = [
        sysmon(WHEN, COMPUTER, 3, Image="System", DestinationIp=f"10.0.0.{n % 4}", DestinationPort="445")
        for n in range(200)
    ]
    findings, events, _ = told(event_log(log))
    assert findings == []
    assert [event.details["different"] for event in events] == [4]


def test_a_kill_switch_looked_up_by_another_program_is_suspicious() -> None:
    log = event_log([sysmon(WHEN, COMPUTER, 22, Image="C:\\chrome.exe", QueryName=fakes.KILL_SWITCH.upper() + ".")])
    (finding,), _, _ = told(log)
    assert (finding.severity, finding.indicator) == (Severity.SUSPICIOUS, fakes.KILL_SWITCH)


def test_a_known_hash_of_sysmon_is_found() -> None:
    digest = "24D004A104D4D54034DBCFFC2A4B19A11F39008A575AA614EA04703480B1022C"
    log = event_log([sysmon(WHEN, COMPUTER, 1, Image="C:\\a.exe", CommandLine="a", Hashes=f"MD5=00,SHA256={digest}")])
    (finding,), _, _ = told(log)
    assert (finding.title, finding.severity) == (event_processes.KNOWN_HASH, Severity.INFECTED)


def test_failed_logons_are_counted_and_told_in_bursts() -> None:
    log = [
        audit(UnixNs(WHEN + n * 10**9), COMPUTER, 4625, TargetUserName=f"user{n % 7}", IpAddress="10.9.9.9")
        for n in range(120)
    ]
    log += [audit(UnixNs(WHEN + 10**13), COMPUTER, 4625, TargetUserName="Lan", IpAddress="10.1.1.1")]
    findings, events, facts = told(event_log(log), LIVE + "Security.evtx")
    assert [(event.what, event.details["count"], event.details["different"]) for event in events] == [
        (event_logons.FAILED, 120, 7)
    ]
    assert titles(findings) == {("info", event_logons.GUESSING): 1}
    assert facts["log.Security.failed_logons"] == "121"


def windows(event_id: int, provider: str, channel: str = "System", **data: str) -> bytes:
    return event_log(
        [FakeEvent(when=WHEN, provider=(provider, ""), event_id=event_id, channel=channel, computer="PC", data=data)]
    )


@pytest.mark.parametrize(
    ("data", "what", "detail"),
    [
        (windows(6006, "EventLog"), event_system.STOPPED, {}),
        (
            windows(6008, "EventLog", param1="08:00", param2="12/05/2017"),
            event_system.CRASHED,
            {"at": "12/05/2017 08:00"},
        ),
        (windows(41, "Microsoft-Windows-Kernel-Power", BugcheckCode="0"), event_system.CRASHED, {"stop_code": "0"}),
        (windows(1074, "User32", param1="a.exe", param5="restart"), event_system.ASKED, {"kind": "restart"}),
        (
            windows(6011, "EventLog", param1="OLD", param2="NEW"),
            event_system.RENAMED,
            {"before": "OLD", "after": "NEW"},
        ),
        (windows(8224, "VSS", "Application"), event_system.SHADOW_COPY, {"count": 1}),
        (windows(25, "volsnap", param1="C:"), event_system.SHADOW_LOST, {"volume": "C:"}),
        (
            windows(3000, "Microsoft-Windows-SMBServer", "Microsoft-Windows-SMBServer/Audit", ClientName="10.0.0.7"),
            event_system.SMB1,
            {"client": "10.0.0.7"},
        ),
        (
            windows(
                *(1, "Microsoft-Windows-Kernel-General"),
                OldTime="2017-05-12T08:00:00.0000000Z",
                NewTime="2017-05-12T15:00:00.5000000Z",
            ),
            event_system.CLOCK,
            {"step_seconds": 25200.5, "after": "2017-05-12T15:00:00.5Z"},
        ),
    ],
)
def test_windows_own_life_is_in_the_timeline(data: bytes, what: str, detail: dict[str, object]) -> None:
    findings, (event,), _ = told(data)
    assert (findings, event.what) == ([], what)
    assert event.details.items() >= detail.items()


@pytest.mark.parametrize(
    "data",
    [
        windows(41, "Somebody Else"),
        windows(1, "Microsoft-Windows-Power-Troubleshooter"),
        windows(12, "TPM"),
        windows(524, "ESENT", "Application"),
        windows(
            *(1, "Microsoft-Windows-Kernel-General"),
            OldTime="2017-05-12T08:00:00.000000Z",
            NewTime="2017-05-12T08:00:01.000000Z",
        ),
    ],
)
def test_the_same_number_of_another_source_means_nothing(data: bytes) -> None:
    assert told(data)[:2] == ([], [])


def test_the_start_of_windows_has_the_time_that_it_names() -> None:
    provider = "Microsoft-Windows-Kernel-General"
    _, (event,), _ = told(windows(12, provider, StartTime="2017-05-12T07:59:40.500000Z"))
    assert isoformat(event.when) == "2017-05-12T07:59:40.5Z"


def test_a_cleared_log_is_suspicious() -> None:
    (finding,), _, _ = told(fakes.cleared_log(WHEN, COMPUTER), LIVE + "Security.evtx")
    assert (finding.title, finding.details["account"], finding.attack) == (event_system.CLEARED, "Lan", ("T1070.001",))


def test_a_deleted_backup_catalogue_is_suspicious() -> None:
    (finding,), _, _ = told(windows(524, "Microsoft-Windows-Backup", "Application"))
    assert finding.title == event_system.CATALOGUE


@pytest.mark.parametrize(
    ("threat", "family"), [("Ransom:Win32/WannaCrypt.A!rsm", "wannacry"), ("Trojan:Win32/X", None)]
)
def test_what_the_antivirus_program_named_is_told(threat: str, family: str | None) -> None:
    channel = "Microsoft-Windows-Windows Defender/Operational"
    log = windows(1116, "Microsoft-Windows-Windows Defender", channel, **{"Threat Name": threat, "Path": "file:_C:\\a"})
    findings, (event,), _ = told(log)
    assert (event.what, event.details["threat"]) == (event_system.MALWARE, threat)
    assert [finding.family for finding in findings] == ([family] if family else [])


def test_missing_numbers_are_said() -> None:
    one = event_log([service_state(WHEN, COMPUTER, "a")], first_record=1)
    two = event_log([service_state(WHEN, COMPUTER, "a")], first_record=90)
    (finding,), _, _ = told(one + two[4096:])
    assert (finding.title, finding.severity, finding.details["gaps"]) == (MISSING, Severity.INFO, ["2-89"])


def test_copies_do_not_speak_for_the_machine() -> None:
    data = fakes.system_log(WHEN, COMPUTER)
    for path in ("/Windows.old/Windows/System32/winevt/Logs/System.evtx", "/Users/Lan/System.evtx"):
        findings, _, facts = told(data, path)
        assert len(findings) == 3
        assert all(name.startswith("copy.log.System.") for name in facts)
    findings, _, facts = told(data, allocated=False)
    assert {finding.confidence for finding in findings} == {Confidence.LOW}
    assert all(name.startswith("copy.") for name in facts)


def test_a_damaged_log_gives_what_it_holds_and_then_a_gap() -> None:
    data = bytearray(fakes.system_log(WHEN, COMPUTER))
    at = data.rindex(b"**\0\0", 0, data.index("Dịch vụ 3".encode("utf-16-le")))
    data[at : at + 64] = bytes(64)
    seen: list[object] = []
    with pytest.raises(FormatError, match="1 of 45 records cannot be decoded"):
        seen.extend(DETECTOR.detect(entry_of(LIVE + "System.evtx", bytes(data)), MemoryContent(bytes(data))))
    assert sum(isinstance(one, Finding) and one.severity is Severity.INFECTED for one in seen) == 3
    assert Fact(detector="event_logs", entry=1, name="log.System.lost", value="1") in seen


def test_only_logs_are_asked_for_and_quickly() -> None:
    assert not DETECTOR.wants(entry_of("/Windows/System32/winevt/Logs/System.evtx", b"x", kind=Kind.FOLDER))
    assert not DETECTOR.wants(entry_of("/a/b.evtx.txt", b"x"))
    entry = entry_of("/Users/Lan/Documents/Báo cáo quý 2/so-lieu.xlsx", b"x")
    start = time.process_time()
    for _ in range(10_000):
        DETECTOR.wants(entry)
    assert time.process_time() - start < 0.2


def test_every_phrase_is_told_once_and_every_handler_listens_in_lower_case() -> None:
    assert len(set(TITLES)) == len(TITLES)
    assert len(set(EVENTS)) == len(EVENTS)
    assert len(FACTS) == 11
    assert all(channel == channel.lower() for channel, _ in HANDLERS)


@pytest.mark.corpus
def test_a_log_of_windows_xp_is_told() -> None:
    data = corpus_bytes("plaso/test_data/SysEvent.Evt")
    findings, events, facts = told(data, "/WINDOWS/system32/config/SysEvent.Evt")
    assert findings == []
    assert (facts["log.System.records"], facts["log.System.computers"]) == ("6320", "WKS-WINXP32BIT")
    assert Counter(event.what for event in events)[event_system.BOOTED] > 10


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("plaso/test_data/evtx/System.evtx", 25),
        ("evtx/samples/system.evtx", 57),
        ("evtx/samples/2-vss_7-System.evtx", 19),
        ("evtx-attack/Lateral Movement/LM_Remote_Service02_7045.evtx", 3),
    ],
)
def test_real_service_installs_are_events_and_no_findings(name: str, services: int) -> None:
    findings, events, _ = told(corpus_bytes(name))
    assert Counter(event.what for event in events)[event_services.INSTALLED] == services
    assert not [finding for finding in findings if finding.severity is Severity.INFECTED]
