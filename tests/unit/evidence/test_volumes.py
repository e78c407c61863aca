"""Volumes: found where the tables say and where they no longer say, numbered in on-disk order."""

import gzip
import random
import struct
import subprocess
import uuid
import zlib
from contextlib import closing

import pytest
import pytsk3
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evidence.field_tools import needs
from triage.evidence.containers import open_disk
from triage.evidence.fingerprint import fingerprint
from triage.evidence.partitions import partition_table
from triage.evidence.signatures import HEAD, recognise
from triage.evidence.volumes import TskImage, volumes

MIB = 1 << 20
BASIC = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
RESERVED = "E3C9E316-0B5C-4DB8-817D-F92DF00215AE"


class Memory:
    """A disk in memory; reads that touch `bad` fail."""

    format, parts, stored_hashes = "memory", (), {}

    def __init__(self, data, bad=()):
        self.data, self.bad, self.size = bytes(data), bad, len(data)

    def read(self, offset, size):
        if any(offset < end and start < offset + size for start, end in self.bad):
            raise OSError(5, f"cannot read offset {offset}")
        return self.data[offset : offset + size]

    def view(self, offset, size):
        return None

    def close(self):
        pass


def disk_of(size, *pieces):
    data = bytearray(size)
    for offset, piece in pieces:
        data[offset : offset + len(piece)] = piece
    return bytes(data)


def mbr(*entries):
    """Entries are (type, first sector, sectors)."""
    table = b"".join(struct.pack("<B3xB3xII", 0, *entry) for entry in entries)
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"


def gpt(size, sector, *entries):
    """(offset, bytes) pieces of a GPT with its backup; entries are (type, first, last)."""
    table = b"".join(
        uuid.UUID(kind).bytes_le + uuid.UUID(int=number + 1).bytes_le + struct.pack("<QQQ72x", first, last, 0)
        for number, (kind, first, last) in enumerate(entries)
    ).ljust(128 * 128, b"\0")
    blocks = -(-len(table) // sector)
    last = size // sector - 1

    def header(mine, other, start):
        head = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, mine, other, blocks + 2,
                           last - blocks - 1, b"G" * 16, start, 128, 128, zlib.crc32(table))  # fmt: skip
        return (head[:16] + struct.pack("<I", zlib.crc32(head)) + head[20:]).ljust(sector, b"\0")

    return [
        (0, mbr((0xEE, 1, 0xFFFFFFFF))),
        (sector, header(1, last, 2)),
        (2 * sector, table),
        ((last - blocks) * sector, table),
        (last * sector, header(last, 1, last - blocks)),
    ]


def kinds(found):
    return [(v.index, v.offset, v.filesystem, v.opened) for v in found]


# --- partition tables


@pytest.mark.image
def test_primary_and_logical_partitions_are_numbered_in_on_disk_order(partitioned):
    with closing(open_disk(partitioned)) as disk:
        found = volumes(disk)
    assert kinds(found) == [(0, MIB, "ntfs", True), (1, 6 * MIB, "fat12", True), (2, 11 * MIB, "ext4", True)]
    assert [v.label for v in found] == ["WIN", "DATA", "LIN"]
    assert all(v.serial and not v.problem and v.size == 4 * MIB for v in found)


@pytest.mark.image
def test_the_table_is_the_one_that_mmls_reads(partitioned):
    needs("mmls")
    rows = subprocess.run(["mmls", "-a", str(partitioned)], capture_output=True, text=True, check=True).stdout
    judged = [line.split()[2:5] for line in rows.splitlines() if line[:3].isdigit() and "Meta" not in line]
    with closing(open_disk(partitioned)) as disk:
        table = partition_table(disk)
    mine = [(p.offset // 512, p.size // 512) for p in table.partitions]
    assert mine == [(int(start), int(end) - int(start) + 1) for start, end, _ in judged]


@pytest.mark.image
@pytest.mark.parametrize("sector", [512, 4096])
def test_a_gpt_is_read_by_its_backup_where_the_first_is_damaged(file_systems, sector):
    at = MIB // sector
    entries = [(RESERVED, at, 2 * at - 1), (BASIC, 2 * at, 6 * at - 1), (BASIC, 8 * at, 12 * at - 1)]
    pieces = [*gpt(16 * MIB, sector, *entries), (2 * MIB, file_systems["ntfs"]), (8 * MIB, file_systems["fat"])]
    whole = disk_of(16 * MIB, *pieces)
    expected = [(0, 2 * MIB, "ntfs", True), (1, 8 * MIB, "fat12", True)]
    assert kinds(volumes(Memory(whole))) == expected
    assert [v.problem for v in volumes(Memory(whole))] == ["", ""]
    for damage in (sector, 2 * sector + 40):  # header; an entry
        broken = bytearray(whole)
        broken[damage] ^= 0xFF
        found = volumes(Memory(broken))
        assert kinds(found) == expected
        assert all("backup" in v.problem for v in found)


def test_a_gpt_damaged_at_both_ends_says_so():
    whole = bytearray(disk_of(4 * MIB, *gpt(4 * MIB, 512, (BASIC, 2048, 4095))))
    whole[512] = whole[-512] = 0
    (only,) = volumes(Memory(whole))
    assert (only.opened, only.filesystem) == (False, "unknown")
    assert "GPT" in only.problem


@pytest.mark.image
def test_an_mbr_of_4096_byte_sectors_is_understood(file_systems):
    at = MIB // 4096
    logical = bytes(446) + struct.pack("<B3xB3xII", 0, 7, at, 4 * at).ljust(64, b"\0") + b"\x55\xaa"
    whole = disk_of(
        16 * MIB, (0, mbr((7, at, 4 * at), (5, 6 * at, 8 * at))), (MIB, file_systems["ntfs"]),
        (6 * MIB, logical), (7 * MIB, file_systems["fat"]),
    )  # fmt: skip
    assert kinds(volumes(Memory(whole))) == [(0, MIB, "ntfs", True), (1, 7 * MIB, "fat12", True)]


@pytest.mark.image
@pytest.mark.parametrize(("name", "kind"), [("ntfs", "ntfs"), ("fat", "fat12"), ("ext", "ext4")])
def test_a_file_system_without_a_table_is_one_volume(file_systems, name, kind):
    assert kinds(volumes(Memory(file_systems[name]))) == [(0, 0, kind, True)]


@pytest.mark.image
def test_boot_code_that_looks_like_a_table_does_not_hide_the_file_system(file_systems):
    media = bytearray(file_systems["ntfs"])
    media[446:462] = struct.pack("<B3xB3xII", 0x80, 7, 100, 200)
    assert kinds(volumes(Memory(media))) == [(0, 0, "ntfs", True)]


def test_logical_partitions_that_chase_each_other_end():
    link = bytes(446) + struct.pack("<B3xB3xIIB3xB3xII", 0, 7, 1, 1, 0, 5, 0, 9).ljust(64, b"\0") + b"\x55\xaa"
    media = disk_of(MIB, (0, mbr((5, 8, 100))), (8 * 512, link))
    table = partition_table(Memory(media))
    assert [p.offset for p in table.partitions] == [9 * 512]


# --- what cannot be opened, what is none, what was deleted

MARKED = {
    "bitlocker": b"\xeb\x58\x90-FVE-FS-",
    "luks": b"LUKS\xba\xbe\x00\x02",
    "refs": b"\0\0\0ReFS\0\0\0\0",
    "lvm": bytes(512) + b"LABELONE",
    "xfs": b"XFSB",
    "btrfs": bytes(0x10040) + b"_BHRfS_M",
    "apfs": bytes(32) + b"NXSB",
}


@pytest.mark.parametrize("kind", MARKED)
def test_what_is_known_and_not_read_is_closed_and_says_why(kind):
    media = disk_of(4 * MIB, (0, mbr((7, 2048, 4096))), (MIB, MARKED[kind]))
    (only,) = volumes(Memory(media))
    assert (only.filesystem, only.opened, only.offset, only.size) == (kind, False, MIB, 2 * MIB)
    assert only.problem
    assert "\n" not in only.problem


@pytest.mark.image
def test_closed_volumes_are_numbered_behind_the_open_ones(file_systems):
    table = mbr((7, 2048, 2048), (7, 4096, 8192), (0x82, 12288, 2048), (6, 16384, 8192))
    media = disk_of(
        16 * MIB, (0, table), (MIB, MARKED["bitlocker"]), (2 * MIB, file_systems["ntfs"]),
        (6 * MIB + 4086, b"SWAPSPACE2"), (8 * MIB, file_systems["fat"]),
    )  # fmt: skip
    expected = [(0, 2 * MIB, "ntfs", True), (1, 8 * MIB, "fat12", True), (2, MIB, "bitlocker", False)]
    assert kinds(volumes(Memory(media))) == expected


@pytest.mark.image
def test_deleted_partitions_are_found_one_behind_the_other(file_systems):
    media = disk_of(
        20 * MIB, (0, mbr((6, 20480, 8192))), (MIB, file_systems["ntfs"]), (5 * MIB, file_systems["ext"]),
        (10 * MIB, file_systems["fat"]), (14 * MIB + 63 * 512, file_systems["fat"]),
    )  # fmt: skip
    found = volumes(Memory(media))
    assert kinds(found) == [
        (0, MIB, "ntfs", True), (1, 5 * MIB, "ext4", True),
        (2, 10 * MIB, "fat12", True), (3, 14 * MIB + 63 * 512, "fat12", True),
    ]  # fmt: skip
    assert [v.problem for v in found] == ["deleted partition", "deleted partition", "", "deleted partition"]


@pytest.mark.image
def test_a_wiped_table_still_leads_to_its_file_systems(file_systems):
    found = volumes(Memory(disk_of(8 * MIB, (MIB, file_systems["ntfs"]))))
    assert kinds(found) == [(0, MIB, "ntfs", True)]


@pytest.mark.image
def test_a_volume_cut_off_by_the_end_of_the_image_says_so(file_systems):
    media = disk_of(4 * MIB, (0, mbr((7, 2048, 8192), (7, 65536, 8192))), (MIB, file_systems["ntfs"][: 3 * MIB]))
    first, second = volumes(Memory(media))
    assert (first.opened, first.size) == (True, 3 * MIB)
    assert "2097152 bytes behind" not in first.problem
    assert "1048576 bytes behind the end" in first.problem
    assert (second.opened, second.problem) == (False, "begins behind the end of the media")


def test_nothing_recognisable_is_one_unknown_volume():
    for media in (bytes(MIB), b"x", mbr((0x82, 0, 1)), random.Random(8).randbytes(3 * MIB)):
        (only,) = volumes(Memory(media))
        assert (only.index, only.filesystem, only.opened, only.size) == (0, "unknown", False, len(media))
        assert only.problem


def test_an_unreadable_first_sector_and_an_unreadable_partition_say_so():
    media = disk_of(4 * MIB, (0, mbr((7, 2048, 2048))))
    assert "offset 0" in volumes(Memory(media, bad=[(0, 1)]))[0].problem
    (only,) = volumes(Memory(media, bad=[(MIB, MIB + 1)]))
    assert f"offset {MIB}" in only.problem
    assert not only.opened


@given(st.binary(max_size=64), st.binary(max_size=2048), st.sampled_from(["mbr", "gpt", "none"]))
@settings(max_examples=150, deadline=None)
def test_hostile_tables_end_and_give_a_volume(entries, noise, scheme):
    data = bytearray(disk_of(1 * MIB, (512, noise), (MIB - len(noise), noise)))
    if scheme != "none":
        data[446 : 446 + len(entries)] = entries
        data[510:512] = b"\x55\xaa"
    if scheme == "gpt":
        data[512:520] = b"EFI PART"
    found = volumes(Memory(data))
    assert [v.index for v in found] == list(range(len(found)))
    assert found
    assert all(0 <= v.size <= MIB for v in found)


@given(st.binary(max_size=HEAD))
def test_recognising_never_fails(head):
    assert isinstance(recognise(head), str)


# --- through The Sleuth Kit


@pytest.mark.image
def test_the_sleuth_kit_reads_the_same_natively_and_through_us(partitioned, tmp_path):
    media = partitioned.read_bytes()
    (tmp_path / "d.001").write_bytes(media[: 9 * MIB])
    (tmp_path / "d.002").write_bytes(media[9 * MIB :])
    content = []
    for path, through in ((partitioned, TskImage.of), (partitioned, TskImage), (tmp_path / "d.001", TskImage.of)):
        with closing(open_disk(path)) as disk:
            image = through(disk)
            assert image.get_size() == len(media)
            assert image.read(MIB, 4096) == media[MIB : MIB + 4096]
            file = pytsk3.FS_Info(image, offset=MIB).open("/noise.bin")
            content.append(file.read_random(0, file.info.meta.size))
    assert content == [random.Random(1).randbytes(2_000_000)] * 3


@pytest.mark.image
def test_a_failed_read_shortens_content_fails_metadata_and_is_kept(file_systems):
    disk = Memory(file_systems["ntfs"])
    system = pytsk3.FS_Info(TskImage(disk))
    block = system.info.block_size
    run = next(run for a in system.open("/noise.bin") for run in a if int(a.info.type) == 0x80)
    disk.bad = [(run.addr * block + 1_000_000, run.addr * block + 1_000_001)]
    image = TskImage(disk)
    file = pytsk3.FS_Info(image).open("/noise.bin")
    assert file.read_random(0, 65536) == random.Random(1).randbytes(65536)
    assert image.failed == []
    assert len(file.read_random(983_040, 65536)) < 1_000_000 - 983_040 + 512
    assert all(first <= run.addr * block + 1_000_000 < last for first, last in image.failed)
    assert image.failed
    assert len(file.read_random(1_200_000, 65536)) == 65536
    disk.bad = [(0, len(disk.data))]
    with pytest.raises(OSError, match="FS_Info"):
        pytsk3.FS_Info(TskImage(disk))


@pytest.mark.image
def test_the_fingerprint_sees_a_change_in_the_tables_and_in_nothing_else(partitioned):
    media = bytearray(partitioned.read_bytes())
    before = fingerprint(Memory(media), volumes(Memory(media)))
    assert before == fingerprint(Memory(media), volumes(Memory(media)))
    cluster = int.from_bytes(media[MIB + 0x30 : MIB + 0x38], "little") * media[MIB + 13] * 512
    for place in (0, MIB + 100, MIB + cluster + 2000, 6 * MIB + 600):
        changed = bytearray(media)
        changed[place] ^= 1
        assert fingerprint(Memory(changed), volumes(Memory(media))) != before
    assert fingerprint(Memory(media, bad=[(6 * MIB, 6 * MIB + 1)]), volumes(Memory(media))) != before


# --- public samples

SAMPLES = {
    "plaso/test_data/image.E01": [(0, 0, "ext2", True)],
    "plaso/test_data/image.qcow2": [(0, 0, "ext2", True)],
    "plaso/test_data/image.vhd": [(0, 0, "ext2", True)],
    "plaso/test_data/image.vmdk": [(0, 0, "ext2", True)],
    "plaso/test_data/vsstest.qcow2": [(0, 0, "ntfs", True)],
    "dfvfs/test_data/ext2.E01": [(0, 0, "ext2", True)],
    "dfvfs/test_data/ext2.vmdk": [(0, 0, "ext2", True)],
    "dfvfs/test_data/windows_volume.qcow2": [(0, 0, "ntfs", True)],
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", SAMPLES)
def test_public_images_hold_what_they_hold(corpus, name):
    with closing(open_disk(corpus(name))) as disk:
        assert kinds(volumes(disk)) == SAMPLES[name]


TABLES = {
    "mbr-512-p1e2.bin.gz": (512, [(2, 511), (514, 511), (1025, 1023)]),
    "mbr-512-p1e2_2.bin.gz": (512, [(1, 64), (66, 35), (102, 1946)]),
    "mbr-4096-p1e0.bin.gz": (4096, [(1, 125)]),
    "gpt-512-3p.raw.gz": (512, [(34, 31), (65, 64), (129, 1886)]),
    "gpt-512-0p.raw.gz": (512, []),
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", TABLES)
def test_public_partition_tables_are_read_in_sectors_of_their_size(corpus, name):
    media = gzip.decompress(corpus(f"dfir_ntfs/test_data/{name}").read_bytes())
    table = partition_table(Memory(media))
    sector, expected = TABLES[name]
    assert [(p.offset // sector, p.size // sector) for p in table.partitions] == expected


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "kind"),
    [("fat12", "fat12"), ("fat16", "fat16"), ("exfat_win", "exfat"), ("ntfs3", "ntfs"), ("fat32_loop", "fat32")],
)
def test_public_file_systems_are_named(corpus, name, kind):
    media = gzip.decompress(corpus(f"dfir_ntfs/test_data/{name}.raw.gz").read_bytes())
    assert [v.filesystem for v in volumes(Memory(media)) if v.opened] == [kind]
