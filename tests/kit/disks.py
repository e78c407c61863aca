"""Disks that invite to be written to: harmless fakes, an NTFS volume marked dirty, an ext4 with a journal to replay."""

from __future__ import annotations

import hashlib
import struct
import subprocess
from pathlib import Path

from samples_fake.build import build_image
from samples_fake.scenes import SCENES

SECTOR = 512
START = 2048 * SECTOR
_VOLUME_RECORD = 3
_VOLUME_INFORMATION = 0x70
_DIRTY = 1
_RECOVER = 4


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def infected(path: Path) -> Path:
    return build_image(SCENES["infected_windows"], path)


def make_dirty(path: Path) -> None:
    """Sets the dirty flag in `$Volume`, as a Windows leaves it that was switched off: mounting it writes to it."""
    with path.open("r+b") as disk:
        disk.seek(START)
        boot = disk.read(SECTOR)
        cluster = struct.unpack_from("<H", boot, 11)[0] * boot[13]
        per_record = struct.unpack_from("<b", boot, 64)[0]
        size = per_record * cluster if per_record > 0 else 1 << -per_record
        for table in (48, 56):  # $MFT and its mirror
            record = START + struct.unpack_from("<Q", boot, table)[0] * cluster + _VOLUME_RECORD * size
            disk.seek(record)
            data = disk.read(size)
            flags = _volume_flags(data)
            disk.seek(record + flags)
            disk.write(struct.pack("<H", struct.unpack_from("<H", data, flags)[0] | _DIRTY))


def _volume_flags(record: bytes) -> int:
    at = struct.unpack_from("<H", record, 20)[0]
    while struct.unpack_from("<I", record, at)[0] != _VOLUME_INFORMATION:
        at += struct.unpack_from("<I", record, at + 4)[0]
    return at + struct.unpack_from("<H", record, at + 20)[0] + 10


def with_journal_to_replay(path: Path) -> Path:
    """An ext4 whose journal holds a block that is not on its place yet: whoever mounts it writes."""
    with path.open("xb") as out:
        out.truncate(32 << 20)
    block = path.with_name("block")
    block.write_bytes(b"only in the journal\n".ljust(1024, b"\0"))
    subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "1024", "-L", "DATA", path], check=True)
    commands = "journal_open\njournal_write -b 9000 block\njournal_close\n"
    subprocess.run(
        ["debugfs", "-w", "-f", "-", path], input=commands.encode(), cwd=path.parent, check=True, capture_output=True
    )
    with path.open("r+b") as disk:
        disk.seek(1024 + 0x60)
        assert struct.unpack("<I", disk.read(4))[0] & _RECOVER
    return path


def journal_was_replayed(path: Path) -> bool:
    with path.open("rb") as disk:
        disk.seek(9000 * 1024)
        return disk.read(19) == b"only in the journal"


def data_stick(path: Path, size: int = 128 << 20) -> Path:
    """A second stick: one FAT32 partition, labelled for results."""
    with path.open("xb") as out:
        out.truncate(size)
    script = b"label: dos\nstart=2048, type=c\n"
    subprocess.run(["sfdisk", "-q", path], input=script, check=True)
    part = path.with_name("part")
    with part.open("xb") as out:
        out.truncate(size - START)
    subprocess.run(["mkfs.vfat", "-F", "32", "-n", "TRIAGE-DATA", part], check=True, capture_output=True)
    with part.open("rb") as source, path.open("r+b") as disk:
        disk.seek(START)
        disk.write(source.read())
    part.unlink()
    return path
