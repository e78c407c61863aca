"""What a Recycle Bin keeps of deleted files: `$I` files and `INFO2`. Harmless fakes.

References:
    libyal, "Windows Recycle.Bin file formats".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from triage.model import UnixNs
from triage.times import to_filetime


def build_item(path: str, size: int, when: UnixNs, version: int = 2) -> bytes:
    """A `$I` file: version 1 of Vista to 8.1, version 2 of Windows 10 and later."""
    text = (path + "\0").encode("utf-16-le", "surrogatepass")
    header = struct.pack("<QQQ", version, size, to_filetime(when))
    return header + (text.ljust(520, b"\0") if version == 1 else struct.pack("<I", len(text) // 2) + text)


def build_info2(items: Iterable[tuple[str, int, UnixNs]], removed: frozenset[int] = frozenset()) -> bytes:
    """An `INFO2` of Windows XP. removed: the numbers, from 0, of those no longer in the bin."""
    out = b""
    for index, (path, size, when) in enumerate(items):
        short = path.encode("ascii", "replace")[:259].ljust(260, b"\0")
        if index in removed:
            short = b"\0" + short[1:]
        drive = ord(path[0].lower()) - ord("a")
        out += short + struct.pack("<IIQI", index, drive, to_filetime(when), size)
        out += path.encode("utf-16-le")[:518].ljust(520, b"\0")
    return struct.pack("<5I", 5, 0, 0, 800, 0) + out
