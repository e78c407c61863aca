"""Containers: each gives the bytes of the disk it was made from, whatever it is called."""

import errno
import gzip
import os
import random
import shutil
import struct
import subprocess
from contextlib import closing
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evidence.ewf_images import ewf_image
from tests.unit.evidence.field_tools import needs, run
from triage.errors import EvidenceError
from triage.evidence import parts
from triage.evidence.blockdevice import AlignedReader, device_name
from triage.evidence.containers import is_disk_image, open_disk
from triage.evidence.parts import PartFiles, open_readonly

NOISE = random.Random(4).randbytes(5000)


def read_all(disk, step=1 << 20):
    return b"".join(disk.read(offset, step) for offset in range(0, disk.size, step))


def same_as(disk, media):
    """Whole and in random pieces; a container may round the size up with zeros."""
    with closing(disk):
        whole = read_all(disk)
        assert whole[: len(media)] == media
        assert not any(whole[len(media) :])
        chances = random.Random(6)
        for _ in range(300):
            offset, size = chances.randrange(len(media)), chances.randrange(1, 200_000)
            assert disk.read(offset, size) == whole[offset : offset + size]
        assert disk.read(disk.size, 1) == b""


# --- raw and split raw


def test_a_raw_file_is_read_and_viewed_whatever_its_name(tmp_path):
    path = tmp_path / "disk.vmdk"
    path.write_bytes(NOISE)
    with closing(open_disk(path)) as disk:
        assert (disk.format, disk.size, disk.parts, disk.stored_hashes) == ("raw", 5000, (path,), {})
        assert disk.read(4990, 100) == NOISE[4990:]
        assert disk.read(6000, 1) == b""
        view = disk.view(10, 20)
        assert view == NOISE[10:30]
        assert view.readonly


def split(folder, names, size=1000, media=NOISE):
    paths = [folder / name for name in names]
    for number, path in enumerate(paths):
        path.write_bytes(media[number * size : (number + 1) * size] if path != paths[-1] else media[number * size :])
    return paths


@pytest.mark.parametrize(
    "names",
    [
        ["d.001", "d.002", "d.003", "d.004", "d.005"],
        ["d.dd.000", "d.dd.001", "d.dd.002", "d.dd.003", "d.dd.004"],
        ["d.aa", "d.ab", "d.ac", "d.ad", "d.ae"],
        ["d.img.aaa", "d.img.aab", "d.img.aac", "d.img.aad", "d.img.aae"],
    ],
)
def test_a_split_image_opens_by_any_part(tmp_path, names):
    paths = split(tmp_path, names)
    for path in paths:
        with closing(open_disk(path)) as disk:
            assert (disk.format, disk.parts) == ("split-raw", tuple(paths))
            assert disk.read(900, 2200) == NOISE[900:3100]
            assert read_all(disk, 777) == NOISE
            assert disk.view(0, 10) is None


def test_parts_beyond_the_number_that_may_be_open_still_read(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_MOST_OPEN", 2)
    paths = split(tmp_path, [f"d.{number:03d}" for number in range(1, 51)], size=100)
    with closing(open_disk(paths[0])) as disk:
        assert read_all(disk, 333) == NOISE


@pytest.mark.parametrize(("names", "lost"), [(["d.001", "d.002", "d.003"], 0), (["d.001", "d.002", "d.003"], 1)])
def test_a_missing_part_is_named(tmp_path, names, lost):
    paths = split(tmp_path, names)
    paths[lost].unlink()
    with pytest.raises(EvidenceError, match=f"part {names[lost]} of the split image is missing"):
        open_disk(paths[2])


def test_a_part_of_another_size_is_named(tmp_path):
    paths = split(tmp_path, ["d.001", "d.002", "d.003", "d.004"])
    paths[1].write_bytes(NOISE[:999])
    with pytest.raises(EvidenceError, match=r"d\.002: holds 999 bytes"):
        open_disk(paths[0])


def test_what_only_looks_numbered_stands_alone(tmp_path):
    for name in ("disk.2017", "disk.img", "disk.dd", "disk.001"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_bytes(NOISE)
        (folder / "disk.txt").write_bytes(b"a note")
        with closing(open_disk(folder / name)) as disk:
            assert disk.format == "raw"


def test_a_container_cut_into_parts_is_refused(tmp_path):
    paths = split(tmp_path, ["d.001", "d.002", "d.003"], size=2000, media=b"QFI\xfb" + NOISE)
    with pytest.raises(EvidenceError, match="qcow2 image cut into parts"):
        open_disk(paths[1])


def test_a_file_that_shrinks_is_a_read_error_with_its_place(tmp_path):
    path = tmp_path / "d.img"
    path.write_bytes(NOISE)
    with closing(open_disk(path)) as disk:
        os.truncate(path, 100)
        with pytest.raises(OSError, match="offset 1100"):
            disk.read(1000, 100)


# --- what is no disk


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file"),
        (gzip.compress(b"x" * 600), "unpack it first"),
        (b"PK\x03\x04" + bytes(600), "unpack it first"),
        (b"LVF\x09\x0d\x0a\xff\x00" + bytes(600), "logical evidence"),
        (bytes(64) + b"\x7f\x10\xda\xbe" + bytes(600), "VDI"),
    ],
)
def test_what_is_known_and_not_read_says_what_to_do(tmp_path, content, message):
    path = tmp_path / "disk.img"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match=message):
        open_disk(path)
    assert not is_disk_image(path)


def test_a_folder_a_pipe_and_nothing_are_refused_without_waiting(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, tmp_path / "absent"):
        with pytest.raises(EvidenceError, match=path.name):
            open_disk(path)
        assert not is_disk_image(path)


MAGIC = [
    b"",
    b"QFI\xfb\0\0\0\x03",
    b"KDMV",
    b"vhdxfile",
    b"conectix",
    b"EVF2\x0d\x0a\x81\x00",
    b"# Disk DescriptorFile\n",
]


@given(st.sampled_from(MAGIC), st.binary(max_size=3000), st.booleans())
@settings(max_examples=300, deadline=None)
def test_random_bytes_open_or_are_refused_and_reads_end(tmp_path_factory, magic, noise, behind):
    path = tmp_path_factory.mktemp("noise") / "disk"
    path.write_bytes(noise + magic.ljust(512, b"\0") if behind else magic + noise)
    try:
        disk = open_disk(path)
    except EvidenceError:
        return
    with closing(disk):
        for offset in (0, disk.size // 2, disk.size - 1):
            try:
                assert len(disk.read(offset, 4096)) <= 4096
            except OSError as error:
                assert error.errno  # noqa: PT017


# --- containers by the tools that make them

WRITTEN = {
    "plain.qcow2": ("qcow2",),
    "packed.qcow2": ("qcow2", "-c"),
    "old.qcow2": ("qcow2", "-o", "compat=0.10"),
    "small.qcow2": ("qcow2", "-o", "cluster_size=512"),
    "large.qcow2": ("qcow2", "-c", "-o", "cluster_size=2M"),
    "mono.vmdk": ("vmdk",),
    "stream.vmdk": ("vmdk", "-o", "subformat=streamOptimized"),
    "split.vmdk": ("vmdk", "-o", "subformat=twoGbMaxExtentSparse"),
    "flat.vmdk": ("vmdk", "-o", "subformat=monolithicFlat"),
    "flats.vmdk": ("vmdk", "-o", "subformat=twoGbMaxExtentFlat"),
    "dynamic.vhd": ("vpc", "-o", "force_size=on"),
    "geometry.vhd": ("vpc",),
    "fixed.vhd": ("vpc", "-o", "subformat=fixed,force_size=on"),
    "dynamic.vhdx": ("vhdx",),
    "fixed.vhdx": ("vhdx", "-o", "subformat=fixed"),
}


@pytest.fixture(scope="session")
def converted(partitioned, tmp_path_factory):
    """Path of the partitioned disk in a container; made when first asked for."""
    needs("qemu-img")
    folder = tmp_path_factory.mktemp("converted")

    def path_of(name):
        path = folder / name
        if not path.exists():
            kind, *options = WRITTEN[name]
            run("qemu-img", "convert", "-f", "raw", "-O", kind, *options, partitioned, path)
        return path

    return path_of


@pytest.mark.image
@pytest.mark.parametrize("name", WRITTEN)
def test_what_qemu_writes_reads_as_its_source(partitioned, converted, name):
    path = converted(name)
    disk = open_disk(path)
    assert disk.format == path.suffix[1:]
    same_as(disk, partitioned.read_bytes())


@pytest.mark.image
@pytest.mark.parametrize("name", ["packed.qcow2", "stream.vmdk", "fixed.vhd", "dynamic.vhd", "dynamic.vhdx"])
def test_content_tells_the_format_and_not_the_name(partitioned, converted, tmp_path, name):
    path = tmp_path / "picture.jpg"
    shutil.copyfile(converted(name), path)
    assert is_disk_image(path)
    same_as(open_disk(path), partitioned.read_bytes())


@pytest.mark.image
def test_a_sparse_extent_leads_to_its_descriptor(partitioned, converted):
    path = converted("split.vmdk")
    same_as(open_disk(path.with_name("split-s001.vmdk")), partitioned.read_bytes())


@pytest.mark.image
def test_a_missing_or_short_extent_is_named(converted, tmp_path):
    for name, extent in (("split.vmdk", "split-s001.vmdk"), ("flat.vmdk", "flat-flat.vmdk")):
        shutil.copyfile(converted(name), tmp_path / name)
        with pytest.raises(EvidenceError, match=f"extent '{extent}' is missing"):
            open_disk(tmp_path / name)
    (tmp_path / "flat-flat.vmdk").write_bytes(bytes(1024))
    with pytest.raises(EvidenceError, match=r"flat-flat\.vmdk: ends early"):
        open_disk(tmp_path / "flat.vmdk")


def test_an_extent_never_leads_out_of_the_folder(tmp_path):
    (tmp_path / "secret").write_bytes(bytes(1024))
    folder = tmp_path / "evidence"
    folder.mkdir()
    path = folder / "disk.vmdk"
    path.write_text('# Disk DescriptorFile\nparentCID=ffffffff\nRW 2 FLAT "../secret" 0\n')
    with pytest.raises(EvidenceError, match="is missing"):
        open_disk(path)


@pytest.mark.image
@pytest.mark.parametrize(("kind", "options"), [("qcow2", ()), ("vmdk", ())])
def test_changes_are_read_on_their_parent_beside_them_and_not_without_it(partitioned, tmp_path, kind, options):
    needs("qemu-img", "qemu-io")
    below, above = tmp_path / f"below.{kind}", tmp_path / f"above.{kind}"
    run("qemu-img", "convert", "-f", "raw", "-O", kind, partitioned, below)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", kind, *options, "-F", kind, "-b", below.name, above.name],
        check=True,
        cwd=tmp_path,
    )
    run("qemu-io", "-f", kind, "-c", "write -P 0x41 1000k 300k", above)
    media = bytearray(partitioned.read_bytes())
    media[1000 << 10 : 1300 << 10] = b"A" * (300 << 10)
    disk = open_disk(above)
    assert disk.parts == (above, below)
    same_as(disk, bytes(media))
    below.unlink()
    with pytest.raises(EvidenceError, match=r"below\.[a-z0-9]+' is missing"):
        open_disk(above)


@pytest.mark.image
def test_a_backing_file_that_is_said_to_be_raw_is_raw(tmp_path):
    needs("qemu-img")
    below, above = tmp_path / "below.img", tmp_path / "above.qcow2"
    content = b"QFI\xfb" + bytes(1 << 20)
    below.write_bytes(content[: 1 << 20])
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", "below.img", "above.qcow2", "2M"],
        check=True,
        cwd=tmp_path,
    )
    same_as(open_disk(above), content[: 1 << 20] + bytes(1 << 20))


@pytest.mark.image
def test_backing_files_that_chase_each_other_are_refused(tmp_path):
    needs("qemu-img")
    for name, other in (("a", "b"), ("b", "a")):
        run("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", other, tmp_path / name, "1M")
    with pytest.raises(EvidenceError, match="no end"):
        open_disk(tmp_path / "a")


@pytest.mark.image
@pytest.mark.parametrize("name", ["packed.qcow2", "mono.vmdk", "stream.vmdk", "dynamic.vhd", "dynamic.vhdx"])
def test_a_cut_off_container_gives_right_bytes_or_errors(partitioned, converted, tmp_path, name):
    media = partitioned.read_bytes()
    whole = converted(name).read_bytes()
    for keep in (0.2, 0.5, 0.9):
        path = tmp_path / name
        path.write_bytes(whole[: int(len(whole) * keep)])
        try:
            disk = open_disk(path)
        except EvidenceError:
            continue
        failed = 0
        with closing(disk):
            for offset in range(0, len(media), 65536):
                try:
                    piece = disk.read(offset, 65536)
                except OSError:
                    failed += 1
                    continue
                assert piece == media[offset : offset + 65536]
        assert failed


@pytest.mark.image
def test_a_differencing_vhd_names_its_parent(converted, tmp_path):
    image = bytearray(converted("dynamic.vhd").read_bytes())
    for start in (0, len(image) - 512):
        footer = image[start : start + 512]
        footer[60:64] = (4).to_bytes(4, "big")
        footer[64:68] = bytes(4)
        footer[64:68] = (~sum(footer) & 0xFFFFFFFF).to_bytes(4, "big")
        image[start : start + 512] = footer
    header = image[512:1536]
    header[64:576] = "parent.vhd".encode("utf-16-be").ljust(512, b"\0")
    header[36:40] = bytes(4)
    header[36:40] = (~sum(header) & 0xFFFFFFFF).to_bytes(4, "big")
    image[512:1536] = header
    path = tmp_path / "child.vhd"
    path.write_bytes(image)
    with pytest.raises(EvidenceError, match=r"parent disk 'parent\.vhd' is missing"):
        open_disk(path)
    shutil.copyfile(converted("dynamic.vhd"), tmp_path / "parent.vhd")
    with pytest.raises(EvidenceError, match="not the state of the parent"):
        open_disk(path)


@pytest.mark.image
def test_a_vhdx_with_changes_left_in_its_log_is_refused(converted, tmp_path):
    image = bytearray(converted("dynamic.vhdx").read_bytes())
    guid = b"L" * 16
    for start in (0x10000, 0x20000):
        image[start + 48 : start + 64] = guid
    log = int.from_bytes(image[0x10048:0x10050], "little")
    image[log : log + 48] = struct.pack("<4s28x16s", b"loge", guid)
    path = tmp_path / "d.vhdx"
    path.write_bytes(image)
    with pytest.raises(EvidenceError, match="not closed cleanly"):
        open_disk(path)


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    [
        "plaso/test_data/image.qcow2",
        "plaso/test_data/image.vhd",
        "plaso/test_data/image.vmdk",
        "dfvfs/test_data/ext2.qcow2",
        "dfvfs/test_data/ext2.vmdk",
        "dfvfs/test_data/windows_volume.qcow2",
    ],
)
def test_public_images_read_as_qemu_reads_them(corpus, tmp_path, name):
    needs("qemu-img")
    path = corpus(name)
    run("qemu-img", "convert", "-O", "raw", path, tmp_path / "raw")
    same_as(open_disk(path), (tmp_path / "raw").read_bytes())


# --- devices


@given(st.integers(0, 5200), st.integers(0, 5200), st.sampled_from([512, 4096]))
def test_an_aligned_reader_gives_any_range_through_aligned_reads(offset, size, alignment):
    def strict(start, length):
        assert start % alignment == 0
        assert length % alignment == 0 or start + length == len(NOISE)
        return NOISE[start : start + length]

    reader = AlignedReader(strict, len(NOISE), alignment)
    assert reader.read(offset, size) == NOISE[offset : offset + size]


def test_a_device_that_gives_less_than_its_size_is_a_read_error():
    reader = AlignedReader(lambda start, length: NOISE[start : start + length], len(NOISE) + 8192)
    with pytest.raises(OSError, match="ends at offset 5000"):
        reader.read(4000, 4000)


def test_a_windows_device_keeps_its_name():
    assert device_name(PureWindowsPath(r"\\.\C:")) == r"\\.\C:"
    assert device_name(PureWindowsPath(r"\\.\PhysicalDrive0")) == r"\\.\PhysicalDrive0"
    assert device_name(Path("/dev/sda")) == "/dev/sda"


@pytest.mark.root
def test_a_loop_device_reads_as_its_file(tmp_path):
    needs("losetup")
    path = tmp_path / "disk.img"
    media = random.Random(7).randbytes(1 << 20)
    path.write_bytes(media)
    made = subprocess.run(["losetup", "-r", "-f", "--show", str(path)], capture_output=True, text=True)
    if made.returncode:
        pytest.skip("no loop device")
    device = Path(made.stdout.strip())
    try:
        assert is_disk_image(device)
        disk = open_disk(device)
        assert (disk.format, disk.size) == ("device", 1 << 20)
        same_as(disk, media)
    finally:
        run("losetup", "-d", device)


def test_files_are_opened_for_reading_alone_and_keep_their_access_time(tmp_path):
    path = tmp_path / "d.img"
    path.write_bytes(NOISE)
    os.utime(path, (1, 2))
    descriptor = open_readonly(path)
    try:
        os.read(descriptor, 10)
        with pytest.raises(OSError) as refused:
            os.write(descriptor, b"x")
        assert refused.value.errno == errno.EBADF
    finally:
        os.close(descriptor)
    if hasattr(os, "O_NOATIME"):
        assert path.stat().st_atime == 1


def test_a_file_that_may_not_be_read_is_named(tmp_path):
    with pytest.raises(EvidenceError, match="absent"):
        PartFiles([tmp_path / "absent"])


def test_what_is_a_disk_image_is_told_by_content(tmp_path):
    boot = bytearray(512)
    boot[446:462] = struct.pack("<B3xB3xII", 0x80, 7, 2048, 100)
    boot[510:] = b"\x55\xaa"
    samples = {
        "table": (bytes(boot), True),
        "ntfs": (b"\xeb\x52\x90NTFS    " + bytes(600), True),
        "e01": (ewf_image(bytes(1024))[0], True),
        "text": (b"a letter" * 100, False),
        "program": (b"MZ" + bytes(508) + b"\x55\xaa", False),
    }
    for name, (content, expected) in samples.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert is_disk_image(path) is expected, name
