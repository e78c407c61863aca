"""The application compatibility cache: programs that Windows looked at, with the time of the file, newest first.

That a program is listed says it was there; only up to Windows Vista and where a flag says so, that it ran.

References:
    Mandiant, "Leveraging the Application Compatibility Cache in Forensic Investigations".
    libyal winreg-kb, "Application Compatibility Cache key".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from triage.errors import FormatError
from triage.model import UnixNs
from triage.times import FILETIME_UNIX_EPOCH, from_filetime

ENTRIES_MAX = 4096

_XP, _VISTA, _SEVEN = 0xDEADBEEF, 0xBADC0FFE, 0xBADC0FEE
_XP_HEADER, _XP_ENTRY = 400, struct.Struct("<528sQQQ")
_OLD_32, _OLD_64 = struct.Struct("<HHIQII"), struct.Struct("<HHIQQII")
_SEVEN_32, _SEVEN_64 = struct.Struct("<HHIQIIII"), struct.Struct("<HHIQQIIQQ")
_EIGHT_HEADER = 128
_MARKS = (b"00ts", b"10ts")
_EXECUTED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    r"""One program.

    Attributes:
        path: as the cache has it (`C:\x.exe`, `\??\C:\x.exe`, `SYSVOL\x.exe`).
        modified: of the file, not of the run.
        executed: None where this Windows does not say.
    """

    path: str
    modified: UnixNs | None
    executed: bool | None = None


def programs(data: bytes) -> Iterator[Cached]:
    """The entries, in the cache's order; what the bytes allow before a fault comes first.

    Raises:
        FormatError: the cache is of no known kind, or cut.
    """
    if len(data) < 16:
        raise FormatError("AppCompatCache header", 0)
    (mark,) = struct.unpack_from("<I", data)
    try:
        if mark == _XP:
            yield from _xp(data)
        elif mark in (_VISTA, _SEVEN):
            yield from _tabled(data, mark)
        else:
            yield from _chained(data, mark)
    except struct.error as error:
        raise FormatError("AppCompatCache entry, cut", len(data)) from error


def _xp(data: bytes) -> Iterator[Cached]:
    (count,) = struct.unpack_from("<I", data, 4)
    for number in range(min(count, ENTRIES_MAX)):
        path, modified, _size, _updated = _XP_ENTRY.unpack_from(data, _XP_HEADER + number * _XP_ENTRY.size)
        if text := _text(path):  # rows never used are empty
            yield Cached(path=text, modified=_when(modified))


def _tabled(data: bytes, mark: int) -> Iterator[Cached]:
    """Server 2003 to Windows 7: a table of rows that point at their path; rows differ by the width of a pointer."""
    (count,) = struct.unpack_from("<I", data, 4)
    start = 8 if mark == _VISTA else 128
    narrow, wide = (_OLD_32, _OLD_64) if mark == _VISTA else (_SEVEN_32, _SEVEN_64)
    # in a row of 64 bits the length is padded: its place of a 32-bit offset is zero
    row = wide if struct.unpack_from("<I", data, start + 4) == (0,) else narrow
    for number in range(min(count, ENTRIES_MAX)):
        fields = row.unpack_from(data, start + number * row.size)
        length, offset = fields[0], fields[3] if row is wide else fields[2]
        modified, flags = (fields[4], fields[5]) if row is wide else (fields[3], fields[4])
        if offset + length > len(data):
            raise FormatError("AppCompatCache path", offset)
        executed = bool(flags & _EXECUTED) if mark == _SEVEN else None
        yield Cached(path=_text(data[offset : offset + length]), modified=_when(modified), executed=executed)


def _chained(data: bytes, header: int) -> Iterator[Cached]:
    """Windows 8 and later: each row begins with a mark and tells its length."""
    eight = data[_EIGHT_HEADER : _EIGHT_HEADER + 4] in _MARKS
    at = _EIGHT_HEADER if eight else header
    if data[at : at + 4] not in _MARKS:
        if at == len(data):
            return
        raise FormatError("AppCompatCache header", 0)
    for _ in range(ENTRIES_MAX):
        if at >= len(data) or data[at : at + 4] not in _MARKS:
            return
        length, size = struct.unpack_from("<IH", data, at + 8)
        end = at + 12 + length
        place = at + 14 + size
        executed = None
        if eight:
            (package,) = struct.unpack_from("<H", data, place)
            (flags,) = struct.unpack_from("<I", data, place + 2 + package)
            executed = bool(flags & _EXECUTED)
            place += 2 + package + 8
        (modified,) = struct.unpack_from("<Q", data, place)
        if end > len(data) or place + 8 > end:
            raise FormatError("AppCompatCache entry", at)
        yield Cached(path=_text(data[at + 14 : at + 14 + size]), modified=_when(modified), executed=executed)
        at = end


def _text(raw: bytes) -> str:
    return raw[: len(raw) & ~1].decode("utf-16-le", "replace").partition("\0")[0]


def _when(ticks: int) -> UnixNs | None:
    return from_filetime(ticks) if 0 < ticks < FILETIME_UNIX_EPOCH + (1 << 63) // 100 else None
