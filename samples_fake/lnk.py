"""Shortcuts: harmless fakes that point to a name.

References:
    [MS-SHLLINK] 2.1 ShellLinkHeader, 2.3 LinkInfo, 2.4 StringData, 2.5.10 TrackerDataBlock.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from triage.model import UnixNs
from triage.times import to_filetime

_HAS_LINK_INFO, _HAS_RELATIVE, _HAS_FOLDER, _HAS_ARGUMENTS, _UNICODE = 0x2, 0x8, 0x10, 0x20, 0x80
_FIXED_DRIVE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeShortcut:
    r"""target: full path of Windows; share: `\\server\share` that the target lies on, its path behind that."""

    target: str
    born: UnixNs | None = None
    modified: UnixNs | None = None
    accessed: UnixNs | None = None
    size: int = 245760
    arguments: str = ""
    folder: str = ""
    relative: str = ""
    machine: str = ""
    serial: int = 0x5EED0001
    share: str = ""


def build_shortcut(fake: FakeShortcut) -> bytes:
    """The file."""
    flags = _HAS_LINK_INFO | _UNICODE
    strings = b""
    for flag, text in ((_HAS_RELATIVE, fake.relative), (_HAS_FOLDER, fake.folder), (_HAS_ARGUMENTS, fake.arguments)):
        if text:
            flags |= flag
            raw = text.encode("utf-16-le")
            strings += struct.pack("<H", len(raw) // 2) + raw
    times = [0 if when is None else to_filetime(when) for when in (fake.born, fake.accessed, fake.modified)]
    class_id = bytes.fromhex("0114020000000000c000000000000046")
    header = struct.pack("<I16sII3QIIIHHII", 76, class_id, flags, 0x20, *times, fake.size, 0, 1, 0, 0, 0, 0)
    info = _network_info(fake) if fake.share else _local_info(fake)
    return header + info + strings + (_tracker(fake.machine) if fake.machine else b"") + bytes(4)


def _local_info(fake: FakeShortcut) -> bytes:
    volume = struct.pack("<4I", 17, _FIXED_DRIVE, fake.serial, 16) + b"\0"
    ansi = fake.target.encode("cp1252", "replace") + b"\0"
    wide = (fake.target + "\0").encode("utf-16-le")
    base, suffix = 36 + len(volume), 36 + len(volume) + len(ansi)
    unicode_base = suffix + 1
    unicode_suffix = unicode_base + len(wide)
    size = unicode_suffix + 2
    return struct.pack("<9I", size, 36, 1, 36, base, 0, suffix, unicode_base, unicode_suffix) + (
        volume + ansi + b"\0" + wide + b"\0\0"
    )


def _network_info(fake: FakeShortcut) -> bytes:
    rest = fake.target.removeprefix(fake.share).lstrip("\\")
    name = fake.share.encode("cp1252", "replace") + b"\0"
    network = struct.pack("<5I", 20 + len(name), 0, 20, 0, 0) + name
    ansi, wide = rest.encode("cp1252", "replace") + b"\0", (rest + "\0").encode("utf-16-le")
    suffix = 36 + len(network)
    unicode_suffix = suffix + len(ansi)
    size = unicode_suffix + len(wide)
    return struct.pack("<9I", size, 36, 2, 0, 0, 36, suffix, 0, unicode_suffix) + network + ansi + wide


def _tracker(machine: str) -> bytes:
    return struct.pack("<4I16s64x", 96, 0xA0000003, 88, 0, machine.encode("ascii"))
