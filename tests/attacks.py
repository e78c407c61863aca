"""Synthetic cases of an attack: entries, findings and events as the detectors tell them, written into a real case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from triage.case import Case, VolumeInfo
from triage.case.rows import entry_row
from triage.model import Confidence, Entry, EntryId, Event, Fact, Finding, Kind, Macb, Severity, UnixNs

SECOND = 1_000_000_000
DESKTOP = "/Users/lan/Desktop"
HOME = "/ProgramData/evmdthrukdvwcqn063"


def at(text: str) -> UnixNs:
    """UnixNs of `2017-05-12T16:59:30`, UTC."""
    return UnixNs(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND)


ORIGINAL = at("2016-03-01T02:00:00")


def entry(number: int, path: str, times: Macb, name_times: Macb | None = None, **fields: object) -> Entry:
    """A file of NTFS; its `$FILE_NAME` agrees where nothing else is given."""
    given = {"id": EntryId(number), "volume": 0, "path": path, "kind": Kind.FILE, "inode": f"{number}-128-1"}
    return Entry(**{**given, "times": times, "name_times": name_times or times, **fields})  # type: ignore[arg-type]


def new(number: int, path: str, when: UnixNs, **fields: object) -> Entry:
    """A file that came at a time."""
    return entry(number, path, Macb(modified=when, accessed=when, changed=when, born=when), **fields)


def copied(number: int, path: str, changed: UnixNs, *, names: UnixNs | None = None) -> Entry:
    """An encrypted file with its original's times; names: what `$FILE_NAME` kept, None where a rename overwrote it."""
    times = Macb(modified=ORIGINAL, accessed=ORIGINAL, changed=changed, born=ORIGINAL)
    # a rename takes over what $STANDARD_INFORMATION held before it
    before = Macb(modified=ORIGINAL, accessed=ORIGINAL, changed=changed, born=ORIGINAL)
    told = names and Macb(modified=names, accessed=names, changed=names, born=names)
    return entry(number, path, times, told or before)


def called(one: Entry, indicator: str, severity: Severity = Severity.INFECTED) -> Finding:
    """A component, by its name, and by more."""
    return Finding(
        detector="names",
        entry=one.id,
        severity=severity,
        confidence=Confidence.MEDIUM,
        title="Name of a known component",
        family="wannacry",
        indicator=indicator,
    )


def encrypted(one: Entry, state: str = "valid", size: int = 1000) -> Finding:
    """As the detector of encrypted files tells it."""
    return Finding(
        detector="encrypted",
        entry=one.id,
        severity=Severity.ENCRYPTED,
        confidence=Confidence.HIGH,
        title="File encrypted by WannaCry",
        family="wannacry",
        indicator="WANACRY!",
        details={"state": state, "original_size": size},
    )


def event(one: Entry, when: UnixNs, what: str, source: str, **details: object) -> Event:
    """An event of an artefact."""
    return Event(detector="test", entry=one.id, when=when, what=what, source=source, details=details)  # type: ignore[arg-type]


def fact(one: Entry, name: str, value: str) -> Fact:
    """A fact of an artefact."""
    return Fact(detector="test", entry=one.id, name=name, value=value)


def write_case(folder: Path, entries: Iterable[Entry], records: Iterable[Finding | Event | Fact]) -> Path:
    """A sealed case of one NTFS volume."""
    volume = VolumeInfo(index=0, offset=0, size=1 << 30, filesystem="NTFS", label="", serial="", opened=True)
    with Case.create(folder) as case:
        case.add_volumes([volume])
        with case.transaction():
            case.add_entries(map(entry_row, entries))
            case.add_records(records)
        case.set_walked(0)
        case.set_meta({"finished": "1", "evidence.name": "disk.img", "evidence.format": "raw"})
        case.fold()
    return folder


def attack(folder: Path) -> Path:
    """A run that crosses midnight in UTC+7 (17:00 in UTC), with a service, a log and a journal."""
    loader = new(1, f"{HOME}/tasksche.exe", at("2017-05-12T16:58:00"))
    worm = new(2, "/Windows/mssecsvc.exe", at("2017-05-12T16:57:50"))
    log = new(3, f"{HOME}/00000000.res", at("2017-05-12T16:58:05"))
    system = new(4, "/Windows/System32/winevt/Logs/System.evtx", at("2011-01-01T00:00:00"))
    journal = new(5, "/$Extend/$UsnJrnl:$J", at("2011-01-01T00:00:00"), kind=Kind.STREAM)
    hive = new(6, "/Windows/System32/config/SYSTEM", at("2011-01-01T00:00:00"))
    desktop = copied(10, f"{DESKTOP}/a.doc.WNCRY", at("2017-05-12T16:59:30"))
    kept = copied(11, "/Data/b.doc.WNCRY", at("2017-05-12T17:00:10"), names=at("2017-05-12T17:00:10"))
    told = copied(12, "/Data/c.doc.WNCRY", at("2017-05-14T08:00:00"))
    note = new(13, "/Data/@Please_Read_Me@.txt", at("2017-05-12T17:00:12"))
    other = new(14, "/Data/before.txt", at("2017-05-01T00:00:00"))
    own = new(15, f"{HOME}/@Please_Read_Me@.txt", at("2017-05-12T16:58:01"))
    renamed = "File renamed to the name of an encrypted file"
    records: list[Finding | Event | Fact] = [
        called(loader, "loader"),
        called(worm, "worm"),
        called(log, "progress"),
        called(note, "note"),
        called(own, "note"),
        *(encrypted(one) for one in (desktop, kept, told)),
        event(journal, at("2017-05-12T17:01:00"), renamed, "$UsnJrnl:$J", record=12, name="c.doc.WNCRY"),
        event(system, at("2017-05-12T16:58:02"), "Service was installed", "System.evtx", service="mssecsvc2.0"),
        event(system, at("2017-05-12T16:57:40"), "Logon over the network", "Security.evtx", address="10.0.0.7"),
        event(system, at("2017-05-10T16:57:40"), "Logon over the network", "Security.evtx", address="10.0.0.9"),
        event(log, at("2017-05-12T16:59:00"), "WannaCry began to encrypt", "00000000.res"),
        event(log, at("2017-05-12T17:05:00"), "WannaCry was last seen running", "00000000.res"),
        fact(log, "wannacry.started", "2017-05-12T16:59:00Z"),
        fact(log, "wannacry.heartbeat", "2017-05-12T17:05:00Z"),
        fact(hive, "os.build", "7601"),
        fact(hive, "host.name", "KETOAN-03"),
        fact(hive, "time.zone", "SE Asia Standard Time"),
        fact(hive, "time.zone_bias", "+07:00"),
        Finding(
            detector="registry",
            entry=hive.id,
            severity=Severity.INFECTED,
            confidence=Confidence.HIGH,
            title="Service of a known family",
            family="wannacry",
            indicator="service-worm",
        ),
    ]
    entries = [loader, worm, log, system, journal, hive, desktop, kept, told, note, other, own]
    return write_case(folder, entries, records)
