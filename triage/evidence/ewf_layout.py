"""What an EWF image says of itself: segments, sections, chunk tables, stored hashes. EWF1: E01 and SMART's s01.

Every section's header, and every table, carries an Adler-32 checksum; what fails it is not believed. A table that
fails is replaced by its copy (`table2`); where there is none either, the chunks behind it have no number, and the
layout ends there.

References:
    libewf, "Expert Witness Compression Format specification" (EWF-E01, EWF-S01); ASR, "Expert Witness Compression
    Format".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from triage.errors import EvidenceError
from triage.evidence.ewf_sections import Section, sections
from triage.evidence.inflate import adler32
from triage.evidence.parts import PartFiles

_TABLE = struct.Struct("<I4xQ4xI")
_VOLUME = struct.Struct("<4xIIIQ")
_GUID = slice(64, 80)
_MOST_ENTRIES = 1 << 22
_MOST_CHUNK = 1 << 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where a run of chunks lies.

    Attributes:
        first: number of its first chunk, from 0.
        entries: offset in the segment of its 32-bit entries; a second one, of the copy, in `copy`.
        base: added to every entry.
        end: offset behind the last chunk.
        summed: whether a checksum follows the entries.
    """

    segment: int
    first: int
    count: int
    entries: int
    base: int
    end: int
    summed: bool
    copy: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything but the chunks.

    Attributes:
        size: bytes of media.
        chunk: bytes in a chunk; the last may hold fewer.
        bad_sectors: (first, count) of what the acquisition could not read and wrote as zeros.
        damage: why the chunks behind the last table cannot be found; empty where nothing is wrong.
    """

    size: int
    chunk: int
    tables: tuple[Table, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)
    bad_sectors: tuple[tuple[int, int], ...] = ()
    damage: str = ""


def read_layout(files: PartFiles) -> Layout:
    """The layout of a whole set.

    Args:
        files: the segments, in order.

    Raises:
        EvidenceError: there is no readable volume section, it is absurd, or a segment is of another image or missing.
        OSError: a segment cannot be read.
    """
    builder = _Builder(files)
    for number, path in enumerate(files.paths):
        last = builder.segment(number)
        if last == "done":
            break
        if last == "next" and number + 1 == len(files.paths):
            raise MissingSegmentError(path, number + 2)
    return builder.layout()


class UnknownLayoutError(EvidenceError):
    """Nothing tells the geometry: another reader may know this variant."""


class MissingSegmentError(EvidenceError):
    """The set goes on after its last segment.

    Args:
        after: the segment before it.
        number: which one is missing, from 1.
    """

    def __init__(self, after: Path, number: int) -> None:
        super().__init__(f"{after}: segment {number} of the image is missing: put it beside the others")
        self.after = after
        self.number = number


class _Builder:
    """Gathers a layout while the chains are walked."""

    def __init__(self, files: PartFiles) -> None:
        self._files = files
        self._volume: tuple[int, int] | None = None  # bytes of media, bytes in a chunk
        self._guid = b""
        self._tables: list[Table] = []
        self._chunks = 0
        self._hashes: dict[str, str] = {}
        self._bad: tuple[tuple[int, int], ...] = ()
        self._damage = ""
        self._data_end: int | None = None
        self._copy_of: Table | None = None
        self._lost_table = False  # unreadable; its copy may follow

    def layout(self) -> Layout:
        """What was gathered."""
        if self._volume is None:
            raise UnknownLayoutError(f"{self._files.paths[0]}: EWF image without a readable volume section")
        size, chunk = self._volume
        return Layout(
            size=size or self._chunks * chunk,
            chunk=chunk,
            tables=tuple(self._tables),
            hashes=self._hashes,
            bad_sectors=self._bad,
            damage=self._damage,
        )

    def segment(self, number: int) -> str:
        """Takes one segment in; gives the kind of its last section, empty where there is none."""
        last, self._data_end = "", None
        for section in sections(self._files, number):
            last = section.kind
            if self._lost_table and last != "table2":
                break
            if not self._damage:
                self._take(number, section)
        name = self._files.paths[number].name
        if self._lost_table:
            self._lost_table = False
            self._damage = self._damage or f"{name}: a chunk table and its copy are damaged"
        elif last not in {"next", "done"}:
            self._damage = self._damage or f"{name}: cut off or damaged after section {last or 'header'!r}"
        return last

    def _take(self, number: int, section: Section) -> None:
        match section.kind:
            case "volume" | "disk" | "data":
                self._take_volume(number, section)
            case "sectors":
                self._data_end = section.end
            case "table":
                table = self._read_table(number, section)
                self._lost_table = table is None
                self._add(table)
            case "table2":
                self._take_copy(number, section)
            case "hash":
                self._take_hashes(self._summed(number, section, 36)[:16], b"")
            case "digest":
                content = self._summed(number, section, 80)
                self._take_hashes(content[:16], content[16:36])
            case "error2":
                self._take_errors(number, section)

    def _summed(self, number: int, section: Section, size: int) -> bytes:
        """A section's fixed-size content; empty where it is cut off or fails its closing checksum."""
        if section.data + size > min(section.end, self._files.sizes[number]):
            return b""
        content = self._files.read(number, section.data, size)
        return content if adler32(content[:-4]) == int.from_bytes(content[-4:], "little") else b""

    def _take_volume(self, number: int, section: Section) -> None:
        path = self._files.paths[number]
        content = self._summed(number, section, 1052) or self._summed(number, section, 94)
        if not content:
            return
        _, per_chunk, per_sector, sectors = _VOLUME.unpack_from(content)
        guid = content[_GUID] if len(content) == 1052 else b""
        if self._volume is not None:
            if any(guid) and any(self._guid) and guid != self._guid:
                raise EvidenceError(f"{path}: segment of another image: put the right one beside the others")
            return
        if len(content) == 94:
            sectors &= 0xFFFFFFFF
        chunk, size = per_chunk * per_sector, sectors * per_sector
        if not 0 < chunk <= _MOST_CHUNK or size >= 1 << 63:
            raise UnknownLayoutError(
                f"{path}: absurd EWF geometry: {per_chunk} × {per_sector} bytes × {sectors} sectors"
            )
        self._volume, self._guid = (size, chunk), guid

    def _read_table(self, number: int, section: Section) -> Table | None:
        room = min(section.end, self._files.sizes[number])
        entries = section.data + _TABLE.size
        if entries > room:
            return None
        header = self._files.read(number, section.data, _TABLE.size)
        count, base, checksum = _TABLE.unpack(header)
        behind = entries + 4 * count
        if adler32(header[:20]) != checksum or behind > room or count > _MOST_ENTRIES:
            return None
        first = int.from_bytes(self._files.read(number, entries, 4), "little") & 0x7FFFFFFF if count else 0
        within = section.start < base + first < section.end  # SMART and the oldest EnCase: chunks inside the table
        return Table(
            segment=number,
            first=self._chunks,
            count=count,
            entries=entries,
            base=base,
            end=section.end if within or self._data_end is None else self._data_end,
            summed=not within and behind + 4 <= room,
        )

    def _add(self, table: Table | None) -> None:
        self._copy_of = table
        if table is not None and table.count:
            self._tables.append(table)
            self._chunks += table.count

    def _take_copy(self, number: int, section: Section) -> None:
        copy = self._read_table(number, section)
        if self._lost_table:
            self._lost_table = copy is None
            self._add(copy)
        elif copy is not None and self._copy_of is not None and copy.count == self._copy_of.count > 0:
            self._tables[-1] = replace(self._copy_of, copy=copy.entries)
        self._copy_of = None

    def _take_hashes(self, md5: bytes, sha1: bytes) -> None:
        for name, digest in (("md5", md5), ("sha1", sha1)):
            if any(digest):
                self._hashes.setdefault(name, digest.hex())

    def _take_errors(self, number: int, section: Section) -> None:
        start, room = section.data + 520, min(section.end, self._files.sizes[number])
        if start > room:
            return
        count = min(int.from_bytes(self._files.read(number, section.data, 4), "little"), (room - start) // 8)
        pairs = struct.iter_unpack("<II", self._files.read(number, start, 8 * min(count, _MOST_ENTRIES)))
        self._bad += tuple((first, sectors) for first, sectors in pairs)
