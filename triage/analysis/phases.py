"""Which phase of WannaCry's course a finding or an event belongs to, and how far its source can be trusted.

References:
    Order of the phases: the shadow copies go and free space is filled only after the first full pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from triage.model import Entry, Event, Finding, Json


class PhaseId(Enum):
    """In the order in which the malware acts."""

    ARRIVAL = "arrival"
    DROP = "drop"
    PERSISTENCE = "persistence"
    KILL_SWITCH = "kill-switch"
    USER_FOLDERS = "user-folders"
    DRIVES = "drives"
    NOTES = "notes"
    SHADOW_COPIES = "shadow-copies"
    FILLER = "filler"
    LAST = "last-activity"


class Trust(Enum):
    """How well a source's time tells when a thing happened, the best first."""

    LOGGED = "logged"  # written by Windows as it happened: change journal, event log, prefetch
    KEPT = "kept"  # `$FILE_NAME`, MFT-changed, the malware's own log
    WEAK = "weak"  # any program sets it, or any later writing moves it (registry keys)


_BY_NAME: Final = {
    "worm": PhaseId.ARRIVAL,
    "previous-loader": PhaseId.ARRIVAL,
    **dict.fromkeys(
        (
            "loader",
            "archive-member",
            "temp-deleter",
            "session-launcher",
            "tor-client",
            "configuration",
            "demo-list",
            "message",
            "public-key",
            "wrapped-private-key",
            "progress",
            "batch",
            "install-folder",
        ),
        PhaseId.DROP,
    ),
    **dict.fromkeys(("note", "decryptor", "decryptor-shortcut", "wallpaper"), PhaseId.NOTES),
    "free-space-filler": PhaseId.FILLER,
    "moved-original": PhaseId.DRIVES,
}
"""By the id of a family's name, as the detectors of names and of the change journal give it."""

_BY_PHRASE: Final = {
    "WannaCry began to encrypt": PhaseId.USER_FOLDERS,
    "WannaCry was last seen running": PhaseId.LAST,
    "WannaCry finished a full pass over the drives": PhaseId.DRIVES,
    "WannaCry started its countdown": PhaseId.NOTES,
    "WannaCry made its shortcut by a batch file": PhaseId.DROP,
    "Ransom note created": PhaseId.NOTES,
    "Originals moved away by the encryption": PhaseId.DRIVES,
    "Kill-switch address was looked up": PhaseId.KILL_SWITCH,
    "Run value was set": PhaseId.PERSISTENCE,
    "Service of a known family was written": PhaseId.PERSISTENCE,
    "Backup catalogue was deleted": PhaseId.SHADOW_COPIES,
}
"""Events that mean one thing only."""

_WEAK: Final = {
    "Logon over the network": PhaseId.ARRIVAL,
    "SMB1 was used to reach this machine": PhaseId.ARRIVAL,
    "Shadow copies were lost": PhaseId.SHADOW_COPIES,
    "Shadow copies deleted": PhaseId.SHADOW_COPIES,
}
"""Events that every machine knows: they speak of the attack only where they stand beside it."""

_TOOL_RAN: Final = "Tool that ransomware calls ran"
_VALUES_WRITTEN: Final = "Registry key with a value of a known family was written"
_CLOCK: Final = frozenset(
    ("System clock was set", "Clock was set back", "Clock went back between two records of a log")
)
_CLEARED: Final = "Event log was cleared"
_SILENT: Final = frozenset(
    (
        "Volume Shadow Copy service reported",
        "Shadow copy was made",
        "Known component deleted",
        "A known component in the compatibility cache was last changed",
        "Target of a shortcut created",
        "File moved to the Recycle Bin",
        "MuiCache, which names a known component, was last written",
        "Service of a known family, deleted since, was last written",
        "Registry key of a known family, deleted since, was last written",
        "Antivirus found malware",
        "Antivirus acted on malware",
    )
)
"""Events that name the malware, but are no act of it, or whose time is of something else."""

# What a log, a hive or a prefetch file says, in this order: the first that fits.
_BY_WORDS: Final = (
    (PhaseId.KILL_SWITCH, re.compile(r"fsodp9ifjaposdfjhgosurijf|ayylmaotjhsstasdf", re.IGNORECASE)),
    (
        PhaseId.SHADOW_COPIES,
        re.compile(
            r"vssadmin|shadowcopy|shadow cop|wbadmin|backup catalog|bcdedit|recoveryenabled|@wanadecryptor@\.exe vs\b",
            re.IGNORECASE,
        ),
    ),
    (PhaseId.FILLER, re.compile(r"hibsys\.wncryt", re.IGNORECASE)),
    (PhaseId.NOTES, re.compile(r"@(?:wanadecryptor|please_read_me)@|wallpaper", re.IGNORECASE)),
)
_WMIC: Final = re.compile(r"\bwmic\.exe", re.IGNORECASE)
"""Deletes shadow copies, and much else: beside an attack it says so."""
_OWN: Final = re.compile(r"mssecsvc|tasksche|taskdl\.exe|taskse\.exe|wanacrypt0r|\.wnry|qeriuwjhrf", re.IGNORECASE)
_ARRIVING: Final = re.compile(r"mssecsvc\.exe|qeriuwjhrf", re.IGNORECASE)
_AUTOSTART: Final = re.compile(r"\bservice\b", re.IGNORECASE)
_LOGS: Final = re.compile(r"\$usnjrnl|\.evtx?$|\.pf$", re.IGNORECASE)
_PROFILE: Final = re.compile(
    r"/(?:users|documents and settings)/[^/]+/(?:desktop|documents|my documents)/", re.IGNORECASE
)


def phase_of_finding(finding: Finding) -> PhaseId | None:
    """The phase that a file's being there speaks of, None where it speaks of none."""
    return _BY_NAME.get(finding.indicator or "") if finding.family and finding.detector == "names" else None


def phase_of_encrypted(entry: Entry) -> PhaseId:
    """The malware takes Desktop and Documents of every user first, then whole drives."""
    return PhaseId.USER_FOLDERS if _PROFILE.search(entry.path) else PhaseId.DRIVES


def phase_of_event(entry: Entry, event: Event) -> PhaseId | None:
    """The phase an event belongs to, None where it has nothing to do with the malware, or is a copy's."""
    what, details = event.what, event.details
    if what in _SILENT or what in _WEAK or what == _TOOL_RAN or details.get("live") is False:
        return None
    if phase := _BY_PHRASE.get(what):
        return phase
    if what == _VALUES_WRITTEN:
        return _of_key(str(details.get("key", "")).lower())
    indicator = details.get("indicator")
    if isinstance(indicator, str) and details.get("family") and indicator in _BY_NAME:
        return _BY_NAME[indicator]
    words = " ".join((what, entry.name, *_texts(list(details.values()))))
    for phase, pattern in _BY_WORDS:
        if pattern.search(words):
            return phase
    if not _OWN.search(words) and not details.get("family"):
        return None
    if _AUTOSTART.search(what):
        return PhaseId.PERSISTENCE
    return PhaseId.ARRIVAL if _ARRIVING.search(words) else PhaseId.DROP


def weak_phase_of_event(entry: Entry, event: Event) -> PhaseId | None:
    """The phase an ordinary event belongs to if it stands beside the attack."""
    if event.what == _TOOL_RAN:
        words = " ".join((entry.name, *_texts(list(event.details.values()))))
        phases = (phase for phase, pattern in _BY_WORDS if pattern.search(words))
        return next(phases, PhaseId.SHADOW_COPIES if _WMIC.search(words) else None)
    return _WEAK.get(event.what)


def is_clock_change(event: Event) -> bool:
    """The machine's clock was set."""
    return event.what in _CLOCK


def is_log_cleared(event: Event) -> bool:
    """Somebody emptied an event log."""
    return event.what == _CLEARED


def trust_of(source: str) -> Trust:
    """How far the times of a source, as rows and events name it, can be trusted."""
    if _LOGS.search(source):
        return Trust.LOGGED
    own = source.endswith((".res", ".wnry", ".bat"))
    return Trust.KEPT if own or source in ("$FN", "$SI changed") else Trust.WEAK


def _of_key(key: str) -> PhaseId | None:
    if key.endswith("\\run"):
        return PhaseId.PERSISTENCE
    if "wanacrypt0r" in key:
        return PhaseId.DROP
    if key.endswith("session manager"):
        return PhaseId.DRIVES
    return PhaseId.NOTES if key.endswith("desktop") else None


def _texts(values: list[Json]) -> Iterator[str]:
    for value in values:
        match value:
            case str():
                yield value
            case list():
                yield from _texts(value)
            case dict():
                yield from _texts(list(value.values()))
