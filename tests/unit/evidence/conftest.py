"""Disks built once for a run, by the tools that make them in the field."""

import random
import subprocess
from pathlib import Path

import pytest

from tests.unit.evidence.field_tools import needs, run

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus():
    """Path of a sample; skips where it is absent."""

    def find(name):
        path = CORPUS / name
        if not path.exists():
            pytest.skip(f"no {name}")
        return path

    return find


@pytest.fixture(scope="session")
def file_systems(tmp_path_factory):
    """An NTFS, a FAT and an ext4 file system, 4 MiB each, with labels WIN, DATA and LIN."""
    needs("mkntfs", "ntfscp", "mkfs.vfat", "mke2fs")
    folder = tmp_path_factory.mktemp("file_systems")
    noise = folder / "noise.bin"
    noise.write_bytes(random.Random(1).randbytes(2_000_000))
    text = folder / "text.bin"
    text.write_bytes(b"".join(b"line %d of a text\n" % number for number in range(30_000)))
    for name in ("ntfs", "fat", "ext"):
        (folder / name).write_bytes(bytes(4 << 20))
    run("mkntfs", "-Q", "-F", "-q", "-p", 2048, "-s", 512, "-H", 255, "-S", 63, "-L", "WIN", folder / "ntfs")
    run("ntfscp", folder / "ntfs", noise, "noise.bin")
    run("ntfscp", folder / "ntfs", text, "text.bin")
    run("mkfs.vfat", "-n", "DATA", folder / "fat")
    run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "LIN", folder / "ext")
    return {name: (folder / name).read_bytes() for name in ("ntfs", "fat", "ext")}


@pytest.fixture(scope="session")
def partitioned(file_systems, tmp_path_factory):
    """A raw MBR disk of 16 MiB: NTFS in a primary partition, FAT and ext4 in logical ones."""
    needs("sfdisk")
    path = tmp_path_factory.mktemp("partitioned") / "disk.img"
    path.write_bytes(bytes(16 << 20))
    script = (
        "label: dos\nstart=2048,size=8192,type=7\nstart=10240,type=5\n"
        "start=12288,size=8192,type=6\nstart=22528,size=8192,type=83\n"
    )
    subprocess.run(["sfdisk", "-q", str(path)], input=script.encode(), check=True, capture_output=True)
    with path.open("r+b") as disk:
        for offset, name in ((1 << 20, "ntfs"), (6 << 20, "fat"), (11 << 20, "ext")):
            disk.seek(offset)
            disk.write(file_systems[name])
    return path
