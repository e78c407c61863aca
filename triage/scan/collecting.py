"""Files that matter, taken by the worker that has just examined them, from the bytes it holds anyway.

Never what is the user's own: encrypted documents, moved originals, temporary copies of them. Nor the hives that hold
password hashes (SAM, SECURITY).

Limits:
    What is larger than one window, or examined by its first bytes only (hives, logs), is read once more, in order.
    Notes of families that are not known are judged by the analysis only, and are not collected.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.case import Collected, LeftOut, Worth
from triage.case.staging import Staging
from triage.model import Confidence, Entry, Event, Fact, Finding, Level, Severity
from triage.scan.reading import Reading

MIB = 1 << 20
RESERVE = 64 * MIB
"""Bytes that are left free on the disk of the case, for its records and reports."""
SHARE = 4
"""One file may take so much of the limit: a fourth."""

_STEP = MIB
_WORTH_BY_ROLE = {
    "key": Worth.KEY,
    "state": Worth.KEY,
    "note": Worth.NOTE,
    "component": Worth.COMPONENT,
    "script": Worth.COMPONENT,
    "message": Worth.COMPONENT,
    "trace": Worth.TRACE,
}
_TRACE_DETECTORS = frozenset({"prefetch", "tasks", "shortcuts"})
_WINDOWS = re.compile(
    r"(?:.*/)?(?:"
    r"win(?:dows|nt)/system32/config/(?:(?:system|software)(?:\.log[12]?)?|[^/]+\.evt)"
    r"|windows/system32/winevt/logs/[^/]+\.evtx"
    r"|(?:users|documents and settings)/[^/]+/ntuser\.(?:dat|man)(?:\.log[12]?)?"
    r"|windows/appcompat/programs/amcache\.hve(?:\.log[12]?)?"
    r"|\$extend/\$usnjrnl:\$j"
    r"|\$mft"
    r")"
)
_RANKS = tuple(Worth)


class _UnreadableError(Exception):
    """The evidence, not the disk of the case, failed."""


@dataclass(frozen=True, slots=True)
class Collecting:
    """How files are collected; pickles. folder: of the case; limit: bytes of all together, before compression."""

    folder: Path
    limit: int


def worth_of(entry: Entry, records: Sequence[Finding | Event | Fact]) -> Worth | None:
    """What an entry is to the case, by what the detectors said of it; None where it is nobody's business."""
    findings = [record for record in records if isinstance(record, Finding)]
    if any(map(_is_users, findings)):
        return None
    weighty = [f for f in findings if f.severity is not Severity.INFO and f.confidence is not Confidence.LOW]
    if entry.allocated and _WINDOWS.fullmatch(entry.path.lower().lstrip("/")):
        return Worth.TRACE if weighty else Worth.ARTEFACT
    return min(filter(None, (_worth(entry, finding) for finding in findings)), key=_RANKS.index, default=None)


def _is_users(finding: Finding) -> bool:
    """The content is a document of the user's, in whatever state."""
    if finding.detector == "names":
        return finding.details.get("role") == "temp"
    return finding.severity is Severity.ENCRYPTED or (
        finding.detector == "encrypted" and finding.severity is not Severity.INFECTED
    )


def _worth(entry: Entry, finding: Finding) -> Worth | None:
    match finding:
        case Finding(detector="keyfiles"):
            return Worth.KEY
        case Finding(detector="names", severity=Severity.SUSPICIOUS) if entry.allocated:
            # the clusters of a deleted name may be anybody's now
            return _WORTH_BY_ROLE.get(str(finding.details.get("role")))
        case Finding(severity=Severity.INFO) | Finding(confidence=Confidence.LOW):
            return None
        case Finding(detector=detector) if detector in _TRACE_DETECTORS:
            return Worth.TRACE
        case Finding(severity=Severity.INFECTED):
            return Worth.COMPONENT
    return None


class Collector:
    """Takes files into the staging of the case."""

    def __init__(self, how: Collecting) -> None:
        self._staging = Staging(how.folder)
        self._folder = how.folder
        self._most = how.limit // SHARE

    def consider(self, entry: Entry, reading: Reading, records: Sequence[Finding | Event | Fact]) -> Collected | None:
        """Takes an entry if it matters; None if it does not. What cannot be taken is said, and never ends a scan."""
        worth = worth_of(entry, records)
        if worth is None or not reading.size:
            return None
        if reading.size > self._most:
            return self._left_out(entry, reading, worth, LeftOut.FILE_LIMIT)
        try:
            if shutil.disk_usage(self._folder).free < reading.size + RESERVE:
                return self._left_out(entry, reading, worth, LeftOut.DISK_FULL)
            return self._taken(entry, reading, worth)
        except _UnreadableError:
            return self._left_out(entry, reading, worth, LeftOut.UNREADABLE)
        except OSError:
            return self._left_out(entry, reading, worth, LeftOut.DISK_FULL)

    def _taken(self, entry: Entry, reading: Reading, worth: Worth) -> Collected:
        whole = reading.whole
        sha256, md5, size = self._staging.write(entry, _again(reading) if whole is None else (whole,))
        how = "copied-after" if whole is None else "as-examined"
        return Collected(entry=entry.id, worth=worth, size=size, sha256=sha256, md5=md5, how=how)

    def _left_out(self, entry: Entry, reading: Reading, worth: Worth, why: LeftOut) -> Collected:
        try:
            sha256 = reading.digest("sha256") if reading.level is Level.FULL else None
        except OSError:
            sha256 = None
        return Collected(entry=entry.id, worth=worth, size=reading.size, sha256=sha256, md5=None, how="", why=why)


def _again(reading: Reading) -> Iterator[bytes]:
    """The content, read in order."""
    left = reading.size
    try:
        with reading.file() as stream:
            while left and (piece := stream.read(min(left, _STEP))):
                left -= len(piece)
                yield piece
    except (OSError, MemoryError) as error:
        raise _UnreadableError from error
    if left:
        raise _UnreadableError
