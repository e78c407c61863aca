"""Recycle Bin: what was deleted, from where, when. `$I` files of Vista and later, `INFO2` of XP and 2003.

References:
    libyal, "Windows Recycle.Bin file formats": $I versions 1 and 2, INFO2 version 5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import from_filetime

SIZE_MAX = 1 << 20
"""Bytes of a `$I` file; 32,767 characters of path need 64 KiB."""
INFO2_MAX = 64 << 20
"""Bytes of an `INFO2`: more than 80,000 deleted files."""

_ITEM = struct.Struct("<QQq")
_INFO2_HEADER = struct.Struct("<I8xI4x")
_INFO2_RECORD = struct.Struct("<260sIIqI")
_UNICODE = 520


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """One deleted file or folder. size: bytes; index: the number in its name in the bin, INFO2 only."""

    path: str
    size: int
    when: UnixNs | None
    index: int | None = None


def parse_item(data: bytes) -> Deleted:
    """A `$I` file.

    Raises:
        FormatError: it is none.
    """
    if len(data) < _ITEM.size:
        raise FormatError("$I header", 0)
    version, size, ticks = _ITEM.unpack_from(data)
    if version == 1:
        raw = data[_ITEM.size : _ITEM.size + _UNICODE]
    elif version == 2 and len(data) >= _ITEM.size + 4:
        count = int.from_bytes(data[_ITEM.size : _ITEM.size + 4], "little")
        raw = data[_ITEM.size + 4 : _ITEM.size + 4 + 2 * count]
        if len(raw) < 2 * count:
            raise FormatError("$I path", _ITEM.size)
    else:
        raise FormatError(f"$I version {version}", 0)
    path = _text(raw)
    if not path:
        raise FormatError("$I path", _ITEM.size)
    return Deleted(path=path, size=size, when=_time(ticks))


def parse_info2(data: bytes) -> Iterator[Deleted]:
    """The records of an `INFO2`; those whose file was restored or wiped from the bin included.

    Raises:
        FormatError: it is none, or it ends within a record.
    """
    if len(data) < _INFO2_HEADER.size:
        raise FormatError("INFO2 header", 0)
    version, size = _INFO2_HEADER.unpack_from(data)
    if version not in (4, 5) or size not in (_INFO2_RECORD.size, _INFO2_RECORD.size + _UNICODE):
        raise FormatError(f"INFO2 version {version}, records of {size} bytes", 0)
    at = _INFO2_HEADER.size
    while at + size <= len(data):
        short, index, _, ticks, length = _INFO2_RECORD.unpack_from(data, at)
        long = _text(data[at + _INFO2_RECORD.size : at + size])
        # a removed record loses the first character of its short path, the drive
        path = long or short.partition(b"\0")[0].decode("latin-1") or short[1:].partition(b"\0")[0].decode("latin-1")
        if path:
            yield Deleted(path=path, size=length, when=_time(ticks), index=index)
        at += size
    if data[at:].strip(b"\0"):
        raise FormatError("INFO2 record", at)


def _text(raw: bytes) -> str:
    text = raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")
    return text.partition("\0")[0]


def _time(ticks: int) -> UnixNs | None:
    return from_filetime(ticks) if ticks > 0 else None
