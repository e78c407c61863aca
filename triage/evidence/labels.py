"""A volume's label, where the file system keeps it: `$Volume` of NTFS, the root directory of FAT and exFAT.

References:
    Microsoft, "FAT32 File System Specification" (FAT directory structure), "exFAT file system specification" 7.3.
"""

from __future__ import annotations

from contextlib import suppress

import pytsk3

from triage.evidence.containers import Disk
from triage.text import decode_name

_VOLUME_RECORD = 3
_VOLUME_NAME = 0x60
_MOST_ROOT = 64 << 10
_VOLUME_ID, _LONG_NAME, _EXFAT_LABEL = 0x08, 0x0F, 0x83


def label_of(kind: str, system: pytsk3.FS_Info, disk: Disk, offset: int, head: bytes) -> str:
    """The label; empty where there is none or it cannot be read, which costs nothing but the label.

    Args:
        kind: as `Volume.filesystem`.
        system: the file system, opened.
        disk: where it lies.
        offset: bytes from the start of the media.
        head: its first bytes, `signatures.HEAD` of them.
    """
    with suppress(OSError):
        match kind:
            case "ntfs":
                return _ntfs(system)
            case "fat12" | "fat16" | "fat32":
                return _fat(disk, offset, head, wide=kind == "fat32")
            case "exfat":
                return _exfat(disk, offset, head)
            case "ext2" | "ext3" | "ext4":
                return decode_name(head[0x478:0x488].partition(b"\0")[0])
            case "iso9660":
                return decode_name(head[0x8028:0x8048].rstrip(b" \0"))
    return ""


def _ntfs(system: pytsk3.FS_Info) -> str:
    record = system.open_meta(_VOLUME_RECORD)
    for attribute in record:
        if int(attribute.info.type) == _VOLUME_NAME and 0 < int(attribute.info.size) <= 256:
            raw: bytes = record.read_random(0, int(attribute.info.size), _VOLUME_NAME, int(attribute.info.id))
            return raw.decode("utf-16-le", "surrogatepass")
    return ""


def _fat(disk: Disk, offset: int, head: bytes, *, wide: bool) -> str:
    sector, reserved, copies = _number(head, 11, 2), _number(head, 14, 2), head[16]
    if wide:
        data = (reserved + copies * _number(head, 36, 4)) * sector
        start, size = data + (_number(head, 44, 4) - 2) * head[13] * sector, head[13] * sector
    else:
        start, size = (reserved + copies * _number(head, 22, 2)) * sector, _number(head, 17, 2) * 32
    root = disk.read(offset + start, min(size, _MOST_ROOT)) if start > 0 else b""
    for place in range(0, len(root) - 31, 32):
        if not root[place]:
            break
        if root[place] != 0xE5 and root[place + 11] & 0x3F & (_VOLUME_ID | _LONG_NAME) == _VOLUME_ID:
            return decode_name(root[place : place + 11].rstrip(b" "))
    return ""


def _exfat(disk: Disk, offset: int, head: bytes) -> str:
    sector = 1 << (head[108] & 0x0F)
    cluster = sector << (head[109] & 0x1F)
    start = _number(head, 88, 4) * sector + (_number(head, 96, 4) - 2) * cluster
    root = disk.read(offset + start, min(cluster, _MOST_ROOT)) if start > 0 else b""
    for place in range(0, len(root) - 31, 32):
        if not root[place]:
            break
        if root[place] == _EXFAT_LABEL:
            return root[place + 2 : place + 2 + 2 * min(root[place + 1], 11)].decode("utf-16-le", "surrogatepass")
    return ""


def _number(head: bytes, start: int, size: int) -> int:
    return int.from_bytes(head[start : start + size], "little")
