"""What the first bytes of an area say it holds, and the label and serial that stand in them.

References:
    libyal's format documents (BDE, FSREFS, LUKSDE, FSXFS, FSBTRFS, FSAPFS); Microsoft, "FAT32 File System
    Specification", "exFAT file system specification".
"""

from __future__ import annotations

import uuid

HEAD = 0x11000
"""Bytes to give `recognise`: the farthest mark, that of Btrfs, stands at 0x10040."""

_BITLOCKER_TO_GO = uuid.UUID("4967D63B-2E29-4AD8-8399-F6A339E3D001").bytes_le

_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (3, b"-FVE-FS-", "bitlocker"),
    (424, _BITLOCKER_TO_GO, "bitlocker"),
    (3, b"NTFS    ", "ntfs"),
    (3, b"EXFAT   ", "exfat"),
    (3, b"ReFS\0\0\0\0", "refs"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"LABELONE", "lvm"),
    (512, b"LABELONE", "lvm"),
    (1024, b"LABELONE", "lvm"),
    (1536, b"LABELONE", "lvm"),
    (0, b"XFSB", "xfs"),
    (32, b"NXSB", "apfs"),
    (1024, b"H+\x00\x04", "hfs"),
    (1024, b"HX\x00\x05", "hfs"),
    (1080, b"\x53\xef", "ext"),
    (1024, b"\x10\x20\xf5\xf2", "f2fs"),
    (4096, b"\xfc\x4e\x2b\xa9", "linux-raid"),
    (0x10040, b"_BHRfS_M", "btrfs"),
    (0x8001, b"CD001", "iso9660"),
    (4086, b"SWAPSPACE2", "swap"),
    (0, b"hsqs", "squashfs"),
    (0, b"SPACEDB ", "storage-spaces"),
)
"""Where, which bytes, what they mean; the first that fits counts, so what encrypts stands before what it wraps."""

BOOT_SECTORS = frozenset({"bitlocker", "ntfs", "exfat", "refs", "fat"})
"""What has its own boot sector where a partition table would stand."""


def recognise(head: bytes) -> str:
    """Names what an area holds: a name of `_MARKS`, or `fat`; empty where nothing is known.

    Args:
        head: the area's first HEAD bytes, fewer where it is smaller.
    """
    for offset, mark, name in _MARKS:
        if head.startswith(mark, offset):
            return name
    return "fat" if _is_fat(head) else ""


def _is_fat(head: bytes) -> bool:
    if len(head) < 512 or head[510:512] != b"\x55\xaa" or head[0] not in {0xEB, 0xE9}:
        return False
    sector, per_cluster = int.from_bytes(head[11:13], "little"), head[13]
    reserved, copies, media = int.from_bytes(head[14:16], "little"), head[16], head[21]
    return (
        sector in {512, 1024, 2048, 4096}
        and per_cluster > 0
        and per_cluster & (per_cluster - 1) == 0
        and reserved > 0
        and copies in {1, 2}
        and media >= 0xF0
    )


def serial(kind: str, head: bytes) -> str:
    """A volume's serial number or UUID as its own system prints it; empty where there is none."""
    match kind:
        case "ntfs":
            return head[0x48:0x50][::-1].hex().upper()
        case "exfat":
            return _dashed(head[0x64:0x68])
        case "fat32":
            return _dashed(head[0x43:0x47])
        case "fat12" | "fat16":
            return _dashed(head[0x27:0x2B])
        case "ext" | "ext2" | "ext3" | "ext4":
            return _uuid(head[0x468:0x478])
        case "luks":
            return head[168:208].partition(b"\0")[0].decode("ascii", "replace")
        case "xfs":
            return _uuid(head[32:48])
        case "btrfs":
            return _uuid(head[0x10020:0x10030])
    return ""


def _dashed(raw: bytes) -> str:
    text = raw[::-1].hex().upper()
    return f"{text[:4]}-{text[4:]}" if len(raw) == 4 else ""


def _uuid(raw: bytes) -> str:
    return str(uuid.UUID(bytes=raw)) if len(raw) == 16 else ""
