"""Opening a disk: what container it is, told by its content and never by its name."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from triage.errors import EvidenceError
from triage.evidence import ewf_sections, qcow2, vmdk
from triage.evidence.blockdevice import BlockDisk, is_device
from triage.evidence.ewf import open_ewf, segments
from triage.evidence.ewf_layout import UnknownLayoutError
from triage.evidence.library import beside, open_ewf_by_library, open_vhd, open_vmdk
from triage.evidence.parts import open_readonly, read_at
from triage.evidence.partsets import part_set
from triage.evidence.raw import RawDisk
from triage.evidence.signatures import HEAD, recognise

_VHD = b"conectix"
_VHD_FIXED = 2
_VHDX = b"vhdxfile"
_MOST_BACKING = 64

_REFUSED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"LVF\x09\x0d\x0a\xff\x00", "logical evidence (L01): give the disk image it was made from"),
    (0, b"LEF2\x0d\x0a\x81\x00", "logical evidence (Lx01): give the disk image it was made from"),
    (0, b"AFF10\r\n\0", "an AFF image: convert it to raw or E01"),
    (0x40, b"\x7f\x10\xda\xbe", "a VDI image: convert it to raw"),
    (0, b"WithoutFreeSpace", "a Parallels image: convert it to raw"),
    (0, b"WithouFreSpacExt", "a Parallels image: convert it to raw"),
    (0, b"\x1f\x8b\x08", "compressed by gzip: unpack it first"),
    (0, b"BZh", "compressed by bzip2: unpack it first"),
    (0, b"\xfd7zXZ\0", "compressed by xz: unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "compressed by zstd: unpack it first"),
    (0, b"PK\x03\x04", "a ZIP archive: unpack it first"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (0, b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
)
"""What is known and not read: where, which bytes, what it is and what to do."""


class Disk(Protocol):
    """The bytes of a disk, whatever it is kept in. Never writes; safe to read from several threads.

    Attributes:
        format: `raw split-raw ewf vmdk vhd vhdx qcow2 device`.
        size: bytes of media.
        parts: every file it is made of.
        stored_hashes: lower-case hex digests of the media that the container carries, by `md5` and `sha1`.
    """

    format: str
    size: int
    parts: tuple[Path, ...]
    stored_hashes: Mapping[str, str]

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes; fewer only at the end of the media.

        Raises:
            OSError: they cannot be read; the message has the offset.
        """

    def view(self, offset: int, size: int) -> memoryview | None:
        """As `read`, without a copy, where the container is one plain file; else None."""

    def close(self) -> None:
        """Closes every file."""


def open_disk(path: Path) -> Disk:
    """The disk at path: an image, any part of a set, or a block device.

    Raises:
        EvidenceError: it is no disk, a part is missing, or its container is damaged or not read here.
    """
    return _open(path, ())


def is_disk_image(path: Path) -> bool:
    """Whether the content says disk: a container, a partition table, a file system; or path is a block device."""
    if is_device(path):
        return True
    try:
        if not path.is_file():
            return False
        head, tail = _ends(path)
        if _container(head, tail) or _speaks_of_disk(head):
            return True
        first = part_set(path)[0]
        return first != path and is_disk_image(first)
    except (OSError, EvidenceError):
        return False


def _open(path: Path, above: tuple[Path, ...]) -> Disk:
    if is_device(path):
        return BlockDisk(path)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise EvidenceError(f"{path}: neither a file nor a block device")
        head, tail = _ends(path)
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not head:
        raise EvidenceError(f"{path}: empty file: copy the image again")
    for offset, mark, what in _REFUSED:
        if head.startswith(mark, offset):
            raise EvidenceError(f"{path}: {what}")
    match _container(head, tail):
        case "ewf":
            return _open_ewf(path)
        case "ewf2":
            return open_ewf_by_library(tuple(segments(path).values()))
        case "vmdk":
            return open_vmdk(path)
        case "vhd":
            return _open_vhd(path, tail)
        case "vhdx":
            return open_vhd(path)
        case "qcow2":
            return _open_qcow2(path, above)
    return _open_raw(path)


def _ends(path: Path) -> tuple[bytes, bytes]:
    """First HEAD and last 512 bytes."""
    descriptor = open_readonly(path)
    try:
        size = os.fstat(descriptor).st_size
        return read_at(descriptor, 0, HEAD), read_at(descriptor, max(0, size - 512), 512)
    finally:
        os.close(descriptor)


def _container(head: bytes, tail: bytes) -> str:
    """Name of the container; empty for raw."""
    if head.startswith(ewf_sections.SIGNATURE):
        return "ewf"
    if head.startswith(ewf_sections.SIGNATURE_2):
        return "ewf2"
    if head.startswith((vmdk.SPARSE, vmdk.COW)) or vmdk.is_descriptor(head[:512]):
        return "vmdk"
    if head.startswith(_VHDX):
        return "vhdx"
    if head.startswith(qcow2.MAGIC):
        return "qcow2"
    # versions of Virtual PC before 2004 wrote a footer of 511 bytes
    if head.startswith(_VHD) or tail.startswith(_VHD) or tail.startswith(_VHD, 1):
        return "vhd"
    return ""


def _speaks_of_disk(head: bytes) -> bool:
    if head.startswith(b"EFI PART", 512) or head.startswith(b"EFI PART", 4096):
        return True
    table = [head[start : start + 16] for start in range(446, 510, 16)]
    is_table = head[510:512] == b"\x55\xaa" and all(entry[0] in {0, 0x80} for entry in table)
    return bool(recognise(head)) or (is_table and any(entry[4] for entry in table))


def _open_ewf(path: Path) -> Disk:
    try:
        return open_ewf(path)
    except UnknownLayoutError as refused:
        try:
            return open_ewf_by_library(tuple(segments(path).values()))
        except EvidenceError:
            raise refused from None


def _open_vhd(path: Path, tail: bytes) -> Disk:
    footer = tail[tail.find(_VHD) :]
    if tail.find(_VHD) >= 0 and int.from_bytes(footer[60:64], "big") == _VHD_FIXED:
        return RawDisk([path], "vhd", int.from_bytes(footer[48:56], "big"))
    return open_vhd(path)


def _open_qcow2(path: Path, above: tuple[Path, ...]) -> Disk:
    def backing(name: str, kind: str) -> Disk:
        below = beside(path, name, "backing file")
        if len(above) >= _MOST_BACKING or below.resolve() in above:
            raise EvidenceError(f"{path}: its chain of backing files has no end")
        # a guest's raw disk may begin like a container; where the overlay says raw, it is raw
        return RawDisk([below], "raw") if kind == "raw" else _open(below, (*above, path.resolve()))

    return qcow2.Qcow2Disk(path, backing)


def _open_raw(path: Path) -> Disk:
    try:
        parts = part_set(path)
        if parts[0] != path and (inside := _container(*_ends(parts[0]))):
            raise EvidenceError(f"{parts[0]}: {inside} image cut into parts: join them into one file first")
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror}") from error
    return RawDisk(parts, "split-raw" if len(parts) > 1 else "raw")
