"""The event logs of a machine that WannaCry ran on, as they would read. Harmless fakes: nothing was run."""

from __future__ import annotations

from samples_fake.evtx import (
    EVENTLOG,
    FakeEvent,
    audit,
    event_log,
    process_started,
    service_installed,
    service_state,
    sysmon,
)
from samples_fake.state import install_tag
from triage.model import UnixNs

KILL_SWITCH = "www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com"
WORM = "C:\\WINDOWS\\mssecsvc.exe"
SHADOW_COPIES = (
    "cmd.exe /c vssadmin delete shadows /all /quiet & wmic shadowcopy delete & bcdedit /set {default} bootstatuspolicy "
    "ignoreallfailures & bcdedit /set {default} recoveryenabled no & wbadmin delete catalog -quiet"
)

_SECOND = 1_000_000_000


def system_log(infected: UnixNs, computer: str, *, clean: int = 20, passed: int = 300) -> bytes:
    """`System.evtx`: two services of the family among `clean` others and the start of the machine.

    Args:
        infected: when the worm's service was installed; the loader's follows two seconds later.
        computer: its name; the loader's service is called by the tag of it.
        clean: how many other services are installed before.
        passed: seconds until the first full pass over the drives was done.
    """
    tag = install_tag(computer)
    before = [_start(_at(infected, -3600), computer)]
    before += [
        event
        for number in range(clean)
        for event in (
            service_installed(_at(infected, 60 * number - 3500), computer, f"Dịch vụ {number}", f"C:\\a{number}.exe"),
            service_state(_at(infected, 60 * number - 3499), computer, f"Dịch vụ {number}"),
        )
    ]
    return event_log(
        [
            *before,
            service_installed(infected, computer, "Microsoft Security Center (2.0) Service", f"{WORM} -m security"),
            service_state(_at(infected, 1), computer, "Microsoft Security Center (2.0) Service"),
            service_installed(_at(infected, 2), computer, tag, f'cmd.exe /c "C:\\ProgramData\\{tag}\\tasksche.exe"'),
            service_state(_at(infected, passed), computer, "Volume Shadow Copy"),
        ],
        dirty=True,
    )


def security_log(infected: UnixNs, computer: str, *, passed: int = 300) -> bytes:
    """`Security.evtx`: a logon over the network, then the programs with their command lines; passed: as above."""
    folder = f"C:\\ProgramData\\{install_tag(computer)}"
    commands = (
        (0, WORM, f"{WORM} -m security", "C:\\Windows\\System32\\services.exe"),
        (1, "C:\\WINDOWS\\tasksche.exe", "C:\\WINDOWS\\tasksche.exe /i", WORM),
        (3, "C:\\Windows\\System32\\attrib.exe", "attrib +h .", f"{folder}\\tasksche.exe"),
        (3, "C:\\Windows\\System32\\icacls.exe", "icacls . /grant Everyone:F /T /C /Q", f"{folder}\\tasksche.exe"),
        (5, f"{folder}\\taskdl.exe", "taskdl.exe", f"{folder}\\tasksche.exe"),
        (6, "C:\\Windows\\notepad.exe", "notepad.exe C:\\vssadmin.txt", "C:\\Windows\\explorer.exe"),
        (passed, "C:\\Windows\\System32\\cmd.exe", SHADOW_COPIES, f"{folder}\\@WanaDecryptor@.exe"),
    )
    logon = audit(
        _at(infected, -30),
        computer,
        4624,
        TargetUserName="ANONYMOUS LOGON",
        TargetDomainName="NT AUTHORITY",
        LogonType="3",
        WorkstationName="PC-KETOAN",
        IpAddress="192.168.1.23",
    )
    programs = [
        process_started(_at(infected, seconds), computer, image, command, parent=parent)
        for seconds, image, command, parent in commands
    ]
    return event_log([logon, *programs])


def sysmon_log(infected: UnixNs, computer: str, *, addresses: int = 60, files: int = 120) -> bytes:
    """Sysmon's log: the kill switch looked up, port 445 of many addresses, encrypted files, the Run value."""
    tag = install_tag(computer)
    folder = f"C:\\ProgramData\\{tag}"
    loader = f"{folder}\\tasksche.exe"
    events = [
        sysmon(infected, computer, 1, Image=WORM, CommandLine=f"{WORM} -m security", User="NT AUTHORITY\\SYSTEM"),
        sysmon(infected, computer, 22, Image=WORM, QueryName=KILL_SWITCH, QueryResults="-"),
        *(
            sysmon(
                _at(infected, 1 + number),
                computer,
                3,
                Image=WORM,
                Initiated="true",
                DestinationIp=f"192.168.1.{number + 1}",
                DestinationPort="445",
            )
            for number in range(addresses)
        ),
        sysmon(
            _at(infected, 70),
            computer,
            13,
            Image="C:\\Windows\\System32\\reg.exe",
            TargetObject=f"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\{tag}",
            Details=f'"{loader}"',
        ),
        *(
            sysmon(
                _at(infected, 71 + number),
                computer,
                11,
                Image=loader,
                TargetFilename=f"C:\\Users\\Lan\\Documents\\bao-cao-{number}.docx.WNCRY",
            )
            for number in range(files)
        ),
    ]
    return event_log(events)


def cleared_log(when: UnixNs, computer: str, account: str = "Lan") -> bytes:
    """`Security.evtx` of which only the record that it was cleared is left."""
    return event_log(
        [
            FakeEvent(
                when=when,
                provider=EVENTLOG,
                event_id=1102,
                channel="Security",
                computer=computer,
                data={"SubjectUserName": account},
            )
        ],
        first_record=7001,
    )


def _start(when: UnixNs, computer: str) -> FakeEvent:
    provider = ("EventLog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}")
    return FakeEvent(when=when, provider=provider, event_id=6005, channel="System", computer=computer, user="")


def _at(when: UnixNs, seconds: int) -> UnixNs:
    return UnixNs(when + seconds * _SECOND)
