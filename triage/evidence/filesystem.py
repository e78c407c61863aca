"""Walking one file system through The Sleuth Kit: every name, deleted ones and streams included.

The order is that of `fls -r`: a folder, then what is in it. Nothing is opened but the file system's own tables.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial

import pytsk3

from triage.errors import FormatError, gap_reason
from triage.evidence.allocation import read_allocation
from triage.evidence.containers import Disk
from triage.evidence.freespace import FreeSpace
from triage.evidence.names import mode_text, printable_name
from triage.evidence.ntfs import Ntfs
from triage.evidence.records import RECORD_DELETED, REGULAR, Plain
from triage.model import Entry, EntryId, Gap, GapReason, Kind
from triage.text import printable

NAME_DELETED = int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC)
NAME_FOLDERS = {int(pytsk3.TSK_FS_NAME_TYPE_DIR), int(pytsk3.TSK_FS_NAME_TYPE_VIRT_DIR)}
SEQUENCES = 0xFFFFFFFF

MAX_DEPTH = 1000
"""Folders below folders; deeper ones are a gap. Windows itself stops near 16,000 characters of path."""

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
        keep_utc()
        self.volume = volume
        self._fs = pytsk3.FS_Info(image, offset=offset)
        self.block_size: int = self._fs.info.block_size
        self._is_ntfs = self._fs.info.ftype == pytsk3.TSK_FS_TYPE_NTFS

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

    def free_space(self, disk: Disk, start: int) -> FreeSpace | None:
        """What nobody has taken, None where that is not known. start: byte offset of the volume on the disk."""
        allocation = read_allocation(self._fs) if self._is_ntfs else None
        if allocation is None:
            return None
        return FreeSpace(disk, start, allocation, int(self._fs.info.block_count), self.block_size)

    def walk(self) -> Iterator[Entry | Gap]:
        """Every entry, folders before what is in them; ids from 1."""
        top: int = self._fs.info.root_inum
        root = Entry(id=EntryId(1), volume=self.volume, path="/", kind=Kind.FOLDER, inode=str(top))
        yield root
        form, problem = self._form()
        if problem:
            yield problem
        last = 1
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
            name = file.info.name
            raw: bytes = name.name or b""
            if raw in (b".", b".."):
                continue
            path = folder + printable_name(raw)
            record = self._record(file, name)
            if record is None:
                last += 1
                yield from self._name_only(name, EntryId(last), path)
                continue
            found = form.entries(record, EntryId(last + 1), path, name.type, name.flags & NAME_DELETED)
            yield from found
            last += sum(isinstance(one, Entry) for one in found) if len(found) > 1 else 1
            entry = found[0]
            if not isinstance(entry, Entry) or entry.kind is not Kind.FOLDER:
                continue
            inode: int = record.info.meta.addr
            if inode not in seen:
                seen.add(inode)
                yield from self._enter(stack, inode, path + "/", entry)

    def _form(self) -> tuple[Ntfs | Plain, Gap | None]:
        """What makes entries of the library's records here; and a gap, where not all that it needs can be read."""
        info = self._fs.info
        plain = Plain(self.volume, info.block_size)
        if not self._is_ntfs:
            return plain, None
        try:
            ntfs = Ntfs(self.volume, info.block_size, self._fs.open_meta(inode=0), partial(read_allocation, self._fs))
        except (OSError, FormatError) as error:
            return plain, _mft_gap(gap_reason(error), str(error))
        return ntfs, _mft_gap(GapReason.UNREADABLE, f"{ntfs.lost} records cannot be read") if ntfs.lost else None

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

    def _record(self, file: pytsk3.File, name: pytsk3.TSK_FS_NAME) -> pytsk3.File | None:
        """The library's file with its record; None where that is lost, or another file has taken it since."""
        meta = file.info.meta
        if not name.flags & NAME_DELETED:
            return None if meta is None else file
        if meta is not None:
            # on NTFS, where records are numbered, this name is the file's old one
            return file if meta.flags & RECORD_DELETED or self._is_ntfs else None
        if not name.meta_addr:
            return None
        try:
            freed = self._fs.open_meta(inode=name.meta_addr)
        except OSError:
            return None
        # freeing a record counts its sequence number up by one; the library takes that for another file
        meta = freed.info.meta
        ours = meta.flags & RECORD_DELETED and meta.seq == (name.meta_seq + 1) & SEQUENCES
        return freed if ours else None

    def _name_only(self, name: pytsk3.TSK_FS_NAME, ident: EntryId, path: str) -> Iterator[Entry | Gap]:
        """What is left of a file whose record is not to be had: a loss only where the file still exists."""
        deleted = bool(name.flags & NAME_DELETED)
        entry = Entry(
            id=ident,
            volume=self.volume,
            path=path,
            kind=Kind.FOLDER if name.type in NAME_FOLDERS else Kind.FILE,
            allocated=not deleted,
            mode=mode_text(name.type, None, 0),
            inode=str(name.meta_addr) if name.meta_addr else "",
        )
        yield entry
        if not deleted:
            yield Gap(entry=ident, stage="walk", reason=GapReason.UNREADABLE, detail="its record cannot be read")


def keep_utc() -> None:
    """Makes UTC the zone of this process.

    FAT keeps local times without a zone, and the library takes them for those of the process's: the same image would
    give other times on another machine.
    """
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()


def _mft_gap(reason: GapReason, text: str) -> Gap:
    detail = f"$MFT, so not all $FILE_NAME times and attribute bits: {printable(text)}"
    return Gap(entry=EntryId(1), stage="walk", reason=reason, detail=detail)


def _gap(owner: Entry, error: OSError) -> Gap:
    return Gap(entry=owner.id, stage="walk", reason=gap_reason(error), detail=printable(str(error)))
