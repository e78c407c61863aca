"""Files that are not what their name says: programs dressed as documents, documents that became noise.

The first bytes decide; libmagic is asked for the name of what was found, and only then.

Limits:
    A document counts as noise when neither the table of leading bytes nor libmagic knows it and its first 4 KiB
    are spread like ciphertext: a file that is encrypted only further in is not seen.
    `observed.random` is an observation of one file; `analysis/unknown_ransomware` judges their number.

References:
    ATT&CK T1036.002 Right-to-Left Override, T1036.007 Double File Extension, T1036.008 Masquerade File Type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.errors import FormatError
from triage.formats import libmagic
from triage.formats.expected import EXPECTED, extension_of, looks_random
from triage.formats.pe import screen
from triage.model import Confidence, Content, Entry, Fact, Finding, Kind, Record, Severity

PRETENDS = "Executable that pretends to be a document"
DOUBLE = "Executable with a document's extension before its own"
REVERSED = "Executable whose name is turned by a right-to-left mark"
RANDOM = "Document whose content is random"

TITLES = (PRETENDS, DOUBLE, REVERSED, RANDOM)

_ARCHIVES = frozenset({"zip", "jar", "7z", "rar", "gz", "tgz", "bz2", "tbk", "xz", "cab"})
_DOCUMENTS = frozenset(EXPECTED) - _ARCHIVES
# Formats that begin with a mark; a text has none to lose.
_MARKED = frozenset(extension for extension, types in EXPECTED.items() if "text" not in types) | {"doc", "xls"}
# Extensions that encryption, compression and transfer tools put behind a document's own.
_TOOLS = frozenset(
    {"gpg", "pgp", "asc", "aes", "axx", "age", "p7m", "cpt", "bfe", "br", "lzma", "lz", "lz4", "zz", "z", "zst", "sz"}
    | {"part", "crdownload", "download", "tmp"}
)

_DOUBLE = re.compile(
    r"\.(?:pdf|docx?|docm|xlsx?|xlsm|pptx?|rtf|odt|ods|txt|csv|jpe?g|png|gif|bmp|mp3|mp4|avi|mov|zip|rar|7z)"
    r"[ _]*\.(?:exe|scr|com|pif|cpl|bat|cmd|vbs|vbe|jse|wsf|hta)\Z"
)
_RIGHT_TO_LEFT = "\\u202e"  # as `text.printable` writes it


class Type:
    """The name's promise against the first bytes."""

    name = "type"

    def wants(self, entry: Entry) -> bool:
        if not entry.size or (entry.kind is not Kind.FILE and entry.kind is not Kind.STREAM):
            return False
        name = entry.name.lower()
        return (
            extension_of(name) in EXPECTED
            or extension_of(name.rpartition(".")[0]) in _MARKED
            or _RIGHT_TO_LEFT in name
            or _DOUBLE.search(name) is not None
        )

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        name = entry.name.lower()
        if content.type in ("pe", "elf", "script"):
            title, technique = _dressed(name, content.type)
            if title and _runs(content):
                yield self._finding(entry, content, title, technique, Severity.SUSPICIOUS, Confidence.MEDIUM)
        elif content.type == "unknown":
            yield from self._noise(entry, content, name)

    def _noise(self, entry: Entry, content: Content, name: str) -> Iterator[Record]:
        extension, inner = extension_of(name), extension_of(name.rpartition(".")[0])
        document = extension in _MARKED
        if not document and (inner not in _MARKED or not extension or extension in _TOOLS):
            return
        if not looks_random(content.head) or libmagic.describe(content.head) != libmagic.UNRECOGNISED:
            return
        yield Fact(detector=self.name, entry=entry.id, name="observed.random", value=extension)
        if document:
            yield self._finding(entry, content, RANDOM, "T1486", Severity.INFO, Confidence.LOW)

    def _finding(
        self, entry: Entry, content: Content, title: str, technique: str, severity: Severity, confidence: Confidence
    ) -> Finding:
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=severity,
            confidence=confidence if entry.allocated else Confidence.LOW,
            title=title,
            indicator=f"{content.type} as .{extension_of(entry.name)}",
            attack=(technique,),
            details={"content_type": content.type, "magic": libmagic.describe(content.head)},
        )


def _dressed(name: str, kind: str) -> tuple[str, str]:
    """Title and technique of what an executable's name pretends; empty where it pretends nothing."""
    if _RIGHT_TO_LEFT in name:
        return REVERSED, "T1036.002"
    if _DOUBLE.search(name):
        return DOUBLE, "T1036.007"
    if kind != "script" and extension_of(name) in _DOCUMENTS:
        return PRETENDS, "T1036.008"
    return "", ""


def _runs(content: Content) -> bool:
    """`MZ` may begin a text: a program has headers behind it."""
    if content.type != "pe":
        return True
    try:
        return screen(content.head) is not None
    except FormatError:
        return False
