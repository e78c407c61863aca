"""QCOW2 images, versions 2 and 3: clusters found through two levels of tables, zlib-compressed ones inflated.

Limits:
    The current state is read, not internal snapshots. Encryption, zstd, extended L2 entries and external data files
    are refused.

References:
    QEMU, docs/interop/qcow2.txt.
"""

from __future__ import annotations

import errno
import struct
import sys
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from triage.errors import EvidenceError
from triage.evidence.inflate import InflateError, inflate_raw
from triage.evidence.parts import PartFiles

MAGIC = b"QFI\xfb"
_HEADER = struct.Struct(">4sIQIIQIIQ")
_COMPRESSED = 1 << 62
_OFFSET = 0x00FFFFFFFFFFFE00
_HARMLESS = 0b11  # incompatible features: dirty, corrupt: counts of references are off, not the map
_NAMED = {2: "an external data file", 3: "zstd compression", 4: "extended L2 entries"}
_BACKING_FORMAT = 0xE2792ACA
_MOST_L1 = 32 << 20


class Backing(Protocol):
    """What lies under an image: any Disk."""

    size: int
    parts: tuple[Path, ...]

    def read(self, offset: int, size: int) -> bytes: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    cluster_bits: int
    size: int
    l1_size: int
    l1_offset: int
    backing: str
    backing_format: str


class Qcow2Disk:
    """The media inside a QCOW2 image. Safe to read from several threads.

    Args:
        path: the image.
        open_backing: gives what lies under it, by the name and format ("" where unknown) that the image tells.

    Raises:
        EvidenceError: damaged header, absurd sizes, or a feature that is not read here.
    """

    format = "qcow2"
    stored_hashes: Mapping[str, str] = {}

    def __init__(self, path: Path, open_backing: Callable[[str, str], Backing]) -> None:
        self._files = PartFiles([path])
        try:
            header = _read_header(path, self._files)
            self._bits = header.cluster_bits
            self._l2_bits = self._bits - 3
            self.size = header.size
            needed = -(-header.size >> (self._bits + self._l2_bits))
            if needed > header.l1_size or needed * 8 > _MOST_L1:
                raise EvidenceError(
                    f"{path}: QCOW2 header is damaged: L1 table does not fit {header.size} bytes of media"
                )
            self._l1 = _table(self._files.read(0, header.l1_offset, needed * 8))
        except OSError as error:
            raise EvidenceError(f"{path}: QCOW2 header or L1 table: {error.strerror}") from error
        self._backing = open_backing(header.backing, header.backing_format) if header.backing else None
        self.parts: tuple[Path, ...] = (path, *(self._backing.parts if self._backing else ()))
        self._lock = threading.Lock()
        self._l2: OrderedDict[int, array[int]] = OrderedDict()
        self._inflated: OrderedDict[int, bytes | bytearray] = OrderedDict()

    def read(self, offset: int, size: int) -> bytes:
        end = min(offset + size, self.size)
        pieces: list[bytes | memoryview] = []
        while offset < end:
            within = offset & ((1 << self._bits) - 1)
            take = min(end - offset, (1 << self._bits) - within)
            try:
                pieces.append(self._piece(offset, within, take))
            except (OSError, InflateError) as error:
                message = f"cannot read offset {offset}: {error}"
                raise OSError(getattr(error, "errno", None) or errno.EIO, message, str(self.parts[0])) from error
            offset += take
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def view(self, offset: int, size: int) -> memoryview | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        self._files.close()
        if self._backing:
            self._backing.close()

    def _piece(self, offset: int, within: int, take: int) -> bytes | memoryview:
        entry = self._entry(offset >> self._bits)
        if entry & _COMPRESSED:
            return memoryview(self._inflate(entry))[within : within + take]
        host = entry & _OFFSET
        if entry & 1 or (not host and not self._backing):
            return bytes(take)
        if not host:
            below = self._backing.read(offset, take) if self._backing else b""
            return below.ljust(take, b"\0")  # an overlay may be larger than what it lies on
        return self._files.read(0, host + within, take)

    def _entry(self, cluster: int) -> int:
        table = self._l1[cluster >> self._l2_bits] & _OFFSET
        if not table:
            return 0
        with self._lock:
            entries = self._l2.get(table)
        if entries is None:
            entries = _table(self._files.read(0, table, 1 << self._bits))
            with self._lock:
                self._l2[table] = entries
                while len(self._l2) > 1 and len(self._l2) << self._bits > 8 << 20:
                    self._l2.popitem(last=False)
        return entries[cluster & ((1 << self._l2_bits) - 1)]

    def _inflate(self, entry: int) -> bytes | bytearray:
        with self._lock:
            content = self._inflated.get(entry)
        if content is not None:
            return content
        shift = 62 - (self._bits - 8)
        host = entry & ((1 << shift) - 1)
        sectors = ((entry & (_COMPRESSED - 1)) >> shift) + 1
        held = min(sectors * 512 - (host & 511), self._files.sizes[0] - host)
        if held <= 0:
            raise OSError(errno.EIO, f"compressed cluster at {host} lies behind the end of the file")
        content = inflate_raw(self._files.read(0, host, held), 1 << self._bits)
        if len(content) != 1 << self._bits:
            raise InflateError(f"compressed cluster at {host} is short")
        with self._lock:
            self._inflated[entry] = content
            while len(self._inflated) > 1 and len(self._inflated) << self._bits > 2 << 20:
                self._inflated.popitem(last=False)
        return content


def _table(raw: bytes) -> array[int]:
    numbers = array("Q", raw)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _read_header(path: Path, files: PartFiles) -> _Header:
    raw = files.read(0, 0, min(files.sizes[0], 1 << 16))
    if len(raw) < 72:
        raise EvidenceError(f"{path}: QCOW2 header is cut off")
    _, version, name_at, name_size, bits, size, crypt, l1_size, l1_offset = _HEADER.unpack_from(raw)
    if version not in {2, 3}:
        raise EvidenceError(f"{path}: QCOW version {version} is not read: convert it to QCOW2 or raw")
    if crypt:
        raise EvidenceError(f"{path}: encrypted QCOW2 image: convert it to raw with its key")
    if not 9 <= bits <= 21 or size >= 1 << 63:
        raise EvidenceError(f"{path}: absurd QCOW2 header: clusters of 2^{bits} bytes, {size} bytes of media")
    extensions = 72
    if version == 3:
        features = int.from_bytes(raw[72:80], "big") & ~_HARMLESS
        for bit, feature in _NAMED.items():
            if features & 1 << bit:
                raise EvidenceError(f"{path}: QCOW2 image with {feature} is not read: convert it to raw")
        if features:
            raise EvidenceError(f"{path}: QCOW2 image with unknown features {features:#x}: convert it to raw")
        extensions = int.from_bytes(raw[100:104], "big")
    name = raw[name_at : name_at + name_size] if 0 < name_size < 1024 else b""
    return _Header(
        cluster_bits=bits,
        size=size,
        l1_size=l1_size,
        l1_offset=l1_offset,
        backing=name.decode("utf-8", "replace") if name_at else "",
        backing_format=_backing_format(raw, extensions),
    )


def _backing_format(raw: bytes, start: int) -> str:
    while start + 8 <= len(raw):
        kind, length = struct.unpack_from(">II", raw, start)
        if kind == _BACKING_FORMAT:
            return raw[start + 8 : start + 8 + min(length, 64)].decode("ascii", "replace")
        if not kind:
            break
        start += 8 + (length + 7 & ~7)
    return ""
