"""The walk against The Sleuth Kit's own tools, on every real image that `fls` opens and on images built here.

Each difference is one that EXPLAINED names, or a failure.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples_fake.clock import ToolError
from tests.corpus.built import BUILT
from tests.corpus.images import CONTAINERS, RAW, Unpacked
from tests.corpus.sleuthkit import EPOCH_1601, TOOLS, Line, Listing, Times, fls, icat, istat, opens, partitions, wrapped
from triage.case import VolumeInfo
from triage.evidence.image import Image
from triage.formats.vss import IDENTIFIER
from triage.model import Entry, Gap, Kind, Macb

pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="no sleuthkit")

SAMPLE = 25
CONTENT_MAX = 64 << 20
FAT = {"fat12", "fat16", "fat32", "exfat"}
NOTHING: Times = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where fls and we part on a name; `field` is `missing` where only fls has it, `extra` where only we have."""

    field: str
    filesystem: str
    theirs: Line | None
    mine: Line | None
    entry: Entry | None


# ---- the differences that are right


def index_attribute(d: Difference) -> bool:
    """Indexes that are not of names (`$Secure:$SDH`) hold nothing to examine: they are no entries."""
    return d.field == "missing" and d.filesystem == "ntfs" and d.theirs.inode.split("-")[1:2] == ["144"]


def no_unnamed_data(d: Difference) -> bool:
    """A file without unnamed data is a file all the same; fls -m prints only its other attributes."""
    return d.field == "extra" and d.filesystem == "ntfs" and d.entry.kind is Kind.FILE and "-" not in d.mine.inode


def no_content(d: Difference) -> bool:
    """Folders and links have no content to examine, so no size; fls gives that of the index or of the target."""
    return d.field == "size" and d.entry.kind in (Kind.FOLDER, Kind.LINK) and d.mine.size == 0


def record_of_another(d: Difference) -> bool:
    """A deleted name whose record another file has taken is only a name; fls shows the other file's metadata."""
    is_name_only = d.entry is not None and d.entry.mode.endswith("/----------") and not d.entry.key
    return d.field in ("mode", "size", "times", "target") and d.theirs.reused and is_name_only


def birth_in_hundredths(d: Difference) -> bool:
    """FAT keeps births to 10 ms; fls prints the even second below."""
    mine, theirs = d.mine.times if d.mine else NOTHING, d.theirs.times if d.theirs else NOTHING
    return d.field == "times" and d.filesystem in FAT and mine[:3] == theirs[:3] and mine[3] == theirs[3] + 1


def beyond_32_bits(d: Difference) -> bool:
    """Fls wraps FILETIMEs before 1970 and behind 2106 to 32 bits; ours are whole."""
    is_stamp = d.field == "times" and d.filesystem == "ntfs"
    return is_stamp and d.theirs.times == tuple(map(wrapped, _ticks(d.entry.times)))


def long_link(d: Difference) -> bool:
    """Fls does not print a link's target that lies in blocks of its own."""
    return d.field == "target" and not d.theirs.target and len(d.mine.target) > 60


EXPLAINED: tuple[Callable[[Difference], bool], ...] = (
    index_attribute,
    no_unnamed_data,
    no_content,
    record_of_another,
    birth_in_hundredths,
    beyond_32_bits,
    long_link,
)


# ---- ours, in the words of fls


def as_fls_prints(shown: str) -> bytes:
    """A printable path as raw bytes, with the sign that fls puts for control characters."""
    raw = re.sub(
        r"\\(\\|x..|u....|U........)", lambda m: "\\" if m[1] == "\\" else chr(int(m[1][1:], 16)), shown
    ).encode("utf-8", "surrogateescape")
    return bytes(ord("^") if byte < 0x20 or byte == 0x7F else byte for byte in raw)


def _ordered(times: Macb) -> tuple[int | None, ...]:
    return times.accessed, times.modified, times.changed, times.born


def _seconds(times: Macb) -> Times:
    a, m, c, b = (0 if when is None else when // 1_000_000_000 for when in _ordered(times))
    return a, m, c, b


def _ticks(times: Macb) -> Times:
    a, m, c, b = (0 if when is None else when // 100 + EPOCH_1601 for when in _ordered(times))
    return a, m, c, b


def since_1970(ticks: Times) -> Times:
    a, m, c, b = (tick - EPOCH_1601 for tick in ticks)
    return a, m, c, b


def as_line(entry: Entry) -> Line:
    return Line(
        name=as_fls_prints(entry.path),
        inode=entry.inode or "0",
        mode=entry.mode,
        size=entry.size,
        times=_seconds(entry.times),
        deleted=not entry.allocated,
        target=as_fls_prints(entry.target),
    )


def differences(listing: Listing, entries: list[Entry], filesystem: str) -> Iterator[Difference]:
    """Every name with what is said of it, paired by path, inode and whether it is deleted."""
    mine: dict[object, list[tuple[Line, Entry]]] = defaultdict(list)
    for entry in entries:
        line = as_line(entry)
        mine[line.name, line.inode, line.deleted].append((line, entry))
    for theirs in listing.lines:
        here = mine[theirs.name, theirs.inode, theirs.deleted]
        if not here:
            yield Difference("missing", filesystem, theirs, None, None)
            continue
        line, entry = here.pop(0)
        for field in ("mode", "size", "times", "target"):
            if getattr(theirs, field) != getattr(line, field):
                yield Difference(field, filesystem, theirs, line, entry)
    for rest in mine.values():
        for line, entry in rest:
            yield Difference("extra", filesystem, None, line, entry)


# ---- the images


@dataclass(frozen=True, slots=True)
class Part:
    """A volume of a disk, walked by us and listed by fls."""

    volume: VolumeInfo
    listing: Listing
    entries: list[Entry]
    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class Disk:
    """An image as triage opens it, the same disk as a raw file, and every volume that opens."""

    image: Image
    raw: Path
    parts: list[Part]

    @property
    def ntfs(self) -> list[Part]:
        return [part for part in self.parts if part.volume.filesystem == "ntfs"]


def walked(image: Image, raw: Path, volume: VolumeInfo) -> Part:
    records = list(image.walk(volume.index))
    entries = [record for record in records if isinstance(record, Entry)]
    gaps = [record for record in records if isinstance(record, Gap)]
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    return Part(volume, fls(raw, volume.offset), entries[1:], gaps)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    return Unpacked(tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")

    def build(name: str) -> Path:
        path = folder / f"{name}.raw"
        if not path.exists():
            try:
                BUILT[name](path)
            except (ToolError, FileNotFoundError) as error:
                pytest.skip(str(error))
        return path

    return build


REAL = [pytest.param(name, id=name.rpartition("/")[2], marks=pytest.mark.corpus) for name in (*RAW, *CONTAINERS)]
OWN = [pytest.param(name, id=f"built-{name}", marks=pytest.mark.image) for name in BUILT]


@pytest.fixture(scope="module", params=[*REAL, *OWN])
def disk(request, unpacked, built):
    name = request.param
    raw = built(name) if name in BUILT else unpacked.raw(name)
    with closing(Image(Unpacked.given(name, raw))) as image:
        yield Disk(image, raw, [walked(image, raw, volume) for volume in image.volumes if volume.opened])


USED: dict[str, set[str]] = {}
"""Which explanations each disk needed."""


# ---- the tests


def test_every_name_size_mode_and_time_is_as_fls_gives_it(disk, request):
    used = USED.setdefault(request.node.callspec.id, set())
    for part in disk.parts:
        unexplained = []
        for one in differences(part.listing, part.entries, part.volume.filesystem):
            reasons = {explain.__name__ for explain in EXPLAINED if explain(one)}
            used |= reasons
            if not reasons:
                unexplained.append(one)
        assert unexplained == []


def test_nothing_is_a_gap_where_fls_has_no_trouble(disk):
    assert [part.gaps for part in disk.parts] == [[] for _ in disk.parts]


def test_every_file_system_that_fls_opens_is_walked(disk):
    opened = {part.volume.offset for part in disk.parts}
    assert {offset for offset in partitions(disk.raw) if opens(disk.raw, offset)} <= opened


def test_a_volume_that_does_not_open_is_one_entry_and_its_gap(disk):
    for volume in disk.image.volumes:
        if not volume.opened:
            entry, gap = disk.image.walk(volume.index)
            assert (entry.kind, gap.entry) == (Kind.VOLUME, entry.id)
            assert not opens(disk.raw, volume.offset)


def test_file_name_times_are_those_that_fls_and_istat_give(disk):
    for part in disk.ntfs:
        mine = {
            (as_fls_prints(entry.path), entry.inode.partition("-")[0]): _ticks(entry.name_times)
            for entry in part.entries
            if entry.kind is not Kind.STREAM and entry.name_times
        }
        for key, times in mine.items():
            if key in part.listing.name_times:
                assert tuple(map(wrapped, times)) == part.listing.name_times[key]
            else:  # fls prints nothing of names in extension records: istat is asked for those
                assert since_1970(times) in istat(disk.raw, part.volume.offset, key[1]).names
        assert part.listing.name_times.keys() <= mine.keys()


def test_ntfs_times_are_those_of_istat_to_100_ns(disk):
    for part in disk.ntfs:
        # istat wraps what lies beyond 32 bits of seconds
        kept = [entry for entry in part.entries if all(0 < when < 1 << 62 for when in _ordered(entry.times) if when)]
        for entry in random.Random(1).sample(kept, min(SAMPLE, len(kept))):
            if entry.times.born:
                record = istat(disk.raw, part.volume.offset, entry.inode.partition("-")[0])
                assert since_1970(_ticks(entry.times)) == record.times, entry.path
                assert entry.name_times is None or since_1970(_ticks(entry.name_times)) in record.names, entry.path


def test_contents_are_those_of_icat(disk):
    for part in disk.parts:
        kept = [entry for entry in part.entries if entry.allocated and entry.key and entry.size <= CONTENT_MAX]
        chosen = random.Random(2).sample(kept, min(SAMPLE, len(kept)))
        chosen += [entry for entry in kept if entry.kind is Kind.STREAM or entry.name in SPECIAL]
        for entry in chosen:
            # the catalogue of shadow copies is given as it is stored: nothing of it is valid to the file system
            options = ["-s"] if entry.name == IDENTIFIER else []
            assert sha256(disk.image, entry) == icat(disk.raw, part.volume.offset, entry.inode, *options), entry.path


def test_every_explanation_is_needed_by_some_disk():
    if len(USED) < len(REAL) + len(OWN):
        pytest.skip("not every disk was looked at")
    assert set().union(*USED.values()) == {explain.__name__ for explain in EXPLAINED}


@pytest.mark.image
def test_the_built_ntfs_has_what_it_is_built_for(built):
    raw = built("ntfs")
    with closing(Image(raw)) as image:
        part = walked(image, raw, image.volumes[0])
    by_path = {entry.path: entry for entry in part.entries}
    names = [entry for entry in part.entries if entry.allocated and entry.kind is Kind.FILE]
    many = [entry for entry in names if entry.path.startswith("/many/") or entry.path == "/many.bin"]
    assert len(many) == 81
    assert len({entry.same_as for entry in many}) == 2  # none for the first, its id for all
    assert sum(not entry.allocated for entry in part.entries) > 100
    assert any(path.startswith("/$OrphanFiles/gone inside") for path in by_path)
    assert by_path["/pieces.bin"].size > 50_000_000
    assert by_path["/only stream.txt:Zone.Identifier"].kind is Kind.STREAM
    assert by_path["/stamped/before 1970"].times.modified == -3_000_000_000 * 10**9
    assert len(max(by_path, key=len)) > 1000


SPECIAL = {"text.txt", "noise.bin", "sparse.bin", "many.bin", "small.txt"}
"""Compressed, sparse, with an attribute list, resident."""


def sha256(image: Image, entry: Entry) -> str:
    digest = hashlib.sha256()
    with closing(image.open(entry)) as stream:
        for offset in range(0, entry.size, 1 << 20):
            digest.update(stream.read(offset, min(1 << 20, entry.size - offset)))
    return digest.hexdigest()
