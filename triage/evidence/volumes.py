"""The volumes of a disk: what each holds, whether it opens, and what it is called.

File systems that open are numbered from 0 in on-disk order; areas that do not follow, in on-disk order, each with its
problem. Extended-partition containers, tables, swap and Microsoft's reserved partition are no volumes.

Limits:
    Dynamic disks (LDM), LVM, RAID and Storage Spaces are named, not assembled. A deleted partition is found where
    its boot sector stands at the beginning of a gap or at one of the usual places behind it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytsk3

from triage.evidence.containers import Disk
from triage.evidence.labels import label_of
from triage.evidence.partitions import RESERVED_TYPE, SWAP_TYPES, Partition, PartitionTable, partition_table
from triage.evidence.signatures import HEAD, recognise, serial
from triage.model import UnixNs

_MEBIBYTE = 1 << 20
_PIECE = 512
_UNREADABLE_HERE = {
    "bitlocker": "BitLocker: cannot be read without its key",
    "luks": "LUKS: cannot be read without its key",
    "refs": "ReFS is not read",
    "lvm": "LVM physical volume is not assembled",
    "xfs": "XFS is not read",
    "btrfs": "Btrfs is not read",
    "apfs": "APFS is not read",
    "f2fs": "F2FS is not read",
    "squashfs": "SquashFS is not read",
    "linux-raid": "Linux RAID member is not assembled",
    "storage-spaces": "Storage Spaces member is not assembled",
}
_DYNAMIC_DISK = {"0x42", "af9b60a0-1431-4f62-bc68-3311714a69ad", "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3"}
_TYPES = {
    int(getattr(pytsk3, f"TSK_FS_TYPE_{name.upper()}")): name
    for name in ("ntfs", "fat12", "fat16", "fat32", "exfat", "ext2", "ext3", "ext4", "hfs", "iso9660", "yaffs2")
} | {int(getattr(pytsk3, f"TSK_FS_TYPE_{name}")): "ufs" for name in ("FFS1", "FFS1B", "FFS2")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """An area of the disk that is, or should be, a file system.

    Attributes:
        index: from 0; see the module.
        offset: bytes from the start of the media.
        size: bytes, as far as the media go.
        filesystem: `ntfs fat12 fat16 fat32 exfat ext2 ext3 ext4 hfs iso9660 …` as The Sleuth Kit knows it, else
            `bitlocker luks refs lvm xfs btrfs …`, or `unknown`.
        label: as the volume stores it, not yet printable; empty where there is none.
        serial: volume serial number or UUID, empty where there is none.
        opened: whether its entries can be walked.
        problem: one line; a volume that opens may have one, too (`deleted partition`).
        parent: index of the volume that this is a shadow copy of; the rest is of shadow copies, too.
        store: identifier of its store.
        taken: when it was made.
    """

    index: int
    offset: int
    size: int
    filesystem: str
    label: str = ""
    serial: str = ""
    opened: bool
    problem: str = ""
    parent: int | None = None
    store: str = ""
    taken: UnixNs | None = None


class TskImage(pytsk3.Img_Info):  # type: ignore[misc]
    """A disk as The Sleuth Kit reads it.

    An exception from `read` would come out of The Sleuth Kit as a RuntimeError, wherever it was caught. So a failed
    read gives the bytes before the failure: metadata then raise OSError, file content comes short, or with zeros at
    its end. Whoever reads content asks `failed`.

    Attributes:
        failed: (first byte, byte behind the last) on the media of every read that failed.
    """

    def __init__(self, disk: Disk) -> None:
        self.failed: list[tuple[int, int]] = []
        self._disk = disk
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    @staticmethod
    def of(disk: Disk) -> pytsk3.Img_Info:
        """The faster of two ways: one plain raw file is opened by The Sleuth Kit itself."""
        name = os.fspath(disk.parts[0]) if disk.format == "raw" else ""
        if name and name.isprintable():  # which excludes what UTF-8 cannot carry
            return pytsk3.Img_Info(url=name, type=pytsk3.TSK_IMG_TYPE_RAW_SING)
        return TskImage(disk)

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes; fewer at the end of the media, or where a read failed."""
        with suppress(OSError):
            return self._disk.read(offset, size)
        whole = bytearray()
        with suppress(OSError):
            while len(whole) < size and (piece := self._disk.read(offset + len(whole), min(_PIECE, size - len(whole)))):
                whole += piece
        if (offset + len(whole), offset + size) not in self.failed:
            self.failed.append((offset + len(whole), offset + size))
        return bytes(whole)

    def get_size(self) -> int:
        """Bytes of media."""
        return self._disk.size

    def close(self) -> None:
        """The disk stays open; whoever opened it closes it."""


def volumes(disk: Disk) -> tuple[Volume, ...]:
    """Every volume of a disk; one of unknown kind where nothing is recognised."""
    try:
        table = partition_table(disk)
    except OSError as error:
        unreadable = Volume(index=0, offset=0, size=disk.size, filesystem="unknown", opened=False, problem=str(error))
        return (unreadable,)
    image = TskImage.of(disk)
    found = list(_found(disk, image, table))
    ordered = sorted(found, key=lambda volume: (not volume.opened, volume.offset, -volume.size))
    problem = table.problem if table else ""
    if not ordered:
        problem = problem or "no partition table and no file system is recognised"
        ordered = [Volume(index=0, offset=0, size=disk.size, filesystem="unknown", opened=False)]
    return tuple(
        replace(volume, index=index, problem=volume.problem or problem) for index, volume in enumerate(ordered)
    )


def _found(disk: Disk, image: pytsk3.Img_Info, table: PartitionTable | None) -> Iterator[Volume]:
    partitions = table.partitions if table else ()
    if table is None and recognise(disk.read(0, HEAD)):
        whole = _examined(disk, image, Partition(offset=0, size=disk.size, type=""))
        if whole is not None:
            yield whole
        return
    for partition in partitions:
        volume = _examined(disk, image, partition)
        if volume is not None:
            yield volume
    for start, end in _gaps(partitions, disk.size):
        for volume in _deleted(disk, image, start, end):
            yield replace(volume, problem=table.problem if table and table.problem else "deleted partition")


def _gaps(partitions: tuple[Partition, ...], size: int) -> Iterator[tuple[int, int]]:
    """(start, end) of what no partition covers, where it is a mebibyte or more."""
    reached = 0
    for partition in (*partitions, Partition(offset=size, size=0, type="")):
        until = min(partition.offset, size)
        if until - reached >= _MEBIBYTE:
            yield reached, until
        reached = max(reached, partition.offset + partition.size)


def _deleted(disk: Disk, image: pytsk3.Img_Info, start: int, end: int) -> Iterator[Volume]:
    """File systems in a gap: at its beginning, a track behind it or on the next whole mebibyte; then the one behind."""
    while end - start >= _MEBIBYTE:
        mebibyte = start // _MEBIBYTE * _MEBIBYTE + _MEBIBYTE
        for offset in (start, start + 62 * 512, start + 63 * 512, mebibyte):
            if 0 < offset < end and _recognised(disk, offset):
                volume = _examined(disk, image, Partition(offset=offset, size=end - offset, type=""))
                if volume is not None and volume.opened:
                    break
        else:
            return
        size = min(_file_system_size(image, offset), end - offset)
        yield replace(volume, size=size)
        start = offset + max(size, 512)


def _recognised(disk: Disk, offset: int) -> bool:
    try:
        return bool(recognise(disk.read(offset, HEAD)))
    except OSError:
        return False


def _file_system_size(image: pytsk3.Img_Info, offset: int) -> int:
    info = pytsk3.FS_Info(image, offset=offset).info
    return int(info.block_count) * int(info.block_size)


def _examined(disk: Disk, image: pytsk3.Img_Info, area: Partition) -> Volume | None:
    """What the table promises at an area; None where that is no volume."""
    size = max(0, min(area.size, disk.size - area.offset))
    closed = Volume(index=0, offset=area.offset, size=size, filesystem="unknown", opened=False)
    if not size:
        return replace(closed, problem="begins behind the end of the media")
    try:
        head = disk.read(area.offset, min(HEAD, size))
    except OSError as error:
        return replace(closed, problem=f"its first sectors cannot be read: {error}")
    kind = recognise(head)
    if kind == "swap" or (not kind and area.type in SWAP_TYPES | {RESERVED_TYPE}):
        return None
    closed = replace(closed, filesystem=kind or "unknown", serial=serial(kind, head))
    if kind in _UNREADABLE_HERE:
        return replace(closed, problem=_UNREADABLE_HERE[kind])
    if area.type in _DYNAMIC_DISK and not kind:
        return replace(closed, filesystem="ldm", problem="dynamic disk (LDM) is not assembled")
    try:
        system = pytsk3.FS_Info(image, offset=area.offset)
    except OSError as error:
        return replace(closed, problem=_why(kind, error))
    name = _TYPES.get(int(system.info.ftype), "unknown")
    missing = area.offset + area.size - disk.size
    return replace(
        closed,
        filesystem=name,
        label=label_of(name, system, disk, area.offset, head),
        serial=serial(name, head),
        opened=True,
        problem=f"ends {missing} bytes behind the end of the media" if missing > 0 else "",
    )


def _why(kind: str, error: OSError) -> str:
    reason = " ".join(str(error).rpartition("with error: ")[2].split())
    return f"{kind.upper()} file system is damaged: {reason}" if kind else f"no file system is recognised: {reason}"
