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

    def open_path(self, path: str) -> pytsk3.File | None:
        """The regular file at a printable path, None where there is none."""
        try:
            file = self._fs.open(path)
        except OSError:
            return None
        return file if file.info.meta is not None and file.info.meta.type == REGULAR else None

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
            record = self._record(file)
            records = list(self._records(file.info.name, record, path))
            yield from records
            entry = records[0]
            if record is None or not isinstance(entry, Entry) or entry.kind is not Kind.FOLDER:
                continue
            inode: int = record.info.meta.addr
            if inode not in seen:
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

    def _record(self, file: pytsk3.File) -> pytsk3.File | None:
        """The library's file with its record; None where that is lost, or another file has taken it since."""
        name, meta = file.info.name, file.info.meta
        if not name.flags & NAME_DELETED:
            return None if meta is None else file
        if not self._is_ntfs:
            return file if meta is not None and meta.flags & RECORD_DELETED else None
        if meta is not None:
            return file if name.meta_seq == meta.seq else None
        try:
            freed = self._fs.open_meta(inode=name.meta_addr)
        except OSError:
            return None
        # freeing a record counts its sequence number up by one; the library takes that for another file
        ours = freed.info.meta.flags & RECORD_DELETED and freed.info.meta.seq == name.meta_seq + 1
        return freed if ours else None

    def _new_id(self) -> EntryId:
        self._last += 1
        return EntryId(self._last)

    def _same(self, addr: int, attribute: int, ident: EntryId) -> EntryId | None:
        first = self._first.setdefault((addr, attribute), ident)
        return None if first == ident else first

    def _records(
        self, name: pytsk3.TSK_FS_NAME, record: pytsk3.File | None, path: str
    ) -> Iterator[Entry | Gap]:
        deleted = bool(name.flags & NAME_DELETED)
        ident = self._new_id()
        if record is None:
            yield Entry(
                id=ident,
                volume=self.volume,
                path=path,
                kind=Kind.FOLDER if name.type in NAME_FOLDERS else Kind.FILE,
                allocated=not deleted,
                mode=mode_text(name.type, None, 0),
                inode=str(name.meta_addr) if name.meta_addr else "",
            )
            return
        meta = record.info.meta
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
            yield from self._ntfs.entries(record, plain, self._new_id, self._same)
        else:
            yield self._plain(record, plain)

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
