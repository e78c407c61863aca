"""The records that travel through the house, and the three seams. No imports from other rooms.

A Source yields Entry and Gap; a Detector yields Finding, Event and Fact; only a Source and the
scan make a Gap. Each record is one table of the case (`case/schema.sql`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO, NewType, Protocol

UnixNs = NewType("UnixNs", int)
"""Nanoseconds since 1970-01-01T00:00:00Z. Never local time, never a float."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What a finding's details may hold."""

EntryId = NewType("EntryId", int)
"""An entry's place in the walk, from 1: the same evidence gives the same numbers."""


class Kind(Enum):
    """What an entry is."""

    FILE = "file"
    STREAM = "stream"  # an NTFS alternate data stream; its path is `file:stream`
    FOLDER = "folder"
    LINK = "link"  # symbolic link, junction, mount point: recorded, never followed
    SPECIAL = "special"  # FIFO, socket, device node: recorded, never opened
    VOLUME = "volume"  # stands for a whole file system that could not be walked, or an unexplained area


class Severity(Enum):
    """How bad it is if the finding is true."""

    ENCRYPTED = "encrypted"
    INFECTED = "infected"
    SUSPICIOUS = "suspicious"
    INFO = "info"


class Confidence(Enum):
    """How sure the detector is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class GapReason(Enum):
    """Why a thing was not examined. Silence is never evidence of absence."""

    DENIED = "denied"  # the system refused to open it
    UNREADABLE = "unreadable"  # read error, bad sector, truncated image
    UNPARSABLE = "unparsable"  # bytes are not what their format promises
    TIMEOUT = "timeout"  # took longer than its limit; its worker was ended
    CRASHED = "crashed"  # its worker process died
    MEMORY = "memory"  # would have taken more memory than its limit
    TOO_LARGE = "too-large"  # over the limit of the reader
    ENCRYPTED_VOLUME = "encrypted-volume"  # BitLocker, LUKS, EFS: content cannot be read without a key
    UNSUPPORTED = "unsupported"  # a file system or format that is not read here
    CHANGED = "changed"  # no longer what the walk saw (folder or live disk)
    BUG = "bug"  # our own fault; please report


class Level(Enum):
    """How much of an entry's content was examined."""

    FULL = "full"  # every byte (an empty file is read in full)
    HEAD = "head"  # first bytes only
    METADATA = "metadata"  # name, times, size, attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Macb:
    """One set of file times; None where the file system records none."""

    modified: UnixNs | None = None
    accessed: UnixNs | None = None
    changed: UnixNs | None = None
    born: UnixNs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, stream, folder or deleted name in the evidence.

    Attributes:
        id: place in the walk, from 1.
        volume: which file system, from 0 in on-disk order.
        path: printable (see `text.printable`), inside the volume, "/"-separated, from "/".
        key: whatever lets its Source find the bytes again; meaningless to everybody else.
        size: bytes.
        times: of `$STANDARD_INFORMATION` on NTFS, else of the file system.
        name_times: of `$FILE_NAME`, NTFS only.
        allocated: False for a deleted name or record.
        attributes: Windows FILE_ATTRIBUTE_* bits, 0 where there are none.
        mode: as `ls -l` prints it (`r/rrwxrwxrwx` in TSK's form), empty where unknown.
        owner: SID or uid as text, empty where unknown.
        inode: the file system's own number, in TSK's notation (`42-128-1` on NTFS).
        position: byte offset on the volume of the first content byte, 0 where resident or unknown.
        target: where a link points.
        same_as: the first entry with this very content (hard links); content is examined once, there.
        free: of a deleted file, how many bytes of its clusters nobody has taken since; None where not deleted or not
            known.
    """

    id: EntryId
    volume: int
    path: str
    kind: Kind
    size: int = 0
    key: str = ""
    times: Macb = Macb()
    name_times: Macb | None = None
    allocated: bool = True
    attributes: int = 0
    mode: str = ""
    owner: str = ""
    inode: str = ""
    position: int = 0
    target: str = ""
    same_as: EntryId | None = None
    free: int | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A detector's claim that something matches, with what was seen.

    Attributes:
        title: a fixed English phrase; outputs translate it (`outputs/messages/`). What varies is in details.
        family: id of the family (`wannacry`), if the claim names one.
        indicator: what exactly matched: rule name, hash, name pattern.
        attack: ATT&CK technique ids.
        details: JSON values only.
    """

    detector: str
    entry: EntryId
    severity: Severity
    confidence: Confidence
    title: str
    family: str | None = None
    indicator: str | None = None
    attack: tuple[str, ...] = ()
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a time: a timeline row.

    Attributes:
        what: a fixed English phrase, translated by outputs.
        source: the artefact that tells it (`00000000.res`, `System.evtx`).
    """

    detector: str
    entry: EntryId
    when: UnixNs
    what: str
    source: str
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A property of the host (`host.name`), and where it was read."""

    detector: str
    entry: EntryId
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that was not examined, and why.

    Attributes:
        stage: the room or detector that could not go on (`walk`, `read`, `yara`, `pe`).
        detail: one line for the reader.
    """

    entry: EntryId
    stage: str
    reason: GapReason
    detail: str


Record = Finding | Event | Fact


class NoContentError(LookupError):
    """The entry has no bytes to look at (a folder, a link, a lost deleted file): a detector that asks is done."""


class Content(Protocol):
    """The bytes of one entry, read at most once and shared by every detector.

    Where there are none, `head`, `type`, `tail` and `file` raise NoContentError, `level` is METADATA.
    """

    @property
    def head(self) -> bytes:
        """The first bytes, up to 4096; fewer only where the content ends."""

    @property
    def type(self) -> str:
        """What the first bytes say it is: a name from `formats/leading.py` (`pe`, `zip`, `text`, `unknown`)."""

    @property
    def level(self) -> Level:
        """FULL where `windows` gives every byte, else HEAD."""

    @property
    def whole(self) -> memoryview | None:
        """Every byte, where level is FULL and they fit one window; else None."""

    def windows(self) -> Iterator[tuple[int, memoryview]]:
        """(offset, bytes) of overlapping windows over what may be read: once, in order."""

    def digest(self, algorithm: str) -> str | None:
        """Lower-case hex digest of the whole content (`md5 sha1 sha256`); None where level is HEAD."""

    def tail(self, size: int) -> bytes:
        """The last bytes, a small read of its own even at HEAD."""

    def file(self) -> BinaryIO:
        """The bytes as a seekable file, for readers of large structured artefacts (hives, logs); any level."""

    def data_from(self, offset: int) -> int:
        """Offset of the next stored byte, from offset on: skips the holes of a sparse file."""

    def beside(self, name: str) -> bytes | None:
        """The bytes of another file of the same folder (a hive's log), None where there is none or it is too large."""


class Source(Protocol):
    """Somewhere evidence lives. Never writes to it; walks in a fixed order."""

    def walk(self, volume: int) -> Iterator[Entry | Gap]:
        """Every entry of a volume, each once, ids from 1; a Gap refers to an entry already given."""

    def open(self, entry: Entry) -> Stream:
        """The entry's bytes.

        Raises:
            OSError: they cannot be read.
        """

    def beside(self, entry: Entry, name: str) -> Stream | None:
        """The bytes of the file called name in the entry's folder, None where there is none."""

    def close(self) -> None: ...


class Stream(Protocol):
    """Random access to one entry's bytes."""

    @property
    def size(self) -> int: ...

    def read(self, offset: int, size: int) -> bytes | memoryview:
        """Up to size bytes; fewer only at the end.

        Raises:
            OSError: the bytes cannot be read.
        """

    def data_from(self, offset: int) -> int:
        """Offset of the next stored byte, from offset on; the size where only a hole follows."""

    def close(self) -> None: ...


class Detector(Protocol):
    """Looks at one entry and says what it sees; keeps no state between entries, never judges the host."""

    @property
    def name(self) -> str: ...

    def wants(self, entry: Entry) -> bool:
        """Cheap, by name and metadata alone."""

    def detect(self, entry: Entry, content: Content) -> Iterable[Record]:
        """Findings, events and facts.

        Raises:
            FormatError: the content is not what its format promises (becomes a Gap).
        """
