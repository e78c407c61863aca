"""Bodyfile 3.x: one line for each set of times, as `fls -m` writes it and `mactime -b` reads it.

`MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime`, seconds since 1970, 0 where unknown. An event is a line
whose four times are the same. A file whose times are its original's says so in its name.

Limits:
    Seconds only; times before 1970 become 0. The line of `$FILE_NAME` gives the record and attribute type, no id.

References:
    The Sleuth Kit, "Body file"; `mactime` splits at `|` and decodes `%XX`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.analysis.timeline import TIMES_OF_ORIGINAL, Chronicle, Row
from triage.model import Entry, Kind, Macb, UnixNs
from triage.outputs.escapes import visible
from triage.outputs.timeline.fields import details, limited

_FILE_NAME: Final = 48
_BREAKS: Final = re.compile(r"[|\x00-\x1f]|%(?=[0-9A-Fa-f]{2})")
_SECOND: Final = 1_000_000_000


def render(chronicle: Chronicle, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """Files by volume and path, then events; `mactime` puts them in order."""
    for entry in chronicle.entries():
        note = f" ({TIMES_OF_ORIGINAL})" if chronicle.copied(entry) else ""
        if _within(entry.times, chronicle):
            yield _line(entry, entry.times, note, entry.inode or "0")
        if entry.name_times and entry.kind is not Kind.STREAM and _within(entry.name_times, chronicle):
            record = entry.inode.partition("-")[0] or "0"
            yield _line(entry, entry.name_times, " ($FILE_NAME)", f"{record}-{_FILE_NAME}")
    for row in chronicle.events():
        yield _event(row)


def _within(times: Macb, chronicle: Chronicle) -> bool:
    every = (times.modified, times.accessed, times.changed, times.born)
    return any(when is not None and chronicle.start <= when <= chronicle.end for when in every)


def _line(entry: Entry, times: Macb, note: str, inode: str) -> bytes:
    gone = "" if entry.allocated else " (deleted)"
    name = escaped(f"vol{entry.volume}:{entry.path}{note}{gone}")
    owner = entry.owner if entry.owner.isdecimal() else "0"
    moments = (times.accessed, times.modified, times.changed, times.born)
    tail = "|".join(map(_seconds, moments))
    return f"0|{name}|{inode}|{entry.mode or '-/----------'}|{owner}|0|{entry.size}|{tail}\n".encode()


def _event(row: Row) -> bytes:
    said = f"[{row.source}] {row.what}: vol{row.entry.volume}:{row.entry.path}"
    if row.details:
        said += f" {details(row)}"
    tail = "|".join([_seconds(row.when)] * 4)
    return f"0|{escaped(limited(said))}|{row.entry.inode or '0'}|-/----------|0|0|0|{tail}\n".encode()


def escaped(name: str) -> str:
    """No `|`, no line break, and nothing that `mactime` would decode but what stands for them."""
    return _BREAKS.sub(lambda match: f"%{ord(match[0]):02X}", visible(name))


def _seconds(when: UnixNs | None) -> str:
    return "0" if when is None else str(max(0, when // _SECOND))
