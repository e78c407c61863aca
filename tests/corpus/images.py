"""The real images, each as a disk that fls can read: unpacked or converted once for a run, as sparse files."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO

import pytest

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

RAW = tuple(
    f"dfir_ntfs/test_data/{name}"
    for name in (
        "exfat_encrypted.raw.gz",
        "exfat_lin_part.raw.gz",
        "exfat_orphan.raw.gz",
        "exfat_win.raw.gz",
        "fat12.raw.gz",
        "fat16.raw.gz",
        "fat16_moved.raw.gz",
        "fat32_full_test.tgz",
        "fat32_loop.raw.gz",
        "fat32_small.raw.gz",
        "fat64.raw.gz",
        "fat_deleted_dir.raw.gz",
        "fat_deleted_dir_2.raw.gz",
        "fat_dir.raw.gz",
        "fat_lfn_test.raw.gz",
        "fat_noloop.raw.gz",
        "fat_unusual_cluster.raw.gz",
        "fat_unusual_label.raw.gz",
        "gpt-512-0p.raw.gz",
        "gpt-512-3p.raw.gz",
        "mbr-512-p1e2.bin.gz",
        "mbr-win-512.raw.tgz",
        "ntfs3.raw.gz",
        "ntfs3_attrlist.raw.gz",
        "ntfs_index.raw.gz",
        "vss_1_vol.tar.gz",
        "vss_2003.tgz",
        "vss_2_stor.tar.gz",
        "vss_3_volstor.tar.gz",
        "win_exfat_7.raw.gz",
    )
)
CONTAINERS = (
    "plaso/test_data/image.E01",
    "plaso/test_data/image.qcow2",
    "plaso/test_data/image.vhd",
    "plaso/test_data/image.vmdk",
    "plaso/test_data/vsstest.qcow2",
    "dfvfs/test_data/ext2.E01",
    "dfvfs/test_data/ext2.qcow2",
    "dfvfs/test_data/ext2.vmdk",
    "dfvfs/test_data/windows_volume.qcow2",
)
SMALL = tuple(name for name in RAW if "vss_" not in name and "full_test" not in name)

ROOM = 1 << 30
"""Bytes that a run needs for all of them; vss_2003 alone has 128 GiB of media and 80 MB of content."""


class Unpacked:
    """Images by name of the sample, unpacked when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._raw: dict[str, Path] = {}

    def raw(self, name: str) -> Path:
        """The media of a sample as a raw file; skips where the sample or its room is absent."""
        if name not in self._raw:
            source = CORPUS / name
            if not source.exists():
                pytest.skip(f"no {name}")
            if shutil.disk_usage(self._folder).free < ROOM:
                pytest.skip("too little room for sparse images")
            self._raw[name] = self._unpack(source, self._folder / name.replace("/", "_"))
        return self._raw[name]

    @staticmethod
    def given(name: str, raw: Path) -> Path:
        """What triage is given: the container where there is one, else the raw file."""
        return CORPUS / name if name in CONTAINERS else raw

    @staticmethod
    def _unpack(source: Path, target: Path) -> Path:
        if source.name.endswith(("tgz", "tar.gz")):
            target.mkdir()
            run("tar", "xSf", source, "-C", target)
            return next(path for path in target.iterdir() if path.suffix == ".raw")
        if source.suffix == ".gz":
            with gzip.open(source, "rb") as packed, target.open("wb") as out:
                copy_sparse(packed.read(), out)
        elif source.suffix == ".E01":
            run("ewfexport", "-q", "-u", "-t", target, "-f", "raw", source)
            return target.with_name(target.name + ".raw")
        else:
            run("qemu-img", "convert", "-O", "raw", source, target)
        return target


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def copy_sparse(data: bytes, out: BinaryIO) -> None:
    """Writes data into an open file, leaving out what is zero."""
    block = 1 << 16
    empty = bytes(block)
    for at in range(0, len(data), block):
        piece = data[at : at + block]
        if piece != empty[: len(piece)]:
            out.seek(at)
            out.write(piece)
    out.truncate(len(data))
