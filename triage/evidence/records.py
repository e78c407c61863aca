"""What The Sleuth Kit's record of a file tells on every file system, and the entries of those that tell no more."""

from __future__ import annotations

from collections.abc import Hashable

import pytsk3

from triage.evidence.names import mode_text
from triage.evidence.placement import first_byte
from triage.model import Entry, EntryId, Gap, Kind, Macb, UnixNs
from triage.text import decode_name, printable

RECORD_DELETED = int(pytsk3.TSK_FS_META_FLAG_UNALLOC)
REGULAR = int(pytsk3.TSK_FS_META_TYPE_REG)
KINDS = {
    int(pytsk3.TSK_FS_META_TYPE_UNDEF): Kind.FILE,
    REGULAR: Kind.FILE,
    int(pytsk3.TSK_FS_META_TYPE_VIRT): Kind.FILE,
    int(pytsk3.TSK_FS_META_TYPE_DIR): Kind.FOLDER,
    int(pytsk3.TSK_FS_META_TYPE_VIRT_DIR): Kind.FOLDER,
    int(pytsk3.TSK_FS_META_TYPE_LNK): Kind.LINK,
}
LINK_TARGET = 4096


class FirstEntries:
    """Which entry was the first of a content that has several names."""

    def __init__(self) -> None:
        self._first: dict[Hashable, EntryId] = {}

    def before(self, content: Hashable, ident: EntryId) -> EntryId | None:
        """The first entry of the content; None for that one itself."""
        first = self._first.setdefault(content, ident)
        return None if first == ident else first


class Plain:
    """The entries of a file system that keeps one content a file: FAT, exFAT, ext, HFS+, ISO 9660.

    Args:
        volume: its number in the evidence.
        block_size: bytes.
    """

    def __init__(self, volume: int, block_size: int) -> None:
        self._volume = volume
        self._block_size = block_size
        self._first = FirstEntries()

    def entries(self, file: pytsk3.File, ident: EntryId, path: str, name_type: int, deleted: int) -> list[Entry | Gap]:
        """The entry of a name.

        Args:
            file: the library's, with its record.
            ident: of the entry.
            path: of the entry, printable.
            name_type: TSK's number of the name's type.
            deleted: not 0 where the name is.
        """
        meta = file.info.meta
        addr: int = meta.addr
        kind = KINDS.get(meta.type, Kind.SPECIAL)
        size = max(meta.size, 0) if kind is Kind.FILE else 0
        allocated = not (deleted or meta.flags & RECORD_DELETED)
        position: int | None = None
        if size and meta.type == REGULAR:
            attribute = next(iter(file), None)
            position = first_byte(attribute, attribute.info.flags, self._block_size)[0] if attribute else 0
        is_stored = position is not None
        return [
            Entry(
                id=ident,
                volume=self._volume,
                path=path,
                kind=kind,
                size=size,
                key=str(addr) if is_stored else "",
                times=times_of(meta),
                allocated=allocated,
                mode=mode_text(name_type, meta.type, meta.mode),
                owner=str(meta.uid),
                inode=str(addr),
                position=position or 0,
                target=_target(file, meta) if kind is Kind.LINK else "",
                same_as=self._first.before(addr, ident) if is_stored and allocated and meta.nlink > 1 else None,
            )
        ]


def _target(file: pytsk3.File, meta: pytsk3.TSK_FS_META) -> str:
    """Where a symbolic link points; a long target is the link's content, of which the library keeps no copy."""
    raw: bytes = meta.link or b""
    try:
        raw = raw or file.read_random(0, min(meta.size, LINK_TARGET))
    except OSError:
        return ""  # a link whose target cannot be read is still a link; it has no content to miss
    return printable(decode_name(raw))


def times_of(meta: pytsk3.TSK_FS_META) -> Macb:
    """The times of a record. FAT's are local times: the library takes them for those of the process's zone."""
    return Macb(
        modified=_ns(meta.mtime, meta.mtime_nano),
        accessed=_ns(meta.atime, meta.atime_nano),
        changed=_ns(meta.ctime, meta.ctime_nano),
        born=_ns(meta.crtime, meta.crtime_nano),
    )


def _ns(seconds: int, nanoseconds: int) -> UnixNs | None:
    return UnixNs(seconds * 1_000_000_000 + nanoseconds) if seconds or nanoseconds else None
