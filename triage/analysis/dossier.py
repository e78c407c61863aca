"""All that an output may know. Every output renders the same dossier, so no two can disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from triage.analysis.recovery import Recovery
from triage.analysis.savable import Savable
from triage.analysis.story import Story
from triage.analysis.traces import Traces
from triage.case import Collected, JournalLine, LeftOut, VolumeInfo
from triage.model import Entry, Event, Finding, Gap, GapReason

__all__ = [
    "Collected",
    "Collection",
    "Coverage",
    "Dossier",
    "EvidenceInfo",
    "Found",
    "Inventory",
    "JournalLine",
    "LeftOut",
    "Reason",
    "Tally",
    "Verdict",
    "VerdictLevel",
    "VolumeInfo",
]


class VerdictLevel(Enum):
    """Strongest first. There is no "clean"."""

    ENCRYPTED = "encrypted"
    INFECTED = "infected"
    SUSPICIOUS = "suspicious"
    INCONCLUSIVE = "inconclusive"
    NOTHING_FOUND = "nothing-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of why: a fixed English phrase (translated by outputs), how many, and one example."""

    text: str
    count: int
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What may be said, and why, the strongest reason first."""

    level: VerdictLevel
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """entries = examined + gaps, always; examined = full + head + metadata."""

    entries: int
    examined: int
    full: int
    head: int
    metadata: int
    gaps: int
    gaps_by_reason: Mapping[GapReason, int]
    bytes_entries: int
    bytes_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceInfo:
    """What was examined. fingerprint: SHA-256 over boot area, file-system tables and fixed extents."""

    format: str
    name: str
    size: int
    fingerprint_before: str
    fingerprint_after: str
    hashes: Mapping[str, str]
    stored_hashes: Mapping[str, str]

    @property
    def changed(self) -> bool:
        """The evidence is not what it was when the scan began."""
        return bool(self.fingerprint_after) and self.fingerprint_before != self.fingerprint_after

    @property
    def mismatched(self) -> tuple[str, ...]:
        """Algorithms whose hash, stored in the image when it was made, is not that of its bytes now."""
        return tuple(
            name
            for name, stored in sorted(self.stored_hashes.items())
            if name in self.hashes and self.hashes[name].lower() != stored.lower()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One row of the encrypted inventory: key is a folder, a user, a type or a state."""

    key: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The encrypted files, summed. Sizes are of the originals as the headers give them, in bytes."""

    files: int
    bytes: int
    by_state: tuple[Tally, ...]
    by_folder: tuple[Tally, ...]
    by_user: tuple[Tally, ...]
    by_extension: tuple[Tally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The files that matter, in `evidence/evidence.zip`.

    Attributes:
        entries: that are in it.
        contents: different ones among them, which are its members; and their bytes.
        left_out: entries that matter and are not in it, by reason.
    """

    entries: int
    contents: int
    bytes: int
    left_out: Mapping[LeftOut, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding with the entry it speaks of."""

    finding: Finding
    entry: Entry
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The judged case. Findings, gaps, events and entries are streams in a fixed order: a case may hold millions."""

    verdict: Verdict
    coverage: Coverage
    counts: Mapping[str, int]
    """Findings by severity value, all four keys present."""
    facts: Mapping[str, str]
    evidence: EvidenceInfo
    volumes: tuple[VolumeInfo, ...]
    inventory: Inventory
    traces: Traces
    """What the story was told from, for outputs that show each time."""
    story: Story
    recoveries: Callable[[], Iterator[Recovery]]
    """What can be saved of each encrypted file."""
    savable: Callable[[], Savable]
    """Those, summed; counted when first asked for."""
    journal: tuple[JournalLine, ...]
    arguments: Mapping[str, str]
    """depth, engine, rules …, as the scan was asked."""
    tool_version: str
    intel_digest: str
    finished: bool
    findings: Callable[[], Iterator[Found]]
    gaps: Callable[[], Iterator[tuple[Entry, Gap]]]
    events: Callable[[], Iterator[tuple[Entry, Event]]]
    entries: Callable[[], Iterator[Entry]]
    collection: Collection | None = None
    """None where nothing mattered, or nothing was to be collected."""
    collected: Callable[[], Iterator[tuple[Entry, Collected]]] = lambda: iter(())
    """By entry; what was left out, too."""
    key: str = ""
    """Fingerprint of the key that signed the case last, as its journal says; empty where none did."""
