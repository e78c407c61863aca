from __future__ import annotations

import hashlib

import pyewf
import pyqcow
import pytest
import pytsk3
import pyvhdi
import pyvmdk

from samples_fake.build import FORMATS, SPLIT_PART, build_image
from samples_fake.clock import run
from samples_fake.disk import TABLES, write_disk
from samples_fake.images import demo_digest, demo_image
from samples_fake.scenes import SCENES

SMALL = SCENES["hostile_names"]
MIXED = SCENES["mixed_partitions"]
DEMO_OFFSET = 1 << 20


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return build_image(SMALL, tmp_path_factory.mktemp("raw") / "disk.img")


def test_the_demo_disk_holds_the_scene_it_was_made_of(tmp_path, read_back, planned):
    image = demo_image(tmp_path)
    seen, plan = read_back(image, DEMO_OFFSET), planned(SCENES["infected_windows"].volumes[0])
    own = ("/$Recycle.Bin/", "/$Extend/$UsnJrnl")
    ours = {path: digest for path, digest in seen.present.items() if path.startswith(own) or path[1] != "$"}
    assert ours == plan.present
    assert plan.deleted.items() <= seen.deleted.items()


def test_the_demo_disk_is_what_its_hash_says_and_takes_little_room(tmp_path):
    image = demo_image(tmp_path / "named.img")
    assert image.name == "named.img"
    assert hashlib.sha256(image.read_bytes()).hexdigest() == demo_digest()
    assert image.stat().st_blocks * 512 < image.stat().st_size / 4


@pytest.mark.image
def test_the_same_scene_gives_the_same_disk(raw, tmp_path):
    again = build_image(SMALL, tmp_path / "again.img")
    assert again.read_bytes() == raw.read_bytes()


@pytest.mark.image
@pytest.mark.parametrize("table", TABLES)
def test_a_volume_lies_where_its_table_says(table, tmp_path, read_back, planned):
    write_disk(SMALL, tmp_path / "disk", table)
    offset = 0
    if table != "none":
        parts = pytsk3.Volume_Info(pytsk3.Img_Info(str(tmp_path / "disk")))
        (offset,) = [part.start * 512 for part in parts if part.flags == pytsk3.TSK_VS_PART_FLAG_ALLOC]
    seen = read_back(tmp_path / "disk", offset)
    assert seen.present["/links/one.bin"] == planned(SMALL.volumes[0]).present["/links/one.bin"]


@pytest.mark.image
@pytest.mark.parametrize("table", ["mbr", "gpt"])
def test_mixed_partitions_are_all_in_the_table(table, tmp_path):
    write_disk(MIXED, tmp_path / "disk", table)
    image = pytsk3.Img_Info(str(tmp_path / "disk"))
    starts = [part.start for part in pytsk3.Volume_Info(image) if part.flags == pytsk3.TSK_VS_PART_FLAG_ALLOC]
    kinds = [
        None if volume.filesystem == "raw" else pytsk3.FS_Info(image, offset=start * 512).info.ftype
        for volume, start in zip(MIXED.volumes, starts, strict=True)
    ]
    assert kinds == [
        pytsk3.TSK_FS_TYPE_NTFS,
        None,
        pytsk3.TSK_FS_TYPE_FAT32,
        pytsk3.TSK_FS_TYPE_EXT4,
        pytsk3.TSK_FS_TYPE_EXFAT,
    ]
    assert image.read(starts[1] * 512, 11) == b"\xeb\x58\x90-FVE-FS-"


def _media(path, fmt: str) -> bytes:
    if fmt == "split":
        return b"".join(part.read_bytes() for part in sorted(path.parent.glob(f"{path.stem}.*")))
    if fmt == "e01":
        handle = pyewf.handle()
        handle.open([str(path)])
    elif fmt.startswith("vmdk"):
        handle = pyvmdk.handle()
        handle.open(str(path))
        handle.open_extent_data_files()
    elif fmt == "qcow2":
        handle = pyqcow.file()
        handle.open(str(path))
    else:
        handle = pyvhdi.file()
        handle.open(str(path))
    size = handle.get_media_size()
    return handle.read_buffer_at_offset(size, 0)


@pytest.mark.image
@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "raw"])
def test_every_container_holds_the_same_disk(fmt, raw, tmp_path):
    path = build_image(SMALL, tmp_path / "disk", fmt=fmt)
    media, disk = _media(path, fmt), raw.read_bytes()
    assert media[: len(disk)] == disk
    assert not any(media[len(disk) :])


@pytest.mark.image
def test_a_split_image_is_cut_at_fixed_sizes(tmp_path):
    first = build_image(SMALL, tmp_path / "disk", fmt="split")
    assert first.name == "disk.001"
    assert first.stat().st_size == SPLIT_PART


@pytest.mark.image
def test_nothing_is_written_over(raw, tmp_path):
    (tmp_path / "disk").write_bytes(b"evidence")
    for fmt in ("raw", "qcow2"):
        with pytest.raises(FileExistsError):
            build_image(SMALL, tmp_path / "disk", fmt=fmt)
    assert (tmp_path / "disk").read_bytes() == b"evidence"


def test_what_cannot_be_built_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'ex01' is not one of"):
        build_image(SMALL, tmp_path / "disk", fmt="ex01")
    with pytest.raises(ValueError, match="'apm' is not one of"):
        write_disk(SMALL, tmp_path / "disk", "apm")
    with pytest.raises(ValueError, match="5 volumes and needs a table"):
        write_disk(MIXED, tmp_path / "disk", "none")


@pytest.mark.image
def test_expert_witness_images_pass_their_own_check(tmp_path):
    path = build_image(SMALL, tmp_path / "disk", fmt="e01")
    assert b"SUCCESS" in run("ewfverify", path)
