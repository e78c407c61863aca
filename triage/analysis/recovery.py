"""What can be saved of each encrypted file, from what, and how sure that is. From the records alone: nothing is read.

The malware gives the encrypted file the times of its original, and moves some originals aside under a number: so size
and times together find the original again, where name and folder are gone.

Limits:
    That a deleted file's clusters are free now does not say that they always were: only its content tells, when it is
    written out. On file systems other than NTFS it is not known which clusters were taken since.

References:
    Securelist 78609, WannaCry mistakes that can help you restore files; the annotated decompile of the encryptor.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from triage.analysis.phases import PhaseId, phase_of_encrypted
from triage.model import Confidence, Entry, EntryId, Finding, Json, Kind, Severity, UnixNs


class RecoveryState(Enum):
    """What is known to be left, the best first."""

    ORIGINAL = "original-present"
    STAGED = "recoverable-without-key"
    KEY = "key-on-disk"
    DEMO = "demo-file"
    SHADOW = "in-shadow-copy"
    FREE = "deleted-free"
    PARTLY = "deleted-partly-reused"
    UNKNOWN = "deleted-unknown"
    REUSED = "deleted-overwritten"
    LOST = "lost-without-key"


IN_PLACE = "The original still lies where it was"
MOVED_ASIDE = "The original was moved aside under a number: same size, same times"
MOVED_SIZE = "A file that was moved aside has the same size, and no other encrypted file has it"
SAME_NAME = "A file of the original's name and size lies there, but of another time"
STAGED_WHOLE = "Only staged: its content was not encrypted"
STAGED_CUT = "Only staged, and cut short: part of its content was not encrypted"
KEY_FOUND = "The private key of this machine was found on it"
LISTED = "The malware's list names it among the files that its own program decrypts"
IN_COPY = "An older state of the file is in a shadow copy"
NAMELESS = "An original that was moved aside; no encrypted file is known to be its own"
DELETED = "The original was deleted, not wiped"
WIPED = "The original was overwritten before it was deleted"
NOTHING_LEFT = "Nothing is left of the original that is known of"

REASONS = (
    *(IN_PLACE, MOVED_ASIDE, MOVED_SIZE, SAME_NAME, STAGED_WHOLE, STAGED_CUT, KEY_FOUND, LISTED, IN_COPY, NAMELESS),
    *(DELETED, WIPED, NOTHING_LEFT),
)

UNMATCHED: Final = "unmatched"
"""Folder of originals that have lost their names."""
_ORDER: Final = tuple(RecoveryState).index
_EXTENSIONS: Final = (".wncryt", ".wncry", ".wncyr", ".wcry")
_CHUNK: Final = 50_000
"""Paths looked for in one pass over the shadow copies."""
_NOBODY: Final = -1
_SEVERAL: Final = -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What can be saved of one encrypted file.

    Attributes:
        entry: the encrypted file.
        original: path of its original, on the same volume.
        size: bytes of the original, as the header gives them; None where it gives none.
        user: whose profile it lies in, empty outside profiles.
        state: the best that is known.
        reason: a fixed English phrase.
        source: what it can be written out from: itself, or the original; None where there is nothing.
        ambiguous: more than one file fits equally well.
    """

    entry: Entry
    original: str
    size: int | None
    user: str
    state: RecoveryState
    confidence: Confidence
    reason: str
    source: EntryId | None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What of a case is needed here; each stream may be asked for again.

    Attributes:
        findings: with their entries, in one order.
        of_sizes: every file whose size is among those given.
        facts: name to value.
        copies: numbers of volumes that are shadow copies.
        earlier: (live volume, paths) to the files at those paths in its shadow copies, the youngest copy first.
    """

    findings: Callable[[], Iterator[tuple[Finding, Entry]]]
    of_sizes: Callable[[Container[int]], Iterator[Entry]]
    facts: Mapping[str, str]
    copies: frozenset[int] = frozenset()
    earlier: Callable[[int, Sequence[str]], Iterator[Entry]] = lambda _volume, _paths: iter(())


@dataclass(frozen=True, slots=True)
class _Candidate:
    state: RecoveryState
    confidence: Confidence
    reason: str
    source: EntryId

    @property
    def rank(self) -> tuple[int, int]:
        """The lower the better."""
        return _ORDER(self.state), tuple(Confidence).index(self.confidence)


@dataclass(slots=True)
class _Wanted:
    """The encrypted files, to be found by what their originals have; numbers in the order of the findings."""

    sizes: set[int] = field(default_factory=set)
    paths: dict[int, int] = field(default_factory=dict)
    twins: dict[tuple[int, UnixNs | None], int] = field(default_factory=dict)
    of_size: dict[int, int] = field(default_factory=dict)
    entries: array[int] = field(default_factory=lambda: array("q"))
    size: array[int] = field(default_factory=lambda: array("q"))

    def add(self, entry: Entry, size: int | None) -> None:
        number = len(self.entries)
        self.entries.append(entry.id)
        self.size.append(-1 if size is None else size)
        if size is None:
            return
        self.sizes.add(size)
        self.paths[hash((entry.volume, original_path(entry.path).lower()))] = number
        for table, key in ((self.twins, (size, entry.times.modified)), (self.of_size, size)):
            table[key] = _SEVERAL if key in table else number  # type: ignore[index]


def recoveries(records: Records) -> Iterator[Recovery]:
    """Every encrypted file that still exists, in the order of the findings."""
    wanted = _Wanted()
    for finding, entry in _encrypted(records):
        wanted.add(entry, _original_size(finding))
    best, doubtful = _best(wanted, records)
    demo = _demo_paths(records.facts.get("wannacry.demo_files", ""))
    has_key = _has_key(records.facts)
    for number, (finding, entry) in enumerate(_encrypted(records)):
        size = _original_size(finding)
        own = _by_itself(finding, entry, size, demo, has_key=has_key)
        found = best.get(number)
        one = min((own, found), key=lambda each: each.rank) if found else own
        yield Recovery(
            entry=entry,
            original=original_path(entry.path),
            size=size,
            user=str(finding.details.get("user") or ""),
            state=one.state,
            confidence=Confidence.LOW if number in doubtful and one is found else one.confidence,
            reason=one.reason,
            source=None if one.reason == NOTHING_LEFT else one.source,
            ambiguous=number in doubtful and one is found,
        )
    yield from _nameless(records, {one.source for one in best.values()})


def _nameless(records: Records, matched: Container[EntryId]) -> Iterator[Recovery]:
    """Originals that were moved aside, and belong to no encrypted file that still exists."""
    for finding, entry in records.findings():
        moved = finding.details.get("recovery") == "original-present" and finding.details.get("state") == "decoy"
        if not moved or entry.id in matched or not entry.key or entry.volume in records.copies:
            continue
        stem = entry.name.partition(".")[0]
        yield Recovery(
            entry=entry,
            original=f"/{UNMATCHED}/{stem}.{finding.details.get('content_type') or 'bin'}",
            size=entry.size,
            user="",
            state=RecoveryState.ORIGINAL if entry.allocated else _left(entry),
            confidence=Confidence.MEDIUM if entry.allocated else Confidence.LOW,
            reason=NAMELESS,
            source=entry.id,
        )


def original_path(path: str) -> str:
    """The path that an encrypted file's original had."""
    lower = path.lower()
    return next((path[: -len(extension)] for extension in _EXTENSIONS if lower.endswith(extension)), path)


def _encrypted(records: Records) -> Iterator[tuple[Finding, Entry]]:
    """Once for each file: a hard link is the same file, a deleted container was given up by the malware itself."""
    for finding, entry in records.findings():
        if (
            finding.severity is Severity.ENCRYPTED
            and "state" in finding.details
            and entry.allocated
            and entry.same_as is None
            and entry.volume not in records.copies
        ):
            yield finding, entry


def _original_size(finding: Finding) -> int | None:
    size = finding.details.get("original_size")
    return size if isinstance(size, int) else None


def _by_itself(finding: Finding, entry: Entry, size: int | None, demo: Container[str], *, has_key: bool) -> _Candidate:
    """What the encrypted file alone allows."""
    details: Mapping[str, Json] = finding.details
    state, whole = details["state"], details["state"] == "valid"
    if state == "staged":
        expected = details.get("expected_size")
        cut = not isinstance(expected, int) or entry.size < expected
        return _Candidate(
            RecoveryState.STAGED,
            Confidence.MEDIUM if cut else Confidence.HIGH,
            STAGED_CUT if cut else STAGED_WHOLE,
            entry.id,
        )
    if size is not None and (entry.path.lower() in demo or original_path(entry.path).lower() in demo):
        return _Candidate(RecoveryState.DEMO, Confidence.HIGH if whole else Confidence.MEDIUM, LISTED, entry.id)
    if size is not None and has_key:
        return _Candidate(RecoveryState.KEY, Confidence.HIGH if whole else Confidence.MEDIUM, KEY_FOUND, entry.id)
    return _Candidate(RecoveryState.LOST, Confidence.MEDIUM, NOTHING_LEFT, entry.id)


def _best(wanted: _Wanted, records: Records) -> tuple[dict[int, _Candidate], set[int]]:
    """The best that is left of each, by its number; and those for which several files fit equally well."""
    best: dict[int, _Candidate] = {}
    doubtful: set[int] = set()
    own = set(wanted.entries)
    for entry in records.of_sizes(wanted.sizes):
        if entry.kind is not Kind.FILE or not entry.key or entry.id in own:
            continue
        if entry.volume in records.copies:
            continue
        found = _fits(entry, wanted)
        if found is None:
            continue
        number, candidate = found
        before = best.get(number)
        if before is None or candidate.rank < before.rank:
            best[number] = candidate
            doubtful.discard(number)
        elif candidate.rank == before.rank:
            doubtful.add(number)
    for number, candidate in _in_copies(wanted, records):
        if number not in best or candidate.rank < best[number].rank:
            best[number] = candidate
            doubtful.discard(number)
    return best, doubtful


def _in_copies(wanted: _Wanted, records: Records) -> Iterator[tuple[int, _Candidate]]:
    """Older states in shadow copies; the youngest copy that has one comes first."""
    if not records.copies:
        return
    paths: dict[int, list[str]] = {}
    for _, entry in _encrypted(records):
        paths.setdefault(entry.volume, []).append(original_path(entry.path))
    for volume, every in paths.items():
        for start in range(0, len(every), _CHUNK):
            for entry in records.earlier(volume, every[start : start + _CHUNK]):
                number = wanted.paths.get(hash((volume, entry.path.lower())), _NOBODY)
                if number >= 0 and entry.key:
                    same = wanted.size[number] == entry.size
                    confidence = Confidence.HIGH if same else Confidence.MEDIUM
                    yield number, _Candidate(RecoveryState.SHADOW, confidence, IN_COPY, entry.id)


def _fits(entry: Entry, wanted: _Wanted) -> tuple[int, _Candidate] | None:
    """Whose original a file is or was, and what that is worth."""
    placed = wanted.paths.get(hash((entry.volume, entry.path.lower())), _NOBODY)
    twin = wanted.twins.get((entry.size, entry.times.modified), _NOBODY)
    if is_moved(entry.name):
        alone = wanted.of_size.get(entry.size, _NOBODY)
        number, sure = (twin, True) if twin >= 0 else (alone, False)
        return None if number < 0 else (number, _moved(entry, sure=sure))
    if placed >= 0 and wanted.size[placed] == entry.size:
        return placed, _in_place(entry, sure=placed == twin)
    return None


def _moved(entry: Entry, *, sure: bool) -> _Candidate:
    reason = MOVED_ASIDE if sure else MOVED_SIZE
    if entry.allocated:
        return _Candidate(RecoveryState.ORIGINAL, Confidence.HIGH if sure else Confidence.MEDIUM, reason, entry.id)
    return _Candidate(_left(entry), Confidence.MEDIUM if sure else Confidence.LOW, reason, entry.id)


def _in_place(entry: Entry, *, sure: bool) -> _Candidate:
    if entry.allocated:
        return _Candidate(
            RecoveryState.ORIGINAL,
            Confidence.HIGH if sure else Confidence.LOW,
            IN_PLACE if sure else SAME_NAME,
            entry.id,
        )
    # the pass over the user's own folders writes over an original before it deletes it
    if phase_of_encrypted(entry) is PhaseId.USER_FOLDERS:
        return _Candidate(RecoveryState.REUSED, Confidence.MEDIUM, WIPED, entry.id)
    return _Candidate(_left(entry), Confidence.MEDIUM if sure else Confidence.LOW, DELETED, entry.id)


def _left(entry: Entry) -> RecoveryState:
    """How much of a deleted file's place nobody has taken."""
    if entry.free is None:
        return RecoveryState.UNKNOWN
    if entry.free >= entry.size:
        return RecoveryState.FREE
    return RecoveryState.PARTLY if entry.free else RecoveryState.REUSED


def is_moved(name: str) -> bool:
    """`<n>.WNCRYT`: an original that was moved to %TEMP% or $RECYCLE."""
    stem, dot, extension = name.lower().rpartition(".")
    return bool(dot) and extension == "wncryt" and stem.isdecimal()


def _demo_paths(text: str) -> frozenset[str]:
    """Paths inside their volumes, lower case, of the list of demo files: one a line, with a drive's letter."""
    lines = (
        line.strip().partition(":")[2] or line.strip() for group in text.split(" | ") for line in group.split("\n")
    )
    return frozenset(line.replace("\\", "/").lower() for line in lines if line)


def _has_key(facts: Mapping[str, str]) -> bool:
    """The private key on the disk belongs to the public key on the disk."""
    public, private = (
        set(facts.get(f"wannacry.{name}_sha256", "").split(" | ")) - {""}
        for name in ("key_modulus", "private_key_modulus")
    )
    return bool(public & private)
