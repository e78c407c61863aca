"""What NTFS has beyond other file systems: streams, a second set of times, attribute bits, reparse points.

Limits:
    Index attributes other than `$I30` (`$Secure:$SDH` …) are no entries. Files kept compressed by the Windows overlay
    filter, EFS files and deduplicated files are gaps: their stored bytes are not what a reader on Windows sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytsk3

from triage.evidence.names import printable_name
from triage.evidence.placement import stored
from triage.formats.mft import FILE_ATTRIBUTE_ENCRYPTED, MftIndex, index_of
from triage.model import Entry, EntryId, Gap, GapReason, Kind, Macb, UnixNs
from triage.times import FILETIME_UNIX_EPOCH

DATA = 128
INDEX_ROOT = 144

REPARSE_LINKS = {0xA0000003, 0xA000000C}
"""Mount point (junction) and symbolic link."""
REPARSE_OVERLAY = 0x80000017
REPARSE_DEDUPLICATED = 0x80000013

MFT_CHUNK = 1 << 20
_FILETIME_SANE = 1 << 62


class Ntfs:
    """The names of one NTFS volume.

    Args:
        mft: the library's file of record 0.
        block_size: bytes of a cluster.

    Raises:
        OSError: `$MFT` cannot be read.
        FormatError: its records have no size that NTFS uses.
    """

    def __init__(self, mft: pytsk3.File, block_size: int) -> None:
        self._block_size = block_size
        size: int = mft.info.meta.size
        # [1Ch] of a record: its allocated size
        record_size = int.from_bytes(mft.read_random(0, 48)[28:32], "little")
        self._index: MftIndex = index_of(_chunks(mft, size), size, record_size)

    def is_link(self, addr: int) -> bool:
        """The record is a junction or a symbolic link."""
        return self._index.reparse_tag(addr) in REPARSE_LINKS

    def entries(
        self, file: pytsk3.File, plain: Entry, new_id: Callable[[], EntryId], same: Callable[[int, int, EntryId], EntryId | None]
    ) -> Iterator[Entry | Gap]:
        """The entry of a name, then those of its streams.

        Args:
            file: the library's.
            plain: what any file system knows of it; its id is the first.
            new_id: gives the ids of the streams.
            same: the first entry of a (record, attribute) that has several names.
        """
        meta = file.info.meta
        addr: int = meta.addr
        tag = self._index.reparse_tag(addr)
        bits = self._index.attributes(addr)
        name_times = self._name_times(addr)
        linked = plain.allocated and meta.nlink > 1
        inode, index, main, streams = str(addr), "", None, []
        for attribute in file:
            info = attribute.info
            if info.type == DATA:
                if info.name is None:
                    main = attribute
                else:
                    streams.append(attribute)
            elif info.type == INDEX_ROOT and not index:
                index = f"{addr}-{INDEX_ROOT}-{info.id}"
        size = position = 0
        key = ""
        if plain.kind is Kind.FOLDER:
            inode = index or inode
        elif main is not None:
            inode, size = f"{addr}-{DATA}-{main.info.id}", main.info.size
            is_stored, position = stored(main, self._block_size)
            key = inode if is_stored else ""
        problem = _unreadable(bits, tag) if size and plain.kind is Kind.FILE else None
        if problem or plain.kind is not Kind.FILE:
            key = ""
        yield Entry(
            id=plain.id,
            volume=plain.volume,
            path=plain.path,
            kind=plain.kind,
            size=size if plain.kind is Kind.FILE else 0,
            key=key,
            times=plain.times,
            name_times=name_times,
            allocated=plain.allocated,
            attributes=bits,
            mode=plain.mode,
            inode=inode,
            position=position,
            same_as=same(addr, main.info.id, plain.id) if linked and key and main is not None else None,
        )
        if problem:
            yield Gap(entry=plain.id, stage="read", reason=problem[0], detail=problem[1])
        for attribute in streams:
            info = attribute.info
            where = f"{addr}-{DATA}-{info.id}"
            is_stored, position = stored(attribute, self._block_size)
            ident = new_id()
            yield Entry(
                id=ident,
                volume=plain.volume,
                path=f"{plain.path}:{printable_name(info.name)}",
                kind=Kind.STREAM,
                size=info.size,
                key=where if is_stored else "",
                times=plain.times,
                name_times=name_times,
                allocated=plain.allocated,
                attributes=bits,
                mode=plain.mode,
                inode=where,
                position=position,
                same_as=same(addr, info.id, ident) if linked else None,
            )

    def _name_times(self, addr: int) -> Macb | None:
        times = self._index.name_times(addr)
        if times is None:
            return None
        born, modified, changed, accessed = times
        return Macb(modified=_ns(modified), accessed=_ns(accessed), changed=_ns(changed), born=_ns(born))


def _ns(filetime: int) -> UnixNs | None:
    return UnixNs((filetime - FILETIME_UNIX_EPOCH) * 100) if 0 < filetime < _FILETIME_SANE else None


def _unreadable(bits: int, tag: int) -> tuple[GapReason, str] | None:
    """Why the stored bytes of a file are not what its reader on Windows would see."""
    if bits & FILE_ATTRIBUTE_ENCRYPTED:
        return GapReason.ENCRYPTED_VOLUME, "encrypted by EFS"
    if tag == REPARSE_OVERLAY:
        return GapReason.UNSUPPORTED, "compressed by the Windows overlay filter"
    if tag == REPARSE_DEDUPLICATED:
        return GapReason.UNSUPPORTED, "deduplicated: the content is in the chunk store"
    return None


def _chunks(file: pytsk3.File, size: int) -> Iterator[bytes]:
    offset = 0
    while offset < size:
        chunk: bytes = file.read_random(offset, min(MFT_CHUNK, size - offset))
        if not chunk:
            return
        offset += len(chunk)
        yield chunk
