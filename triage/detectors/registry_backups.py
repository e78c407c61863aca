r"""What Windows saves by itself, and when it last did: Windows Backup, System Restore, File History.

References:
    Microsoft, "Registry keys and values for backup and restore".
    M. DeGrazia, RegRipper plugin winbackup: `WindowsBackup\Status` and `ScheduleParams\TargetDevice`.
    Plaso, plugin for File History: `ProtectedUpToTime`.

Limits:
    Windows Server Backup keeps its times in event logs. That a backup succeeded does not say that it can be read, or
    that it lies where the malware did not reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, filetime, iso
from triage.formats.registry import Key
from triage.model import Record, UnixNs

BACKED_UP = "Windows Backup last succeeded"
SAVED = "File History last saved the files of a user"

EVENTS = (BACKED_UP, SAVED)

FACTS = (
    *("windows.backup", "windows.backup_target", "windows.backup_last_success", "windows.backup_last_result"),
    *("windows.restore", "windows.restore_why", "windows.restore_volumes", "windows.file_history_last"),
)

SWITCHED_OFF_BY_POLICY = "switched off by group policy"

_BACKUP = "Microsoft\\Windows\\CurrentVersion\\WindowsBackup"
_RESTORE = "Microsoft\\Windows NT\\CurrentVersion\\SystemRestore"
_RESTORE_POLICY = "Policies\\Microsoft\\Windows NT\\SystemRestore"
_PROTECTED = "Microsoft\\Windows NT\\CurrentVersion\\SPP\\Clients"
_SYSTEM_RESTORE = "{09F7EDC5-294E-4180-AF6A-FB0E6A0E9513}"
_HISTORY = "Software\\Microsoft\\Windows\\CurrentVersion\\FileHistory"
_VERSION = "Microsoft\\Windows NT\\CurrentVersion"
_DRIVE = re.compile(r"\(([A-Z])(?:%3A|:)\)", re.IGNORECASE)


def windows_backup(view: HiveView) -> Iterator[Record]:
    """Whether backups are set up (Vista and later), where they go, and when one last succeeded."""
    if _is_older(view):
        return
    status = view.key(f"{_BACKUP}\\Status")
    target = view.key(f"{_BACKUP}\\ScheduleParams\\TargetDevice")
    place = _first(target, "PresentableName", "UniqueName")
    place = place or _first(status, "LastResultTargetPresentableName", "LastResultTarget")
    success, result = _time(status, "LastSuccess"), _time(status, "LastResultTime")
    yield view.fact("windows.backup", "configured" if place or success else "not-configured")
    if place:
        yield view.fact("windows.backup_target", place)
    if result is not None:
        yield view.fact("windows.backup_last_result", str(iso(result)))
    if success is not None:
        yield view.fact("windows.backup_last_success", str(iso(success)))
        yield view.event(BACKED_UP, success, target=place)


def system_restore(view: HiveView) -> Iterator[Record]:
    """Whether restore points are made: by the policy, by the switch for all, then by what Vista and later keep."""
    key, policy = view.key(_RESTORE), view.key(_RESTORE_POLICY)
    off = key.number("DisableSR") if key else None
    interval = key.number("RPSessionInterval") if key else None
    if policy is not None and policy.number("DisableSR") == 1:
        state, why = "disabled", SWITCHED_OFF_BY_POLICY
    elif off:
        state, why = "disabled", f"DisableSR = {off}"
    elif _is_older(view):
        state, why = ("undetermined", "DisableSR = ?") if off is None else ("enabled", "DisableSR = 0")
    elif interval is None:
        state, why = "undetermined", "RPSessionInterval = ?"
    else:
        state, why = ("enabled" if interval else "disabled"), f"RPSessionInterval = {interval}"
    yield view.fact("windows.restore", state)
    yield view.fact("windows.restore_why", why)
    clients = view.key(_PROTECTED)
    kept = clients.value(_SYSTEM_RESTORE) if clients else None
    if kept is not None and isinstance(kept.data, tuple):
        drives = sorted({f"{match[1].upper()}:" for text in kept.data if (match := _DRIVE.search(text))})
        if drives:
            yield view.fact("windows.restore_volumes", " ".join(drives))


def file_history(view: HiveView) -> Iterator[Record]:
    """Until when File History has saved this user's files (Windows 8 and later)."""
    when = _time(view.key(_HISTORY), "ProtectedUpToTime")
    if when is not None:
        yield view.fact("windows.file_history_last", str(iso(when)))
        yield view.event(SAVED, when, user=view.user)


def _is_older(view: HiveView) -> bool:
    """Before Windows Vista."""
    key = view.key(_VERSION)
    return key is not None and key.text("CurrentVersion").startswith("5.")


def _first(key: Key | None, *names: str) -> str:
    return next(filter(None, map(key.text, names)), "") if key else ""


def _time(key: Key | None, name: str) -> UnixNs | None:
    value = key.value(name) if key else None
    return filetime(value.data) if value else None


SOFTWARE = (windows_backup, system_restore)
USER = (file_history,)
