"""What NTFS has beyond other file systems: streams, a second set of times, attribute bits, reparse points.

Limits:
    Index attributes other than `$I30` (`$Secure:$SDH` …) are no entries. Files kept compressed by the Windows overlay
    filter, EFS files and deduplicated files are gaps: their stored bytes are not what a reader on Windows sees.
    Times outside the years 1677 to 2262 are cut to the first or last that 64 bits of nanoseconds hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytsk3

from triage.evidence.allocation import Allocation
from triage.evidence.names import mode_text, printable_name
from triage.evidence.placement import NON_RESIDENT, first_byte
from triage.evidence.records import KINDS, RECORD_DELETED, FirstEntries, times_of
from triage.formats.mft import PLAIN_DATA, MftIndex
from triage.model import Entry, EntryId, Gap, GapReason, Kind, Macb, UnixNs
from triage.times import FILETIME_UNIX_EPOCH, from_filetime

DATA = 128
INDEX_ROOT = 144

REPARSE_LINKS = {0xA0000003, 0xA000000C}
"""Mount point (junction) and symbolic link."""
ENCRYPTED = int(pytsk3.TSK_FS_ATTR_ENC)

EFS = GapReason.ENCRYPTED_VOLUME, "encrypted by EFS"
HIDDEN = {
    0x80000013: (GapReason.UNSUPPORTED, "deduplicated: the content is in the chunk store"),
    0x80000017: (GapReason.UNSUPPORTED, "compressed by the Windows overlay filter"),
}
"""Reparse tags under which the stored bytes of a file are not what its reader on Windows would see."""

LEFT_OUT = "its record holds more data than the library can read"

MFT_CHUNK = 1 << 20

_LAST_NS = (1 << 63) - 1
_FIRST_TICKS = FILETIME_UNIX_EPOCH - _LAST_NS // 100
_LAST_TICKS = FILETIME_UNIX_EPOCH + _LAST_NS // 100

IN_ONE_PIECE = "+"
"""Ends the key of a content that lies on the volume as it is, from the entry's position on: no table is needed."""

Data = tuple[int, bool, int, int, tuple[GapReason, str] | None]
"""Of a `$DATA` attribute: size, whether any of its bytes can be read, position, bytes in one piece, why unreadable."""
_NOTHING: Data = (0, False, 0, 0, None)


class Ntfs:
    """The entries of one NTFS volume.

    Args:
        volume: its number in the evidence.
        block_size: bytes of a cluster.
        mft: the library's file of record 0.
        allocation: gives the bitmap of the volume, None where that cannot be read; asked for once, if at all.

    Attributes:
        lost: records of `$MFT` that cannot be read.

    Raises:
        OSError: not even the first record can be read.
        FormatError: its records have no size that NTFS uses.
    """

    def __init__(
        self, volume: int, block_size: int, mft: pytsk3.File, allocation: Callable[[], Allocation | None]
    ) -> None:
        self._volume = volume
        self._block_size = block_size
        self._first = FirstEntries()
        self._allocation = cache(allocation)
        size: int = mft.info.meta.size
        # [1Ch] of a record: its allocated size
        record_size = int.from_bytes(mft.read_random(0, 48)[28:32], "little")
        self._index = MftIndex(size, record_size)
        self.lost = _fill(self._index, mft, record_size)

    def entries(self, file: pytsk3.File, ident: EntryId, path: str, name_type: int, deleted: int) -> list[Entry | Gap]:
        """The entry of a name, then those of its streams, numbered on; a gap follows its entry.

        Args:
            file: the library's, with its record.
            ident: of the first entry.
            path: of the first entry, printable.
            name_type: TSK's number of the name's type.
            deleted: not 0 where the name is.
        """
        meta = file.info.meta
        addr: int = meta.addr
        meta_type: int = meta.type
        row = self._index.row(addr)
        tag, held, bits = row[9], row[10], row[4]
        kind = Kind.LINK if tag in REPARSE_LINKS else KINDS.get(meta_type, Kind.SPECIAL)
        allocated = not (deleted or meta.flags & RECORD_DELETED)
        linked = allocated and meta.nlink > 1
        inode, data, streams, seen, free = str(addr), _NOTHING, None, 0, None
        for attribute in file:
            info = attribute.info
            attribute_type: int = info.type
            if attribute_type == DATA:
                seen += 1
                if info.name is not None:
                    streams = [attribute] if streams is None else [*streams, attribute]
                    continue
                inode = f"{addr}-{DATA}-{info.id}"
                if kind is Kind.FILE:
                    data = self._data(attribute, info, tag)
                    free = None if allocated else self._free(attribute, info)
            elif attribute_type == INDEX_ROOT and kind is not Kind.FILE:
                inode = f"{addr}-{INDEX_ROOT}-{info.id}"
        size, readable, position, piece, problem = data
        key = inode if readable else ""
        if held & PLAIN_DATA and readable and piece >= size:
            key += IN_ONE_PIECE
        entry = Entry(
            id=ident,
            volume=self._volume,
            path=path,
            kind=kind,
            size=size,
            key=key,
            times=_macb(*row[:4]) or times_of(meta),
            name_times=_macb(*row[5:9]),
            allocated=allocated,
            attributes=bits,
            mode=mode_text(name_type, meta_type, meta.mode),
            inode=inode,
            position=position,
            same_as=self._first.before(inode, ident) if linked and readable else None,
            free=free,
        )
        found: list[Entry | Gap] = [entry]
        if problem:
            found.append(Gap(entry=ident, stage="read", reason=problem[0], detail=problem[1]))
        if seen < held & ~PLAIN_DATA and allocated:
            # such as a hole longer than the volume: the library leaves the whole attribute out
            found.append(Gap(entry=ident, stage="walk", reason=GapReason.UNPARSABLE, detail=LEFT_OUT))
        if streams:
            found += self._streams(entry, addr, linked, streams)
        return found

    def _streams(self, owner: Entry, addr: int, linked: bool, streams: list[pytsk3.Attribute]) -> Iterator[Entry | Gap]:
        """The entries of a file's or folder's alternate data streams, numbered on from their owner's."""
        for number, attribute in enumerate(streams, owner.id + 1):
            info = attribute.info
            ident, inode = EntryId(number), f"{addr}-{DATA}-{info.id}"
            size, readable, position, _, problem = self._data(attribute, info, 0)
            yield replace(
                owner,
                id=ident,
                path=f"{owner.path}:{printable_name(info.name)}",
                kind=Kind.STREAM,
                size=size,
                key=inode if readable else "",
                inode=inode,
                position=position,
                same_as=self._first.before(inode, ident) if linked and readable else None,
            )
            if problem:
                yield Gap(entry=ident, stage="read", reason=problem[0], detail=problem[1])

    def _data(self, attribute: pytsk3.Attribute, info: pytsk3.TSK_FS_ATTR, tag: int) -> Data:
        """Size, place and readability of a `$DATA` attribute."""
        size: int = info.size
        if size <= 0:
            return _NOTHING
        flags: int = info.flags
        position, piece = first_byte(attribute, flags, self._block_size)
        problem = HIDDEN.get(tag) if tag else None
        if flags & ENCRYPTED:
            problem = EFS
        return size, position is not None and problem is None, position or 0, piece, problem

    def _free(self, attribute: pytsk3.Attribute, info: pytsk3.TSK_FS_ATTR) -> int | None:
        """Bytes of a deleted file that nobody has taken since; those in its own record are there to the last."""
        if not info.flags & NON_RESIDENT:
            return int(info.size)
        allocation = self._allocation()
        return None if allocation is None else allocation.free_bytes(attribute, self._block_size)


def _macb(born: int, modified: int, changed: int, accessed: int) -> Macb | None:
    """A set of FILETIMEs; None where there is none at all."""
    first, last = _FIRST_TICKS, _LAST_TICKS
    if first < born < last and first < modified < last and first < changed < last and first < accessed < last:
        return Macb(
            modified=UnixNs((modified - FILETIME_UNIX_EPOCH) * 100),
            accessed=UnixNs((accessed - FILETIME_UNIX_EPOCH) * 100),
            changed=UnixNs((changed - FILETIME_UNIX_EPOCH) * 100),
            born=UnixNs((born - FILETIME_UNIX_EPOCH) * 100),
        )
    if not (born or modified or changed or accessed):
        return None
    return Macb(modified=_ns(modified), accessed=_ns(accessed), changed=_ns(changed), born=_ns(born))


def _ns(ticks: int) -> UnixNs | None:
    """UnixNs of a FILETIME, cut to what 64 bits hold; None for 0, which is no time."""
    return from_filetime(min(max(ticks, _FIRST_TICKS), _LAST_TICKS)) if ticks else None


def _fill(index: MftIndex, mft: pytsk3.File, record_size: int) -> int:
    """Reads `$MFT` into the index, around what cannot be read; gives how many records that is."""
    size, lost = len(index) * record_size, 0
    for offset in range(0, size, MFT_CHUNK):
        wanted = min(MFT_CHUNK, size - offset)
        chunk = _piece(mft, offset, wanted)
        if len(chunk) == wanted:
            index.add(chunk)
            continue
        for place in range(offset, offset + wanted, record_size):
            record = _piece(mft, place, record_size)
            lost += len(record) < record_size
            index.add(record.ljust(record_size, b"\0"))
    index.finish()
    return lost


def _piece(mft: pytsk3.File, offset: int, size: int) -> bytes:
    try:
        data: bytes = mft.read_random(offset, size)
    except OSError:
        return b""
    return data
