"""When things happened in the scenes. Fixed, so that the same scene gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.model import Macb, UnixNs


def at(text: str) -> UnixNs:
    """UnixNs of a UTC time in ISO 8601 (`2017-05-12T14:44:00`)."""
    return UnixNs(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000)


WHEN_INSTALLED = at("2011-03-21T02:10:00")
"""The day Windows was set up."""

WHEN_ENCRYPTED = at("2017-05-12T14:44:00")
"""The first encrypted file of every WannaCry scene."""

_SECOND = 1_000_000_000
_HOUR = 3600 * _SECOND


def after(when: UnixNs, seconds: float) -> UnixNs:
    """A time later by so many seconds."""
    return UnixNs(when + int(seconds * _SECOND))


def office_times(number: int) -> UnixNs:
    """A working hour between January 2016 and April 2017, another for each number."""
    day, hour = number * 7919 % 480, number % 8
    return UnixNs(at("2016-01-04T01:30:00") + (24 * day + hour) * _HOUR + number * 123_456_700)


def touched(born: UnixNs, *, changed: UnixNs) -> Macb:
    """Times of a file whose content is as old as itself and whose record changed later (a copy of times does that)."""
    return Macb(modified=born, accessed=born, born=born, changed=changed)


def seconds(when: UnixNs) -> int:
    """Seconds since 1970."""
    return when // _SECOND
