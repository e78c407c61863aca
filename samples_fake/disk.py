"""Disks: volumes of harmless fakes behind an MBR or a GPT, or alone."""

from __future__ import annotations

import random
import tempfile
import uuid
from pathlib import Path

from samples_fake.clock import run
from samples_fake.exfat import write_exfat
from samples_fake.ext4 import write_ext4
from samples_fake.fat import write_fat
from samples_fake.ntfs import write_ntfs
from samples_fake.tree import Scene, Volume

SECTOR = 512
ALIGNMENT = 2048
"""Sectors: partitions begin on a MiB, as Windows puts them since Vista."""

TABLES = ("mbr", "gpt", "none")

_MBR_TYPES = {"ntfs": "7", "exfat": "7", "raw": "7", "fat12": "1", "fat16": "e", "fat32": "c", "ext4": "83"}
_GPT_WINDOWS, _GPT_LINUX = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
_COPIED = 1 << 16


def write_disk(scene: Scene, path: Path, table: str = "mbr") -> None:
    """Makes a raw disk image as a sparse file; the same scene gives the same bytes.

    Args:
        scene: one volume for each partition; exactly one where table is "none".
        path: a new file.
        table: one of TABLES.

    Raises:
        ToolError: a tool is missing or failed.
        ValueError: a table that is not known, or several volumes without one.
    """
    if table not in TABLES:
        raise ValueError(f"table {table!r} is not one of {', '.join(TABLES)}")
    if table == "none" and len(scene.volumes) != 1:
        raise ValueError(f"{scene.name} has {len(scene.volumes)} volumes and needs a table")
    starts, end = _layout(scene, table)
    with path.open("xb") as out:
        out.truncate((end + (ALIGNMENT if table == "gpt" else 0)) * SECTOR)
    if table != "none":
        run("sfdisk", "-q", "--no-reread", "--no-tell-kernel", path, data=_script(scene, starts, table).encode())
    for volume, start in zip(scene.volumes, starts, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder, "volume")
            write_volume(volume, part, start)
            _copy_sparse(part, path, start * SECTOR)


def write_volume(volume: Volume, path: Path, start: int = 0) -> None:
    """Makes one volume as a sparse file.

    Args:
        volume: of any file system.
        path: a new file.
        start: where it will lie on the disk, in sectors.
    """
    match volume.filesystem:
        case "ntfs":
            write_ntfs(volume, path, start)
        case "fat12" | "fat16" | "fat32":
            write_fat(volume, path, start)
        case "exfat":
            write_exfat(volume, path)
        case "ext4":
            write_ext4(volume, path)
        case "raw":
            with path.open("xb") as out:
                out.write(volume.raw)
                out.truncate(volume.size)
        case other:
            raise ValueError(f"file system {other!r} is not one that is built here")


def _layout(scene: Scene, table: str) -> tuple[list[int], int]:
    """First sector of each volume, and the first behind the last. A logical one leaves room for its own table."""
    if table == "none":
        return [0], scene.volumes[0].size // SECTOR
    starts, end = [], ALIGNMENT
    for volume in scene.volumes:
        start = end + (ALIGNMENT if volume.logical and table == "mbr" else 0)
        starts.append(start)
        end = start + volume.size // SECTOR
    return starts, end


def _script(scene: Scene, starts: list[int], table: str) -> str:
    """What sfdisk reads; every id fixed by the scene's name."""
    pick = random.Random(scene.name)
    parts = list(zip(scene.volumes, starts, strict=True))
    if table == "gpt":
        lines = [
            "label: gpt",
            f"label-id: {uuid.UUID(int=pick.getrandbits(128), version=4)}",
            f"first-lba: {ALIGNMENT}",
        ]
        for volume, start in parts:
            kind = _GPT_LINUX if volume.filesystem == "ext4" else _GPT_WINDOWS
            identity = uuid.UUID(int=pick.getrandbits(128), version=4)
            lines.append(f"start={start}, size={volume.size // SECTOR}, type={kind}, uuid={identity}")
        return "\n".join(lines) + "\n"
    lines = ["label: dos", f"label-id: {pick.getrandbits(32):#010x}"]
    primary = [one for one in parts if not one[0].logical]
    logical = [one for one in parts if one[0].logical]
    for number, (volume, start) in enumerate(primary, 1):
        active = ", bootable" if number == 1 else ""
        lines.append(
            f"{number}: start={start}, size={volume.size // SECTOR}, type={_MBR_TYPES[volume.filesystem]}{active}"
        )
    if logical:
        first = logical[0][1] - ALIGNMENT
        last = logical[-1][1] + logical[-1][0].size // SECTOR
        lines.append(f"{len(primary) + 1}: start={first}, size={last - first}, type=5")
    for number, (volume, start) in enumerate(logical, 5):
        lines.append(f"{number}: start={start}, size={volume.size // SECTOR}, type={_MBR_TYPES[volume.filesystem]}")
    return "\n".join(lines) + "\n"


def _copy_sparse(source: Path, target: Path, offset: int) -> None:
    """Copies a file into another, leaving out what is zero."""
    empty = bytes(_COPIED)
    with source.open("rb") as read, target.open("r+b") as write:
        at = offset
        while block := read.read(_COPIED):
            if block != empty[: len(block)]:
                write.seek(at)
                write.write(block)
            at += len(block)
