"""Walking one file system through The Sleuth Kit: every name, deleted ones and streams included.

The order is that of `fls -r`: a folder, then what is in it. Nothing is opened but the file system's own tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytsk3

from triage.errors import FormatError, gap_reason
from triage.evidence.names import mode_text, printable_name
from triage.evidence.ntfs import Ntfs
from triage.evidence.placement import stored
from triage.model import Entry, EntryId, Gap, GapReason, Kind, Macb, UnixNs
from triage.text import decode_name, printable

NAME_DELETED = int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC)
RECORD_DELETED = int(pytsk3.TSK_FS_META_FLAG_UNALLOC)
NAME_FOLDERS = {int(pytsk3.TSK_FS_NAME_TYPE_DIR), int(pytsk3.TSK_FS_NAME_TYPE_VIRT_DIR)}
REGULAR = int(pytsk3.TSK_FS_META_TYPE_REG)
KINDS = {
    int(pytsk3.TSK_FS_META_TYPE_UNDEF): Kind.FILE,
    REGULAR: Kind.FILE,
    int(pytsk3.TSK_FS_META_TYPE_VIRT): Kind.FILE,
    int(pytsk3.TSK_FS_META_TYPE_DIR): Kind.FOLDER,
    int(pytsk3.TSK_FS_META_TYPE_VIRT_DIR): Kind.FOLDER,
    int(pytsk3.TSK_FS_META_TYPE_LNK): Kind.LINK,
}
MAX_DEPTH = 1000
"""Folders below folders; deeper ones are a gap. Windows itself stops near 16,000 characters of path."""
LINK_TARGET = 4096

Listing = tuple[Iterator[pytsk3.File], str, Entry]
"""A folder being listed: what is left of it, the path its names follow, its own entry."""


class FileSystem:
    """One file system, opened for reading.

    Args:
        image: what holds it.
        volume: its number in the evidence.
        offset: bytes from the start of the media.

    Raises:
        OSError: The Sleuth Kit cannot open it.
    """

    def __init__(self, image: pytsk3.Img_Info, volume: int, offset: int) -> None:
        self.volume = volume
        self._fs = pytsk3.FS_Info(image, offset=offset)
        self._is_ntfs = self._fs.info.ftype == pytsk3.TSK_FS_TYPE_NTFS
        self._block_size: int = self._fs.info.block_size
        self._ntfs: Ntfs | None = None
        self._first: dict[tuple[int, int], EntryId] = {}
        self._last = 0

    def open_file(self, key: str) -> tuple[pytsk3.File, int, int]:
        """The library's file of an entry's key, with attribute type and id (0, 0 outside NTFS).

        Raises:
            OSError: its record cannot be read.
        """
        inode, _, attribute = key.partition("-")
        kind, _, number = attribute.partition("-")
        return self._fs.open_meta(inode=int(inode)), int(kind or 0), int(number or 0)

    def walk(self) -> Iterator[Entry | Gap]:
        """Every entry, folders before what is in them; ids from 1."""
        top: int = self._fs.info.root_inum
        root = Entry(id=self._new_id(), volume=self.volume, path="/", kind=Kind.FOLDER, inode=str(top))
        yield root
        if self._is_ntfs:
            try:
                self._ntfs = Ntfs(self._fs.open_meta(inode=0), self._block_size)
            except (OSError, FormatError) as error:
                detail = f"$MFT, so no $FILE_NAME times and attribute bits: {printable(str(error))}"
                yield Gap(entry=root.id, stage="walk", reason=gap_reason(error), detail=detail)
        seen = {top}
        stack: list[Listing] = []
        yield from self._enter(stack, top, "/", root)
        while stack:
            listing, folder, owner = stack[-1]
            try:
                file = next(listing, None)
            except OSError as error:
                yield _gap(owner, error)
                file = None
            if file is None:
                stack.pop()
                continue
            raw: bytes = file.info.name.name
            if raw in (b".", b".."):
                continue
            path = folder + printable_name(raw)
            records = list(self._records(file, path))
            yield from records
            entry = records[0]
            if isinstance(entry, Entry) and entry.kind is Kind.FOLDER and (inode := self._listable(file)) not in seen:
                seen.add(inode)
                yield from self._enter(stack, inode, path + "/", entry)

    def _enter(self, stack: list[Listing], inode: int, path: str, owner: Entry) -> Iterator[Gap]:
        if len(stack) >= MAX_DEPTH:
            yield Gap(entry=owner.id, stage="walk", reason=GapReason.UNPARSABLE, detail="folders nested too deep")
            return
        try:
            stack.append((iter(self._fs.open_dir(inode=inode)), path, owner))
        except OSError as error:
            # what a deleted folder held may be overwritten: that hides nothing that exists
            if owner.allocated:
                yield _gap(owner, error)

    def _listable(self, file: pytsk3.File) -> int:
        """The record of a folder that can be listed; the root's, always seen, where its own is lost."""
        name, meta = file.info.name, file.info.meta
        lost = meta is None or (name.flags & NAME_DELETED and self._reused(name, meta))
        inode: int = self._fs.info.root_inum if lost else meta.addr
        return inode

    def _new_id(self) -> EntryId:
        self._last += 1
        return EntryId(self._last)

    def _same(self, addr: int, attribute: int, ident: EntryId) -> EntryId | None:
        first = self._first.setdefault((addr, attribute), ident)
        return None if first == ident else first

    def _records(self, file: pytsk3.File, path: str) -> Iterator[Entry | Gap]:
        name, meta = file.info.name, file.info.meta
        deleted = bool(name.flags & NAME_DELETED)
        ident = self._new_id()
        if meta is None or (deleted and self._reused(name, meta)):
            # the record is gone, or another file's now: only the name is left
            kind = Kind.FOLDER if name.type in NAME_FOLDERS else Kind.FILE
            inode = "" if meta is None else str(meta.addr)
            mode = mode_text(name.type, None, 0)
            yield Entry(
                id=ident, volume=self.volume, path=path, kind=kind, allocated=not deleted, mode=mode, inode=inode
            )
            return
        addr: int = meta.addr
        link = self._ntfs is not None and self._ntfs.is_link(addr)
        kind = Kind.LINK if link else KINDS.get(meta.type, Kind.SPECIAL)
        plain = Entry(
            id=ident,
            volume=self.volume,
            path=path,
            kind=kind,
            times=_times(meta),
            allocated=not (deleted or meta.flags & RECORD_DELETED),
            mode=mode_text(name.type, meta.type, meta.mode),
            inode=str(addr),
        )
        if self._ntfs is not None:
            yield from self._ntfs.entries(file, plain, self._new_id, self._same)
        else:
            yield self._plain(file, plain)

    def _plain(self, file: pytsk3.File, plain: Entry) -> Entry:
        """The entry of a file system that keeps one content a file."""
        meta = file.info.meta
        addr: int = meta.addr
        is_stored, position = False, 0
        if meta.type == REGULAR and meta.size:
            is_stored, position = next((stored(attribute, self._block_size) for attribute in file), (True, 0))
        return replace(
            plain,
            size=meta.size if plain.kind is Kind.FILE else 0,
            key=str(addr) if is_stored else "",
            owner=str(meta.uid),
            position=position,
            target=self._target(file) if plain.kind is Kind.LINK else "",
            same_as=self._same(addr, 0, plain.id) if is_stored and plain.allocated and meta.nlink > 1 else None,
        )

    def _reused(self, name: pytsk3.TSK_FS_NAME, meta: pytsk3.TSK_FS_META) -> bool:
        """The deleted name points to a record that another file has taken since."""
        if self._is_ntfs:
            return bool(name.meta_seq != meta.seq)
        return not meta.flags & RECORD_DELETED

    def _target(self, file: pytsk3.File) -> str:
        try:
            return printable(decode_name(file.read_random(0, min(file.info.meta.size, LINK_TARGET))))
        except OSError:
            return ""  # a link whose target cannot be read is still a link; it has no content to miss


def _gap(owner: Entry, error: OSError) -> Gap:
    return Gap(entry=owner.id, stage="walk", reason=gap_reason(error), detail=printable(str(error)))


def _times(meta: pytsk3.TSK_FS_META) -> Macb:
    return Macb(
        modified=_ns(meta.mtime, meta.mtime_nano),
        accessed=_ns(meta.atime, meta.atime_nano),
        changed=_ns(meta.ctime, meta.ctime_nano),
        born=_ns(meta.crtime, meta.crtime_nano),
    )


def _ns(seconds: int, nanoseconds: int) -> UnixNs | None:
    return UnixNs(seconds * 1_000_000_000 + nanoseconds) if seconds or nanoseconds else None
