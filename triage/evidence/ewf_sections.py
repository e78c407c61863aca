"""The segments of an EWF image and the chain of sections in each.

References:
    libewf, "Expert Witness Compression Format specification", "Expert Witness Compression Format 2 specification".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.evidence.inflate import adler32
from triage.evidence.parts import PartFiles

SIGNATURE = b"EVF\x09\x0d\x0a\xff\x00"
SIGNATURE_2 = b"EVF2\x0d\x0a\x81\x00"
_FILE_HEADER = struct.Struct("<8sBHH")
_FILE_HEADER_2 = struct.Struct("<8sBBHI16s")
_SECTION = struct.Struct("<16sQQ40xI")
_MOST_SECTIONS = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One link of a segment's chain; `end` is where the next one begins."""

    kind: str
    start: int
    end: int

    @property
    def data(self) -> int:
        """Where its content begins."""
        return self.start + _SECTION.size


def segment_number(path: Path) -> int | None:
    """Its place in the set, from 1, as its header tells; None for what is no segment."""
    try:
        with path.open("rb") as file:
            header = file.read(_FILE_HEADER_2.size)
    except OSError:
        return None
    if header.startswith(SIGNATURE) and len(header) >= _FILE_HEADER.size:
        return int(_FILE_HEADER.unpack_from(header)[2]) or None
    if header.startswith(SIGNATURE_2) and len(header) == _FILE_HEADER_2.size:
        return int(_FILE_HEADER_2.unpack(header)[4]) or None
    return None


def sections(files: PartFiles, segment: int) -> Iterator[Section]:
    """A segment's chain, in file order. Ends after `next` or `done`, or earlier where the chain is broken."""
    size, start = files.sizes[segment], _FILE_HEADER.size
    for _ in range(_MOST_SECTIONS):
        if start + _SECTION.size > size:
            return
        header = files.read(segment, start, _SECTION.size)
        kind, following, length, checksum = _SECTION.unpack(header)
        if adler32(header[:-4]) != checksum:
            return
        name = kind.rstrip(b"\0").decode("ascii", "replace")
        end = following if following > start else start + length
        yield Section(kind=name, start=start, end=end)
        if name in {"next", "done"} or following < start + _SECTION.size:
            return
        start = following
