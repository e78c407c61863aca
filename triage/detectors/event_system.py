"""Events of Windows itself: start and stop, clock, names, logs cleared, shadow copies, backups, antivirus, SMBv1.

Limits:
    Times in the strings of XP and 2003 are in the language of the machine: they are given as found.

References:
    Microsoft, events 1074, 6005, 6006, 6008, 6011 (System), 1102, 4616, 517, 520 (Security), 104 (System),
    1116, 1117 (Windows Defender), 3000 (SMBServer/Audit); ATT&CK T1070.001, T1490.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from triage.detectors.event_knowledge import Handler, Knowledge
from triage.detectors.event_told import HOUR, Repeats, Sign, Told
from triage.formats.logrecord import LogRecord
from triage.model import Confidence, Severity, UnixNs
from triage.times import isoformat

BOOTED = "Windows started"
STOPPED = "Windows was shut down"
CRASHED = "Windows had ended without shutting down"
ASKED = "Shutdown or restart was asked for"
CLOCK = "System clock was set"
RENAMED = "Computer was renamed"
CLEARED_EVENT = "Event log was cleared"
CATALOGUE_EVENT = "Backup catalogue was deleted"
SHADOW_COPY = "Volume Shadow Copy service reported"
SHADOW_LOST = "Shadow copies were lost"
MALWARE = "Antivirus found malware"
HANDLED = "Antivirus acted on malware"
SMB1 = "SMB1 was used to reach this machine"
EVENTS = (
    *(BOOTED, STOPPED, CRASHED, ASKED, CLOCK, RENAMED, CLEARED_EVENT, CATALOGUE_EVENT, SHADOW_COPY, SHADOW_LOST),
    *(MALWARE, HANDLED, SMB1),
)

CLEARED = "Event log was cleared, and what it held is gone"
CATALOGUE = "Backup catalogue was deleted: earlier backups of Windows are not listed any more"
ANTIVIRUS = "Antivirus named a known family"
TITLES = (CLEARED, CATALOGUE, ANTIVIRUS)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_MIN = 2_000_000_000
_SHADOW_LOST_IDS = (25, 27, 33, 35, 36)


def booted(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """6005, Kernel-General 12."""
    if _is(record, "eventlog", "microsoft-windows-kernel-general"):
        yield Told(what=BOOTED, when=_time(record.data.get("StartTime", "")))


def stopped(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """6006, Kernel-General 13."""
    if _is(record, "eventlog", "microsoft-windows-kernel-general"):
        yield Told(what=STOPPED, when=_time(record.data.get("StopTime", "")))


def crashed(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """6008, Kernel-Power 41."""
    if _is(record, "eventlog", "microsoft-windows-kernel-power"):
        data = record.data
        found = " ".join(filter(None, (data.get("param2"), data.get("param1")))) if record.event_id == 6008 else ""
        yield Told(what=CRASHED, details={"at": found, "stop_code": data.get("BugcheckCode", "")})


def asked(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """1074 of User32 (USER32 on XP): process, computer, reason, code, kind, comment, account."""
    if _is(record, "user32"):
        text = record.data.get
        yield Told(
            what=ASKED,
            details={
                "image": text("param1", ""),
                "reason": text("param3", ""),
                "kind": text("param5", ""),
                "account": text("param7", ""),
            },
        )


def clock_set(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """Kernel-General 1, Security 4616 and 520; steps of less than two seconds are daily work."""
    data = record.data
    if record.channel.lower() == "system" and not _is(record, "microsoft-windows-kernel-general"):
        return
    old, new = data.get("OldTime") or data.get("PreviousTime", ""), data.get("NewTime", "")
    before, after = _time(old), _time(new)
    step = None if before is None or after is None else after - before
    if step is not None and abs(step) < _STEP_MIN:
        return
    yield Told(
        what=CLOCK,
        details={
            "before": isoformat(before) if before is not None else old,
            "after": isoformat(after) if after is not None else new,
            "step_seconds": None if step is None else round(step / 1e9, 3),
            "image": data.get("ProcessName", ""),
            "account": data.get("SubjectUserName", ""),
        },
    )


def renamed(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """6011: old name, new name."""
    if _is(record, "eventlog"):
        yield Told(
            what=RENAMED, details={"before": record.data.get("param1", ""), "after": record.data.get("param2", "")}
        )


def cleared(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """Security 1102 and 517, System 104."""
    if record.event_id != 517 and not _is(record, "microsoft-windows-eventlog"):
        return
    data = record.data
    log = data.get("Channel") or record.channel
    account = data.get("SubjectUserName") or data.get("param4", "")
    yield Told(
        what=CLEARED_EVENT,
        details={"log": log, "account": account},
        sign=Sign(
            title=CLEARED,
            severity=Severity.SUSPICIOUS,
            confidence=Confidence.MEDIUM,
            indicator=log,
            attack=("T1070.001",),
        ),
    )


def catalogue_deleted(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """Application 524 of Windows' own backup."""
    if _is(record, "microsoft-windows-backup"):
        yield Told(
            what=CATALOGUE_EVENT,
            sign=Sign(
                title=CATALOGUE,
                severity=Severity.SUSPICIOUS,
                confidence=Confidence.MEDIUM,
                indicator="524",
                attack=("T1490",),
            ),
        )


def shadow_copy(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """Application 8193, 8194 (errors) and 8224 (ends for want of work) of VSS."""
    if _is(record, "vss"):
        yield Told(
            what=SHADOW_COPY,
            details={"event": record.event_id, "text": record.data.get("param1", "")[:300]},
            repeats=Repeats(key=(str(record.event_id),), within=HOUR),
        )


def shadow_lost(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """System, volsnap: the storage of shadow copies was given up, or the oldest one for want of room."""
    if _is(record, "volsnap"):
        texts = [text for text in record.data.values() if "\\" in text or ":" in text]
        yield Told(what=SHADOW_LOST, details={"event": record.event_id, "volume": texts[0][:200] if texts else ""})


def malware(record: LogRecord, known: Knowledge) -> Iterator[Told]:
    """1116 (found) and 1117 (acted) of Windows Defender."""
    data = record.data
    threat = data.get("Threat Name", "")
    family = known.family_called(threat)
    sign = None
    if family is not None:
        sign = Sign(
            title=ANTIVIRUS,
            severity=Severity.SUSPICIOUS,
            confidence=Confidence.HIGH,
            indicator=threat,
            family=family,
        )
    yield Told(
        what=MALWARE if record.event_id == 1116 else HANDLED,
        details={
            "threat": threat,
            "path": data.get("Path", ""),
            "image": data.get("Process Name", ""),
            "action": data.get("Action Name", ""),
        },
        sign=sign,
    )


def smb1_used(record: LogRecord, _known: Knowledge) -> Iterator[Told]:
    """SMBServer/Audit 3000, drawn together by client."""
    client = record.data.get("ClientName") or record.data.get("ClientAddress", "")
    yield Told(what=SMB1, details={"client": client}, repeats=Repeats(key=(client,), within=HOUR))


def _is(record: LogRecord, *providers: str) -> bool:
    return record.provider.lower() in providers


def _time(text: str) -> UnixNs | None:
    """ISO 8601 with a zone, to the microsecond; None for anything else."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return UnixNs((when - _EPOCH) // timedelta(microseconds=1) * 1000) if when.tzinfo else None


HANDLERS: Mapping[tuple[str, int], Handler] = {
    ("system", 6005): booted,
    ("system", 12): booted,
    ("system", 6006): stopped,
    ("system", 13): stopped,
    ("system", 6008): crashed,
    ("system", 41): crashed,
    ("system", 1074): asked,
    ("system", 1): clock_set,
    ("security", 4616): clock_set,
    ("security", 520): clock_set,
    ("system", 6011): renamed,
    ("security", 1102): cleared,
    ("security", 517): cleared,
    ("system", 104): cleared,
    ("application", 524): catalogue_deleted,
    **{("application", number): shadow_copy for number in (8193, 8194, 8224)},
    **{("system", number): shadow_lost for number in _SHADOW_LOST_IDS},
    **{("microsoft-windows-windows defender/operational", number): malware for number in (1116, 1117)},
    ("microsoft-windows-smbserver/audit", 3000): smb1_used,
}
