"""E01 and SMART images: our chunk reader against its own builder, ewfacquire and libewf."""

import hashlib
import random
import struct
import subprocess
import zlib
from contextlib import closing

import pyewf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evidence.ewf_images import CHUNK, ewf_image, section
from tests.unit.evidence.field_tools import needs, run
from triage.errors import EvidenceError
from triage.evidence import inflate
from triage.evidence.containers import open_disk
from triage.evidence.ewf import _places, open_ewf
from triage.evidence.ewf_layout import Table

MEDIA = b"".join(bytes([number]) * 512 for number in range(20)) + random.Random(3).randbytes(512 * 11)


def write(folder, segments, stem="disk"):
    paths = [folder / f"{stem}.E{number:02d}" for number in range(1, len(segments) + 1)]
    for path, data in zip(paths, segments, strict=True):
        path.write_bytes(data)
    return paths


def read_all(disk, step=1 << 20):
    return b"".join(disk.read(offset, step) for offset in range(0, disk.size, step))


@given(st.binary(min_size=1, max_size=6000), st.integers(1, 3), st.integers(0, 7000), st.integers(0, 7000))
@settings(max_examples=60, deadline=None)
def test_every_range_reads_as_the_media(tmp_path_factory, data, segments, offset, size):
    media = data.ljust(-(-len(data) // 512) * 512, b"\0")
    paths = write(tmp_path_factory.mktemp("ewf"), ewf_image(media, segments))
    disk = open_ewf(paths[0])
    assert disk.size == len(media)
    assert disk.read(offset, size) == media[offset : offset + size]


def right_or_refused(disk, media, step):
    """Asserts that every piece is the media's or an error that gives an offset."""
    for offset in range(0, disk.size, step):
        try:
            piece = disk.read(offset, step)
        except OSError as error:
            piece = media[offset : offset + step] if "offset" in str(error) else str(error)
        assert piece == media[offset : offset + step]


@given(st.integers(0, len(ewf_image(MEDIA)[0]) - 1), st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_a_flipped_bit_is_an_error_or_harmless_but_never_a_wrong_byte(tmp_path_factory, place, bit):
    image = bytearray(ewf_image(MEDIA)[0])
    image[place] ^= 1 << bit
    paths = write(tmp_path_factory.mktemp("ewf"), [bytes(image)])
    try:
        disk = open_disk(paths[0])
    except EvidenceError:
        return
    with closing(disk):
        if disk.format == "raw":  # the signature itself was hit: nothing else tells
            assert place < 8
        else:
            right_or_refused(disk, MEDIA, 512)


@given(st.integers(13, len(ewf_image(MEDIA)[0]) - 1))
@settings(max_examples=150, deadline=None)
def test_a_cut_off_image_says_so_and_reads_right_up_to_its_damage(tmp_path_factory, length):
    paths = write(tmp_path_factory.mktemp("ewf"), [ewf_image(MEDIA)[0][:length]])
    try:
        disk = open_ewf(paths[0])
    except EvidenceError:
        return
    assert "cut off" in disk.damage or "damaged" in disk.damage
    right_or_refused(disk, MEDIA, CHUNK)


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_random_bytes_behind_the_signature_end_quickly(tmp_path_factory, noise):
    path = tmp_path_factory.mktemp("ewf") / "x.E01"
    path.write_bytes(b"EVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00" + noise)
    with pytest.raises(EvidenceError):
        open_ewf(path)


def test_a_damaged_table_is_replaced_by_its_copy(tmp_path):
    image = bytearray(ewf_image(MEDIA)[0])
    table = image.index(b"table\0")
    for place in (table + 76 + 1, table + 76 + 24 + 2):  # the count; an entry
        damaged = bytearray(image)
        damaged[place] ^= 0x41
        (path,) = write(tmp_path, [bytes(damaged)])
        assert read_all(open_ewf(path)) == MEDIA


def test_a_bad_chunk_costs_itself_alone(tmp_path):
    image = bytearray(ewf_image(MEDIA)[0])
    image[image.index(b"sectors\0") + 76 + 10] ^= 0xFF
    (path,) = write(tmp_path, [bytes(image)])
    disk = open_ewf(path)
    with pytest.raises(OSError, match="offset 0"):
        disk.read(0, 4096)
    assert disk.read(CHUNK, 8192) == MEDIA[CHUNK : CHUNK + 8192]


def test_a_section_that_points_back_ends_the_walk(tmp_path):
    image = ewf_image(MEDIA)[0]
    at = image.index(b"sectors\0")
    header = struct.pack("<16sQQ40x", b"sectors", 13, 76)
    looped = image[:at] + header + struct.pack("<I", zlib.adler32(header)) + image[at + 76 :]
    disk = open_ewf(write(tmp_path, [looped])[0])
    assert "sectors" in disk.damage
    with pytest.raises(OSError, match="offset 0"):
        disk.read(0, 1)


def test_an_absurd_geometry_is_refused(tmp_path):
    volume = struct.pack("<4xIIIQ", 1, 1 << 31, 1 << 31, 1 << 60).ljust(1048, b"\0")
    image = ewf_image(MEDIA)[0][:13] + section(b"volume", 13, volume + struct.pack("<I", zlib.adler32(volume)))
    with pytest.raises(EvidenceError, match="geometry"):
        open_disk(write(tmp_path, [image])[0])


def test_a_table_that_claims_more_entries_than_it_holds_is_not_believed(tmp_path):
    image = ewf_image(MEDIA)[0]
    at = image.index(b"table\0") + 76
    header = struct.pack("<I4xQ4x", 0x7FFFFFFF, 0)
    image = image[:at] + header + struct.pack("<I", zlib.adler32(header)) + image[at + 24 :]
    assert read_all(open_ewf(write(tmp_path, [image])[0])) == MEDIA


@pytest.mark.parametrize(("lost", "named"), [(0, "disk.E01"), (1, "disk.E02"), (2, "disk.E03")])
def test_a_missing_segment_is_named(tmp_path, lost, named):
    paths = write(tmp_path, ewf_image(MEDIA, 3))
    paths[lost].unlink()
    given_path = paths[0] if lost else paths[1]
    with pytest.raises(EvidenceError, match=f"segment {named} is missing"):
        open_disk(given_path)


def test_any_segment_and_any_extension_open_the_set(tmp_path):
    paths = write(tmp_path, ewf_image(MEDIA, 3))
    renamed = paths[0].rename(tmp_path / "disk.img")
    for path in (renamed, *paths[1:]):
        assert read_all(open_disk(path)) == MEDIA


def test_a_segment_of_another_image_is_refused(tmp_path):
    def with_identity(image, letter):
        at = 13 + 76
        volume = image[at : at + 64] + letter * 16 + image[at + 80 : at + 1048]
        return image[:at] + volume + struct.pack("<I", zlib.adler32(volume)) + image[at + 1052 :]

    first, second = ewf_image(MEDIA, 2)
    same = write(tmp_path, [with_identity(first, b"A"), with_identity(second, b"A")])
    assert read_all(open_ewf(same[0])) == MEDIA
    other = write(tmp_path, [with_identity(first, b"A"), with_identity(second, b"B")])
    with pytest.raises(EvidenceError, match=r"disk\.E02: segment of another image"):
        open_ewf(other[0])


def test_without_libdeflate_zlib_gives_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(inflate, "HAS_DEFLATE", False)
    (path,) = write(tmp_path, ewf_image(MEDIA))
    assert read_all(open_ewf(path)) == MEDIA
    packed = zlib.compress(b"x" * 100)
    for damaged, most in ((packed[:-1], 100), (packed, 99), (packed[:-4] + b"1234", 100), (b"", 5)):
        with pytest.raises(inflate.InflateError):
            inflate.inflate_zlib(damaged, most)


def test_the_stored_hash_is_given(tmp_path):
    assert open_ewf(write(tmp_path, ewf_image(MEDIA))[0]).stored_hashes == {"md5": "11" * 16}


def test_offsets_that_run_past_two_gibibytes_are_plain_chunks():
    table = Table(segment=0, first=0, count=4, entries=0, base=0, end=0x80010000, summed=True)
    entries = struct.pack("<4I", 0x7FFF0000 | 1 << 31, 0x7FFF8000, 0x80000000, 0x80008000)
    assert [(place >> 1, place & 1) for place in _places(table, entries)] == [
        (0x7FFF0000, 1), (0x7FFF8000, 0), (0x80000000, 0), (0x80008000, 0), (0x80010000, 0),
    ]  # fmt: skip


FORMATS = ("ewf", "smart", "ftk", "encase2", "encase5", "encase6", "encase7", "linen5", "linen7", "ewfx")
ACQUIRED = [(kind, "fast") for kind in FORMATS]
ACQUIRED += [("encase6", level) for level in ("none", "empty-block", "best")]


@pytest.mark.image
@pytest.mark.parametrize(("kind", "level"), ACQUIRED)
def test_what_ewfacquire_writes_reads_as_its_source_and_as_libewf_reads_it(partitioned, tmp_path, kind, level):
    needs("ewfacquire", "ewfverify")
    options = ("-q", "-u", "-m", "fixed", "-M", "physical", "-S", "1.4MiB", "-d", "sha1")
    run("ewfacquire", *options, "-t", tmp_path / "disk", "-f", kind, "-c", level, partitioned)
    first = next(path for path in sorted(tmp_path.iterdir()) if path.suffix[2:] == "01")
    disk = open_disk(first)
    media = partitioned.read_bytes()
    assert len(disk.parts) > 1
    assert read_all(disk) == media
    assert disk.damage == ""
    assert disk.stored_hashes["md5"] == hashlib.md5(media).hexdigest()
    if kind in {"encase6", "encase7", "linen7"}:
        assert disk.stored_hashes["sha1"] == hashlib.sha1(media).hexdigest()
    if kind not in {"ewf", "ewfx"}:  # ewfverify does not find their lower-case segments
        assert subprocess.run(["ewfverify", "-q", str(first)], capture_output=True).returncode == 0
    judge = pyewf.handle()
    judge.open([str(path) for path in disk.parts])
    chances = random.Random(5)
    for _ in range(200):
        offset, size = chances.randrange(len(media)), chances.randrange(1, 100_000)
        assert disk.read(offset, size) == judge.read_buffer_at_offset(min(size, len(media) - offset), offset)
    judge.close()


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["plaso/test_data/image.E01", "dfvfs/test_data/ext2.E01"])
def test_public_images_match_the_hash_they_carry(corpus, name):
    disk = open_disk(corpus(name))
    assert disk.stored_hashes["md5"] == hashlib.md5(read_all(disk)).hexdigest()
