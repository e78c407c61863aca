"""EWF images (E01 of EnCase, FTK Imager, Guymager, ewfacquire; SMART's s01), read chunk by chunk.

A chunk is 32 KiB as a rule: a zlib stream, or plain bytes with an Adler-32. A chunk that fails its checksum is a
read error at its offset; the others still read.

Limits:
    EWF2 (Ex01) and logical evidence (L01) are not read here: `library.py` takes the first, nothing the second.

References:
    libewf, "Expert Witness Compression Format specification".
"""

from __future__ import annotations

import errno
import os
import re
import sys
import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from triage.errors import EvidenceError
from triage.evidence.ewf_layout import Layout, MissingSegmentError, Table, read_layout
from triage.evidence.ewf_sections import segment_number
from triage.evidence.inflate import InflateError, adler32, inflate_zlib
from triage.evidence.parts import PartFiles

_CACHE = 2 << 20  # bytes of chunks kept
_RUN = 4 << 20  # bytes taken from a segment in one read
_PLACES = 1 << 20  # table entries kept
_SUFFIX = re.compile(r"\.([A-Za-z])(\d\d|[A-Za-z]{2})")
_WRAP = 0x7F000000


class EwfDisk:
    """The media inside an EWF image. Safe to read from several threads.

    Args:
        parts: the segments, in order.

    Attributes:
        bad_sectors: (first, count) of what the acquisition could not read and wrote as zeros.
        damage: why chunks behind a certain one cannot be found; empty where nothing is wrong.

    Raises:
        EvidenceError: as `read_layout`.
    """

    format = "ewf"

    def __init__(self, parts: tuple[Path, ...]) -> None:
        self.parts = parts
        self._files = PartFiles(parts)
        try:
            self._layout: Layout = read_layout(self._files)
        except OSError as error:
            raise EvidenceError(f"{error.filename}: {error.strerror}") from error
        self.size = self._layout.size
        self.stored_hashes: Mapping[str, str] = self._layout.hashes
        self.bad_sectors = self._layout.bad_sectors
        self.damage = self._layout.damage
        self._firsts = [table.first for table in self._layout.tables]
        self._lock = threading.Lock()
        self._chunks: OrderedDict[int, bytes | bytearray] = OrderedDict()
        self._most_chunks = max(2, _CACHE // self._layout.chunk)
        self._places: OrderedDict[int, array[int]] = OrderedDict()
        self._span = 2 * self._layout.chunk + 4096  # no chunk takes more bytes in a segment

    def read(self, offset: int, size: int) -> bytes:
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        chunk = self._layout.chunk
        first, last = offset // chunk, (end - 1) // chunk
        pieces = self._run(first, last)
        if first == last:
            return bytes(memoryview(pieces[0])[offset - first * chunk : end - first * chunk])
        pieces[0] = memoryview(pieces[0])[offset - first * chunk :]
        pieces[-1] = memoryview(pieces[-1])[: end - last * chunk]
        return b"".join(pieces)

    def view(self, offset: int, size: int) -> memoryview | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        self._files.close()

    def _run(self, first: int, last: int) -> list[bytes | bytearray | memoryview]:
        """Chunks first to last. Those at the edges are kept: the next read often begins or ends in them."""
        pieces: list[bytes | bytearray | memoryview] = []
        number = first
        while number <= last:
            kept = self._kept(number)
            if kept is not None:
                pieces.append(kept)
                number += 1
                continue
            fresh = self._decoded(number, last)
            pieces += fresh
            self._keep(number, fresh[0])
            number += len(fresh)
            self._keep(number - 1, fresh[-1])
        return pieces

    def _kept(self, number: int) -> bytes | bytearray | None:
        with self._lock:
            if number in self._chunks:
                self._chunks.move_to_end(number)
            return self._chunks.get(number)

    def _keep(self, number: int, content: bytes | bytearray) -> None:
        with self._lock:
            self._chunks[number] = content
            self._chunks.move_to_end(number)
            while len(self._chunks) > self._most_chunks:
                self._chunks.popitem(last=False)

    def _decoded(self, number: int, last: int) -> list[bytes | bytearray]:
        """One chunk or more, from number up to last: as many as lie behind each other in one table."""
        index = bisect_right(self._firsts, number) - 1
        table = self._layout.tables[index] if index >= 0 else None
        if table is None or number >= table.first + table.count:
            reason = f"cannot read offset {number * self._layout.chunk}: no chunk table covers it"
            raise OSError(errno.EIO, f"{reason} ({self.damage})" if self.damage else reason, str(self.parts[-1]))
        places = self._places_of(index)
        at = number - table.first
        start, end = places[at] >> 1, places[at + 1] >> 1
        bounds = [start]
        if 0 < end - start <= self._span:
            bounds.append(end)
            for place in places[at + 2 : min(last - table.first, table.count - 1) + 2]:
                if not 0 < (place >> 1) - bounds[-1] <= self._span or (place >> 1) - start > _RUN:
                    break
                bounds.append(place >> 1)
        else:  # chunks out of order, or a damaged table: the checksum tells
            bounds.append(min(start + self._span, self._files.sizes[table.segment]))
        try:
            data = memoryview(self._files.read(table.segment, start, max(0, bounds[-1] - start)))
        except OSError as error:
            if len(bounds) > 2:  # one bad sector costs the chunk it lies in
                return self._decoded(number, number)
            offset = number * self._layout.chunk
            raise OSError(error.errno, f"cannot read offset {offset}: {error.strerror}", error.filename) from error
        return [
            self._content(number + step, data[a - start : b - start], compressed=bool(places[at + step] & 1))
            for step, (a, b) in enumerate(pairwise(bounds))
        ]

    def _content(self, number: int, data: memoryview, *, compressed: bool) -> bytes | bytearray:
        chunk = self._layout.chunk
        wanted = min(chunk, self.size - number * chunk)
        content: bytes | bytearray = b""
        if compressed:
            with suppress(InflateError):
                content = inflate_zlib(data, chunk)
        else:
            for length in (min(len(data) - 4, chunk), wanted):
                stored = int.from_bytes(data[length : length + 4], "little")
                if wanted <= length <= len(data) - 4 and adler32(data[:length]) == stored:
                    content = bytes(data[:length])
                    break
        if len(content) < wanted:
            raise OSError(
                errno.EIO, f"cannot read offset {number * chunk}: its chunk fails its checksum", str(self.parts[0])
            )
        return content if len(content) == wanted else content[:wanted]

    def _places_of(self, index: int) -> array[int]:
        """A table's chunks as `offset << 1 | compressed`, and the end of the last."""
        with self._lock:
            places = self._places.get(index)
        if places is None:
            table = self._layout.tables[index]
            places = _places(table, self._entries(table))
            with self._lock:
                self._places[index] = places
                while len(self._places) > 1 and sum(map(len, self._places.values())) > _PLACES:
                    self._places.popitem(last=False)
        return places

    def _entries(self, table: Table) -> bytes:
        """A table's entries; its copy's where the table fails its checksum and the copy does not."""
        size = 4 * table.count
        if not table.summed:
            return self._files.read(table.segment, table.entries, size)
        entries = self._files.read(table.segment, table.entries, size + 4)
        if table.copy is not None and not _sums(entries):
            copy = self._files.read(table.segment, table.copy, size + 4)
            return copy[:size] if _sums(copy) else entries[:size]
        return entries[:size]


def _sums(entries: bytes) -> bool:
    return adler32(entries[:-4]) == int.from_bytes(entries[-4:], "little")


def _places(table: Table, entries: bytes) -> array[int]:
    numbers = array("I", entries)
    if sys.byteorder == "big":
        numbers.byteswap()
    places, previous, wrapped = array("Q"), 0, False
    for number in numbers:
        offset = number & 0x7FFFFFFF
        # EnCase 6.7 writes on past 2 GiB and lets the offset run into the bit that says "compressed"
        wrapped = wrapped or (offset < previous and previous > _WRAP)
        if wrapped:
            places.append((table.base + number) << 1)
        else:
            places.append((table.base + offset) << 1 | number >> 31)
            previous = offset
    places.append(table.end << 1)
    return places


def open_ewf(path: Path) -> EwfDisk:
    """The image that a segment, any one of the set, belongs to.

    Raises:
        EvidenceError: as `segments` and `read_layout`; a missing segment is named.
    """
    try:
        return EwfDisk(tuple(segments(path).values()))
    except MissingSegmentError as error:
        name = _named(path, error.number)
        raise EvidenceError(f"{error.after}: segment {name} is missing: put it beside the others") from error


def segments(path: Path) -> dict[int, Path]:
    """Segments by number, in order: path itself and the files beside it that differ in the extension alone.

    Raises:
        EvidenceError: one is missing in the middle or at the beginning, or path has no number.
    """
    number = segment_number(path)
    if number is None:
        raise EvidenceError(f"{path}: EWF segment without a number: its header is damaged")
    found = {number: path}
    with os.scandir(path.parent) as listing:
        beside = [path.with_name(item.name) for item in listing if item.name.startswith(path.stem + ".")]

    def distance(other: Path) -> tuple[bool, bool, str]:
        """A copy under another name or the set in its other form may lie here, too: the family of path goes first."""
        suffix = other.suffix
        return not _SUFFIX.fullmatch(suffix), suffix[1:2].lower() != path.suffix[1:2].lower(), other.name

    for other in sorted(beside, key=distance):
        if other.stem == path.stem and (number := segment_number(other)) is not None:
            found.setdefault(number, other)
    for number in range(1, max(found)):
        if number not in found:
            raise EvidenceError(f"{path}: segment {_named(path, number)} is missing: put it beside the others")
    return dict(sorted(found.items()))


def _named(path: Path, number: int) -> str:
    """What segment number of path's set is called, as far as path's own name tells."""
    match = _SUFFIX.fullmatch(path.suffix)
    letter = match[1] if match else "E"
    if number < 100:
        return f"{path.stem}.{letter}{number:02d}"
    rest, low = divmod(number - 100, 26)
    letter = chr(ord(letter) + rest // 26)
    letters = chr(ord("A") + rest % 26) + chr(ord("A") + low)
    return f"{path.stem}.{letter}{letters.lower() if letter.islower() else letters}"
