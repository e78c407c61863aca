"""Files that WannaCry encrypted, staged, was still writing or moved; and names that only pretend.

Every file's first bytes are looked at, whatever its name; a name with the extension and no header is said too.

Limits:
    A container says nothing of which key wrapped it: the demo files of `f.wnry` look the same as the others.
    `encrypted_at` is the MFT-changed time, which a later rename or change of attributes moves forward.

References:
    ATT&CK T1486 Data Encrypted for Impact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.errors import FormatError
from triage.formats import wncry
from triage.formats.wncry import State
from triage.model import Confidence, Content, Entry, Finding, Json, Kind, Severity
from triage.times import isoformat

VALID = "File encrypted by WannaCry"
TRUNCATED = "File encrypted by WannaCry, cut short"
PARTIAL = "File that WannaCry was still writing"
STAGED = "File staged by WannaCry, content not encrypted"
COMPONENT = "WannaCry component in its own container"
MOVED = "Moved original, not encrypted"
FILLER = "Free-space filler of WannaCry"
DECOY = "Name of an encrypted file without its header"
DAMAGED = "WannaCry mark without a valid header"

TITLES = (VALID, TRUNCATED, PARTIAL, STAGED, COMPONENT, MOVED, FILLER, DECOY, DAMAGED)

LOST = "lost-without-key"
RECOVERABLE = "recoverable-without-key"
PARTLY = "partly-recoverable-without-key"
ORIGINAL = "original-present"
NONE_NEEDED = "none-needed"

_TITLE_OF = {
    State.VALID: VALID,
    State.TRUNCATED: TRUNCATED,
    State.PARTIAL: PARTIAL,
    State.STAGED: STAGED,
}
_HOMES = ("users", "documents and settings")


@dataclass(frozen=True, slots=True)
class Encrypted:
    """WannaCry's container, by its header; its names without the header."""

    name: str = "encrypted"

    def wants(self, entry: Entry) -> bool:
        return (entry.kind is Kind.FILE or entry.kind is Kind.STREAM) and (
            entry.size >= len(wncry.MAGIC) or entry.path.lower().endswith(wncry.EXTENSIONS)
        )

    def detect(self, entry: Entry, content: Content) -> Iterable[Finding]:
        if content.head.startswith(wncry.MAGIC):
            return (self._container(entry, content.head),)
        if entry.path.lower().endswith(wncry.EXTENSIONS):
            return (self._named_only(entry, content),)
        return ()

    def _container(self, entry: Entry, head: bytes) -> Finding:
        try:
            header = wncry.parse(head)
        except FormatError as error:
            return self._without_header(entry, head, str(error))
        state = wncry.state(header, entry.size, entry.name)
        component = entry.name.lower() == wncry.COMPONENT
        return self._finding(
            entry,
            title=COMPONENT if component else _TITLE_OF[state],
            severity=Severity.INFECTED if component else Severity.ENCRYPTED,
            confidence=Confidence.HIGH if entry.allocated else Confidence.MEDIUM,
            indicator=wncry.COMPONENT if component else wncry.MAGIC.decode(),
            state=state,
            recovery=NONE_NEEDED if component else _recovery(header, state, entry),
            type=header.type,
            original_size=header.original_size,
            expected_size=header.expected_size,
            component=component,
        )

    def _without_header(self, entry: Entry, head: bytes, why: str) -> Finding:
        """The mark, but no header: the file ends inside it, or other bytes follow."""
        cut = wncry.is_cut(head)
        return self._finding(
            entry,
            title=TRUNCATED if cut else DAMAGED,
            severity=Severity.ENCRYPTED if cut else Severity.SUSPICIOUS,
            confidence=Confidence.MEDIUM if cut and entry.allocated else Confidence.LOW,
            indicator=wncry.MAGIC.decode(),
            state=State.TRUNCATED if cut else State.DECOY,
            recovery=LOST if cut else NONE_NEEDED,
            why=why,
        )

    def _named_only(self, entry: Entry, content: Content) -> Finding:
        name = entry.name.lower()
        title, recovery, confidence = DECOY, NONE_NEEDED, Confidence.LOW
        if name == wncry.FILLER:
            filled = bool(content.head) and not content.head.strip(b"\x55")
            title, confidence = FILLER, Confidence.MEDIUM if filled else Confidence.LOW
        elif name.endswith(".wncryt") and content.head:
            title, recovery = MOVED, ORIGINAL
            confidence = Confidence.MEDIUM if wncry.is_moved_name(name) and entry.allocated else Confidence.LOW
        return self._finding(
            entry,
            title=title,
            severity=Severity.SUSPICIOUS,
            confidence=confidence,
            indicator=f"*{name[name.rindex('.') :]}",
            state=State.DECOY,
            recovery=recovery,
            content_type=content.type,
        )

    def _finding(
        self,
        entry: Entry,
        *,
        title: str,
        severity: Severity,
        confidence: Confidence,
        indicator: str,
        state: State,
        recovery: str,
        **more: Json,
    ) -> Finding:
        details: dict[str, Json] = {
            "state": state.value,
            "type": None,
            "original_size": None,
            "encrypted_at": _encrypted_at(entry) if severity is Severity.ENCRYPTED else None,
            "recovery": recovery,
            "original_extension": wncry.original_extension(entry.name),
            "user": user_of(entry.path),
            **more,
        }
        if not entry.allocated:
            details["deleted"] = True
        return Finding(
            detector=self.name,
            entry=entry.id,
            severity=severity,
            confidence=confidence,
            title=title,
            family="wannacry",
            indicator=indicator,
            attack=("T1486",),
            details=details,
        )


def _recovery(header: wncry.Header, state: State, entry: Entry) -> str:
    if state is State.STAGED:
        return RECOVERABLE if entry.size >= header.expected_size else PARTLY
    # The original is deleted only after the finished copy has lost its `.WNCRYT`.
    return ORIGINAL if entry.name.lower().endswith(".wncryt") else LOST


def _encrypted_at(entry: Entry) -> str | None:
    """NTFS only: SetFileTime copies the original's other times, and cannot set this one."""
    if entry.name_times is None or entry.times.changed is None:
        return None
    return isoformat(entry.times.changed)


def user_of(path: str) -> str | None:
    """Whose profile a path lies in (`/Users/lan/Desktop/a.txt` gives `lan`), None outside profiles."""
    parts = path.split("/", 4)
    return parts[2] if len(parts) > 3 and parts[1].lower() in _HOMES else None
