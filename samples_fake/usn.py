"""Change journals, record by record: harmless fakes for tests and scenes.

References:
    [MS-FSCC] 2.3.62 USN_RECORD_V2 and V3; Windows SDK winioctl.h, USN_RECORD_V4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from triage.model import UnixNs
from triage.times import to_filetime

PAGE = 4096

FILE_CREATE = 0x100
FILE_DELETE = 0x200
RENAME_OLD = 0x1000
RENAME_NEW = 0x2000
DATA_EXTEND = 0x2
CLOSE = 0x80000000

ARCHIVE = 0x20
FOLDER = 0x10


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeChange:
    """One record. file, parent: numbers in `$MFT`; sequence: of file; version: 2, 3 or 4 (V4 has no name and time)."""

    when: UnixNs
    name: str
    file: int
    reason: int
    parent: int = 5
    sequence: int = 1
    attributes: int = ARCHIVE
    version: int = 2


def build_journal(changes: Iterable[FakeChange], start: int = 0) -> bytes:
    """A journal of whole pages, no record across two of them, whose first record has the USN start."""
    out = bytearray()
    for change in changes:
        record = build_record(change, start + len(out))
        if len(out) % PAGE + len(record) > PAGE:
            out += bytes(-len(out) % PAGE)
            record = build_record(change, start + len(out))
        out += record
    return bytes(out + bytes(-len(out) % PAGE))


def build_record(change: FakeChange, usn: int) -> bytes:
    """One record, padded to 8 bytes."""
    file, parent = change.file | change.sequence << 48, change.parent | 1 << 48
    if change.version == 4:
        body = struct.pack("<Q8xQ8xqIIIHHqq", file, parent, usn, change.reason, 0, 0, 1, 16, 0, PAGE)
    else:
        name = change.name.encode("utf-16-le", "surrogatepass")
        references = struct.pack("<QQ" if change.version == 2 else "<Q8xQ8x", file, parent)
        tail = struct.pack("<qqIIII", usn, to_filetime(change.when), change.reason, 0, 0, change.attributes)
        offset = 8 + len(references) + len(tail) + 4
        body = references + tail + struct.pack("<HH", len(name), offset) + name
    length = (8 + len(body) + 7) & ~7
    return (struct.pack("<IHH", length, change.version, 0) + body).ljust(length, b"\0")


def renamed(when: UnixNs, old: str, new: str, file: int, parent: int = 5, sequence: int = 1) -> list[FakeChange]:
    """The three records of a rename inside a folder."""
    places = ((RENAME_OLD, old), (RENAME_NEW, new), (RENAME_NEW | CLOSE, new))
    return [
        FakeChange(when=when, name=name, file=file, reason=reason, parent=parent, sequence=sequence)
        for reason, name in places
    ]


def encrypted_files(names: Iterable[str], start: UnixNs, step: int, first_file: int = 1000) -> list[FakeChange]:
    """What the journal keeps of files encrypted one after the other, step nanoseconds apart.

    For each: a temporary copy made and written, renamed, the original deleted.
    """
    out: list[FakeChange] = []
    for index, name in enumerate(names):
        when, copy, original = UnixNs(start + index * step), first_file + 2 * index, first_file + 2 * index + 1
        temporary = f"{name}.WNCRYT"
        out += [
            FakeChange(when=when, name=temporary, file=copy, reason=reason)
            for reason in (FILE_CREATE, FILE_CREATE | DATA_EXTEND, FILE_CREATE | DATA_EXTEND | CLOSE)
        ]
        out += renamed(when, temporary, f"{name}.WNCRY", copy)
        out.append(FakeChange(when=when, name=name, file=original, reason=FILE_DELETE | CLOSE))
    return out
