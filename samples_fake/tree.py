"""What a scene is made of: files, volumes, and what a scan must say about them. No bytes of malware anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from triage.model import Macb, UnixNs

HIDDEN, SYSTEM, ARCHIVE, COMPRESSED = 0x2, 0x4, 0x20, 0x800
"""Windows FILE_ATTRIBUTE_* bits."""

Spot = tuple[int, str]
"""A place in a scene: the number triage gives the volume, and the printable path.

File systems that can be read are numbered from 0 in on-disk order, then those that cannot.
"""


_NO_TIMES = Macb()


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeFile:
    """One file or folder of a scene; harmless content with indicators only.

    Attributes:
        path: from "/", "/"-separated; names may hold anything NTFS can, lone surrogates too.
        content: the bytes, or what makes them.
        folder: True for a folder; folders above a file need not be named.
        times: `$STANDARD_INFORMATION` on NTFS; a time left out is the scene's own (`Volume.made`).
        written: when the name came into being: all `$FILE_NAME` times. None is `times.born`.
        name_times: `$FILE_NAME` times that differ from one another, all four given; NTFS only.
        attributes: HIDDEN, SYSTEM, COMPRESSED; a compressed folder compresses what is written into it.
        deleted: written first, then deleted.
        early: deleted before the late files are written, NTFS only.
        late: made with the others, filled when the early ones are gone, and over what was theirs; NTFS only.
        streams: alternate data streams by name, NTFS only.
        hard_links: further names of the same file, NTFS and ext4 only.
        hole: zero bytes before the content that take no space on disk, NTFS and ext4 only.
        junction: path from "/" that an empty folder leads to, NTFS and ordinary folders only.
    """

    path: str
    content: bytes | Callable[[], bytes] = b""
    folder: bool = False
    times: Macb = _NO_TIMES
    written: UnixNs | None = None
    name_times: Macb | None = None
    attributes: int = 0
    deleted: bool = False
    early: bool = False
    late: bool = False
    streams: Mapping[str, bytes] = field(default_factory=dict)
    hard_links: tuple[str, ...] = ()
    hole: int = 0
    junction: str = ""

    @property
    def data(self) -> bytes:
        """The content, made if need be, without the hole."""
        return self.content if isinstance(self.content, bytes) else self.content()

    @property
    def size(self) -> int:
        """Bytes, the hole included."""
        return self.hole + len(self.data)

    @property
    def parent(self) -> str:
        """The folder it lies in; empty for the root."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One file system of a scene.

    Attributes:
        filesystem: `ntfs fat12 fat16 fat32 exfat ext4`, or `raw` for bytes that are no file system.
        size: bytes, a multiple of 1 MiB.
        made: when it was formatted; the time of whatever has none.
        raw: the first bytes of a `raw` volume.
        logical: lies inside the extended partition of an MBR.
    """

    filesystem: str
    size: int
    label: str
    made: UnixNs
    files: tuple[FakeFile, ...] = ()
    raw: bytes = b""
    logical: bool = False

    def children(self) -> dict[str, dict[str, FakeFile | None]]:
        """By folder (empty for the root), the paths in it in order; None is a folder that only its content names."""
        below: dict[str, dict[str, FakeFile | None]] = {"": {}}
        for file in self.files:
            for path in (file.path, *file.hard_links):
                above = path
                while parent := above.rpartition("/")[0]:
                    below.setdefault(parent.rpartition("/")[0], {}).setdefault(parent, None)
                    above = parent
                below.setdefault(above.rpartition("/")[0], {})
            below.setdefault(file.parent, {})[file.path] = file
        return below


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a scan of every byte, with every detector, must say.

    Attributes:
        verdict: value of VerdictLevel.
        weakest: value of the weakest verdict that is still right, where more than one is ("at most suspicious").
        states: how many files in which state (`valid truncated partial staged decoy`), deleted ones included.
        found: the strongest severity at a place; a finding there is demanded.
        silent: places without any finding above info.
        gaps: places and the reason of a gap there (value of GapReason).
        facts: by name.
    """

    verdict: str
    weakest: str = ""
    states: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[Spot, str] = field(default_factory=dict)
    silent: tuple[Spot, ...] = ()
    gaps: Mapping[Spot, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts that are right, strongest first."""
        order = ("encrypted", "infected", "suspicious", "inconclusive", "nothing-found")
        first, last = order.index(self.verdict), order.index(self.weakest or self.verdict)
        return order[first : last + 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A machine's disk in small, and the right answer about it."""

    name: str
    about: str
    volumes: tuple[Volume, ...]
    expected: Expected

    @property
    def files(self) -> tuple[FakeFile, ...]:
        """The files of every volume, in order."""
        return tuple(file for volume in self.volumes for file in volume.files)

    def numbered(self) -> tuple[tuple[int, Volume], ...]:
        """Every volume in on-disk order, with the number triage gives it (see Spot)."""
        readable = [volume for volume in self.volumes if volume.filesystem != "raw"]
        order = [*readable, *(volume for volume in self.volumes if volume.filesystem == "raw")]
        return tuple((order.index(volume), volume) for volume in self.volumes)

    def entries(self) -> Iterator[tuple[int, FakeFile]]:
        """(number of the volume, file) for every file of the scene."""
        for number, volume in self.numbered():
            for file in volume.files:
                yield number, file
