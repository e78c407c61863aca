"""Times between what Windows writes, what we keep (UnixNs) and what people read.

References:
    [MS-DTYP] 2.3.3 FILETIME.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from triage.model import UnixNs

FILETIME_UNIX_EPOCH = 116_444_736_000_000_000
"""1601-01-01 to 1970-01-01, in 100 ns intervals."""

VIETNAM = timezone(timedelta(hours=7), "UTC+7")
"""Indochina Time; no daylight saving since 1975."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_IN_VIETNAM = _EPOCH.astimezone(VIETNAM)
_TO_SECONDS = len("2017-05-12T07:44:00")
_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


def from_filetime(ticks: int) -> UnixNs:
    """UnixNs of a FILETIME (100 ns intervals since 1601-01-01T00:00:00Z)."""
    return UnixNs((ticks - FILETIME_UNIX_EPOCH) * 100)


def to_filetime(when: UnixNs) -> int:
    """FILETIME of a UnixNs, rounded down to 100 ns."""
    return when // 100 + FILETIME_UNIX_EPOCH


def from_unix(seconds: int, nanoseconds: int = 0) -> UnixNs:
    """UnixNs of whole seconds since 1970, and the rest in nanoseconds."""
    return UnixNs(seconds * 1_000_000_000 + nanoseconds)


def isoformat(when: UnixNs) -> str:
    """ISO 8601 in UTC; the fraction as long as it needs to be (`2017-05-12T07:44:00.1234567Z`).

    A time outside the years 1 to 9999 is given as `@` and its nanoseconds: hostile metadata holds such times.
    """
    seconds, rest = divmod(when, 1_000_000_000)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return f"@{when}"
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text[:_TO_SECONDS]}{fraction}Z"


def from_isoformat(text: str) -> UnixNs | None:
    """UnixNs of what `isoformat` writes, to the last digit; None of any other text."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    try:
        whole = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    seconds = (whole - _EPOCH) // timedelta(seconds=1)
    return from_unix(seconds, int((match[2] or "").ljust(9, "0")))


def in_vietnam(when: UnixNs) -> str:
    """Day and time as a Vietnamese office writes it, UTC+7: `14:44:00 12/05/2017`."""
    try:
        text = (_EPOCH_IN_VIETNAM + timedelta(seconds=when // 1_000_000_000)).isoformat()
    except OverflowError:
        return f"@{when}"
    return f"{text[11:_TO_SECONDS]} {text[8:10]}/{text[5:7]}/{text[:4]}"
