"""Signs of ransomware that no family describes: judged by number, because one file proves nothing.

Two signs, counted over the whole case: the same note in many folders, and many documents under one extension
whose content became noise. Ordinary disks show neither.

References:
    ATT&CK T1486 Data Encrypted for Impact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.model import Confidence, EntryId, Finding, Json, Severity

NAME = "unknown_ransomware"

SAME_NOTE = "The same ransom note in many folders"
LOST = "Many documents under one extension have become noise"

TITLES = (SAME_NOTE, LOST)

NOTE_FOLDERS_MIN = 3
"""A saved article or a sample in a course lies in one folder, its backup in a second."""

LOST_FILES_MIN = 20
"""A few damaged or password-protected files are on every disk; ransomware counts in hundreds."""

LOST_FOLDERS_MIN = 3
"""A tool's encrypted store keeps to its own folder."""

LOST_SHARE_MIN = 0.1
"""Of the files with that extension: an attack that was stopped early still left more than damage does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNote:
    """One text that reads like a note (`observed.note`), wherever it lies.

    Attributes:
        name: file name of the first.
        folders: how many different ones hold it.
        example: the first entry with it.
    """

    name: str
    sha256: str
    folders: int
    files: int
    example: EntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """One final extension, over the files of the case.

    Attributes:
        extension: lower case, no dot.
        files: with that extension, in all.
        lost_magic: of these, documents whose content is noise (`observed.random`).
        folders: different ones that hold such noise.
        bytes: of such noise.
        example: the first entry of it.
    """

    extension: str
    files: int
    lost_magic: int
    folders: int
    bytes: int
    example: EntryId


def judge_unknown(notes: Iterable[SeenNote], strange: Iterable[Strange], total_files: int) -> tuple[Finding, ...]:
    """Suspicious where the numbers say so, in the order given; nothing on an ordinary disk.

    Args:
        notes: each text once.
        strange: each extension once.
        total_files: in the case, for the reader to weigh the numbers by.
    """
    many_notes = [note for note in notes if note.folders >= NOTE_FOLDERS_MIN]
    many_lost = [one for one in strange if _is_many(one)]
    confidence = Confidence.MEDIUM if many_notes and many_lost else Confidence.LOW
    return (
        *_notes(many_notes, confidence, total_files),
        *_extensions(many_lost, confidence, total_files),
    )


def _is_many(one: Strange) -> bool:
    return (
        one.lost_magic >= LOST_FILES_MIN
        and one.folders >= LOST_FOLDERS_MIN
        and one.lost_magic >= one.files * LOST_SHARE_MIN
    )


def _notes(notes: Iterable[SeenNote], confidence: Confidence, total_files: int) -> Iterator[Finding]:
    for note in notes:
        yield _finding(
            note.example,
            SAME_NOTE,
            note.sha256,
            confidence,
            {"name": note.name, "folders": note.folders, "files": note.files, "total_files": total_files},
        )


def _extensions(strange: Iterable[Strange], confidence: Confidence, total_files: int) -> Iterator[Finding]:
    for one in strange:
        yield _finding(
            one.example,
            LOST,
            f"*.{one.extension}",
            confidence,
            {
                "extension": one.extension,
                "files": one.files,
                "lost_magic": one.lost_magic,
                "folders": one.folders,
                "bytes": one.bytes,
                "total_files": total_files,
            },
        )


def _finding(entry: EntryId, title: str, indicator: str, confidence: Confidence, details: dict[str, Json]) -> Finding:
    return Finding(
        detector=NAME,
        entry=entry,
        severity=Severity.SUSPICIOUS,
        confidence=confidence,
        title=title,
        indicator=indicator,
        attack=("T1486",),
        details=details,
    )
