"""The same tree through two doors: as an image, and as the folder that it is when mounted or copied out."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from samples_fake.clock import ToolError
from samples_fake.disk import write_disk
from samples_fake.folder import build_folder
from samples_fake.scenes import SCENES
from samples_fake.tree import Scene, Volume
from tests.corpus.built import BUILT, MADE
from triage.evidence.folder import Folder
from triage.evidence.image import Image
from triage.model import Entry, Gap, Kind

pytestmark = pytest.mark.image

OWN = re.compile(r"^/\$|^/lost\+found$| \(Volume Label Entry\)$")
"""What a file system keeps for itself."""

Seen = dict[str, tuple[str, int, str]]
"""By path: kind, size, SHA-256."""


def seen(source: Folder | Image) -> tuple[Seen, list[Gap]]:
    """What exists and has a place in both worlds: neither streams nor deleted names nor the file system's own files."""
    found: Seen = {}
    gaps: list[Gap] = []
    for record in source.walk(0):
        if isinstance(record, Gap):
            gaps.append(record)
        elif record.allocated and record.kind is not Kind.STREAM and not OWN.search(record.path):
            found[record.path] = (record.kind.value, record.size, sha256(source, record))
    return found, gaps


def sha256(source: Folder | Image, entry: Entry) -> str:
    digest = hashlib.sha256()
    if entry.kind is Kind.FILE and entry.size:
        if not entry.key:  # nothing is stored: all of it is a hole
            return hashlib.sha256(bytes(entry.size)).hexdigest()
        with closing(source.open(entry)) as stream:
            for offset in range(0, entry.size, 1 << 20):
                digest.update(stream.read(offset, min(1 << 20, entry.size - offset)))
    return digest.hexdigest()


@pytest.fixture
def mount(tmp_path):
    """Mounts a raw NTFS volume for reading; skips where that cannot be done."""
    if shutil.which("ntfs-3g") is None or not Path("/dev/fuse").exists() or os.geteuid():
        pytest.skip("no ntfs-3g, FUSE or root")
    place = tmp_path / "mounted"

    def mounted(raw: Path) -> Path:
        place.mkdir()
        done = subprocess.run(["ntfs-3g", "-o", "ro,streams_interface=none,show_sys_files", raw, place], check=False)
        if done.returncode:
            place.rmdir()
            pytest.skip("FUSE refused")
        return place

    yield mounted
    if place.exists():
        subprocess.run(["umount", place], check=True)


def build(make) -> None:
    try:
        make()
    except (ToolError, FileNotFoundError) as error:
        pytest.skip(str(error))


def test_a_mounted_ntfs_volume_reads_as_its_image_does(mount, tmp_path):
    raw = tmp_path / "ntfs.raw"
    build(lambda: BUILT["ntfs"](raw))
    root = mount(raw)
    with closing(Image(raw)) as image:
        from_image, image_gaps = seen(image)
    from_folder, folder_gaps = seen(Folder(root))
    # half a surrogate pair: ntfs-3g keeps it, the image's reader shows the sign for what cannot be shown
    odd = {path for path in from_image.keys() ^ from_folder.keys() if "/names/" in path}
    assert len(odd) <= 6
    assert {path: from_image[path] for path in from_image if path not in odd} == {
        path: from_folder[path] for path in from_folder if path not in odd
    }
    assert (image_gaps, folder_gaps) == ([], [])


@pytest.mark.parametrize("filesystem", ["ntfs", "fat32", "exfat", "ext4"])
def test_a_folder_with_the_files_of_a_scene_reads_as_its_image_does(filesystem, tmp_path):
    files = next(volume for volume in SCENES["mixed_partitions"].volumes if volume.filesystem == filesystem).files
    volume = Volume(filesystem=filesystem, size=40 << 20, label="SAME", made=MADE, files=files)
    scene = Scene(name="same", about="", volumes=(volume,), expected=SCENES["mixed_partitions"].expected)
    build(lambda: write_disk(scene, tmp_path / "disk.img", "none"))
    with closing(Image(tmp_path / "disk.img")) as image:
        from_image, image_gaps = seen(image)
    from_folder, folder_gaps = seen(Folder(build_folder(scene, tmp_path / "tree")))
    assert from_image == from_folder
    assert (image_gaps, folder_gaps) == ([], [])
    assert len(from_folder) > 10
