"""A folder on this machine: a mounted image, a copied tree, a live drive.

Links are recorded and not followed; FIFOs, sockets and devices are never opened.

Limits:
    Alternate data streams and `$FILE_NAME` times are not visible through a mounted folder: scan the device or an
    image for them.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from triage.case import VolumeInfo
from triage.errors import EvidenceError, gap_reason
from triage.evidence.descent import Child, children, open_file
from triage.evidence.names import mode_text, printable_name
from triage.evidence.parts import read_at
from triage.model import Entry, EntryId, Gap, GapReason, Kind, Macb, UnixNs
from triage.text import printable

REPARSE_POINT = 0x400
FINGERPRINT_LEVELS = 2

_KINDS = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.FOLDER, stat.S_IFLNK: Kind.LINK}
_TSK_TYPES = {
    stat.S_IFIFO: (1, 3),
    stat.S_IFCHR: (2, 4),
    stat.S_IFDIR: (3, 2),
    stat.S_IFBLK: (4, 5),
    stat.S_IFREG: (5, 1),
    stat.S_IFLNK: (6, 6),
    stat.S_IFSOCK: (7, 7),
}
"""TSK's numbers of name type and metadata type."""


class FileStream:
    """One open file."""

    def __init__(self, descriptor: int, size: int | None = None) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size if size is None else size

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes."""
        return read_at(self.descriptor, offset, size)

    def data_from(self, offset: int) -> int:
        """Where the next stored byte lies, as far as the system tells; size where only a hole follows."""
        if not hasattr(os, "SEEK_DATA"):
            return offset
        try:
            return min(os.lseek(self.descriptor, offset, os.SEEK_DATA), self.size)
        except OSError as error:
            return self.size if error.errno == errno.ENXIO else offset

    def close(self) -> None:
        """Closes it."""
        os.close(self.descriptor)


class Folder:
    """A tree below one folder.

    Args:
        root: the folder.

    Raises:
        EvidenceError: it cannot be listed.
    """

    format = "folder"
    size = 0
    stored_hashes: Mapping[str, str] = {}
    volumes = (VolumeInfo(index=0, offset=0, size=0, filesystem="folder", label="", serial="", opened=True),)

    def __init__(self, root: Path) -> None:
        try:
            children(root, b"")
        except OSError as error:
            raise EvidenceError(f"{root}: {error.strerror}; give a folder that can be listed") from error
        self._root = root
        self.name = printable(root.name or str(root))

    def close(self) -> None:
        """Nothing is held open."""

    def fingerprint(self) -> str:
        """SHA-256 over names, kinds, sizes and modification times of the first levels."""
        digest = hashlib.sha256()
        for record in self._list(FINGERPRINT_LEVELS):
            if isinstance(record, Entry):
                digest.update(f"{record.path}\0{record.kind.value}\0{record.size}\0{record.times.modified}\n".encode())
        return digest.hexdigest()

    def hashes(self, step: Callable[[], None]) -> Mapping[str, str]:
        """None: a folder has no media."""
        del step
        return {}

    def walk(self, volume: int) -> Iterator[Entry | Gap]:
        """Depth first, in name order. What cannot be listed is a Gap."""
        del volume
        return self._list(levels=0)

    def open(self, entry: Entry) -> FileStream:
        """The entry's bytes, as many as the walk saw.

        Raises:
            OSError: gone, refused, no longer a regular file, or shorter than it was.
        """
        stream = self._stream(_raw(entry.key), entry.size)
        if os.fstat(stream.descriptor).st_size < entry.size:
            stream.close()
            raise FileNotFoundError(errno.ENOENT, "shorter than when it was listed")
        return stream

    def free_space(self, volume: int) -> None:
        """None: a folder shows only the files in it."""
        del volume

    def unchanged(self, entry: Entry) -> bool:
        """A folder has no shadow copies."""
        del entry
        return False

    def beside(self, entry: Entry, name: str) -> FileStream | None:
        """Another file of the entry's folder."""
        folder = _raw(entry.key).rpartition(b"/")[0]
        try:
            return self._stream(folder + b"/" + os.fsencode(name) if folder else os.fsencode(name))
        except OSError:
            return None

    def _stream(self, relative: bytes, size: int | None = None) -> FileStream:
        descriptor = open_file(self._root, relative)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "no longer a regular file")
        return FileStream(descriptor, size)

    def _list(self, levels: int) -> Iterator[Entry | Gap]:
        """The tree, or its first levels."""
        root = Entry(id=EntryId(1), volume=0, path="/", kind=Kind.FOLDER)
        yield root
        last = 1
        first: dict[tuple[int, int], EntryId] = {}
        stack: list[tuple[Iterator[Child], bytes, str]] = [(iter(children(self._root, b"")), b"", "")]
        while stack:
            listing, folder, shown = stack[-1]
            child = next(listing, None)
            if child is None:
                stack.pop()
                continue
            last += 1
            raw = folder + b"/" + child.name if folder else child.name
            path = f"{shown}/{printable_name(child.name)}"
            if child.stat is None:
                yield Entry(id=EntryId(last), volume=0, path=path, kind=Kind.SPECIAL)
                yield _gap(EntryId(last), child.error)
                continue
            entry = _entry(EntryId(last), path, raw, child.stat, first)
            yield entry
            if entry.kind is Kind.FOLDER and (not levels or len(stack) < levels):
                try:
                    stack.append((iter(children(self._root, raw)), raw, path))
                except OSError as error:
                    yield _gap(entry.id, error)


def _entry(
    ident: EntryId, path: str, raw: bytes, found: os.stat_result, first: dict[tuple[int, int], EntryId]
) -> Entry:
    form = stat.S_IFMT(found.st_mode)
    kind = _KINDS.get(form, Kind.SPECIAL)
    attributes = getattr(found, "st_file_attributes", 0)
    if attributes & REPARSE_POINT:  # to Python a junction is a folder
        kind = Kind.LINK
    is_file = kind is Kind.FILE
    same = first.setdefault((found.st_dev, found.st_ino), ident) if is_file and found.st_nlink > 1 else ident
    on_windows = sys.platform == "win32"
    return Entry(
        id=ident,
        volume=0,
        path=path,
        kind=kind,
        size=found.st_size if is_file else 0,
        key=_key(raw) if is_file and found.st_size else "",
        times=Macb(
            modified=UnixNs(found.st_mtime_ns),
            accessed=UnixNs(found.st_atime_ns),
            changed=None if on_windows else UnixNs(found.st_ctime_ns),
            born=UnixNs(found.st_ctime_ns) if on_windows else None,
        ),
        attributes=attributes,
        mode=mode_text(*_TSK_TYPES.get(form, (0, 0)), found.st_mode & 0o7777),
        owner=str(found.st_uid),
        inode=str(found.st_ino),
        same_as=None if same == ident else same,
    )


def _gap(owner: EntryId, error: OSError | None) -> Gap:
    reason = GapReason.UNREADABLE if error is None else gap_reason(error)
    text = "no metadata" if error is None else error.strerror or str(error)
    return Gap(entry=owner, stage="walk", reason=reason, detail=printable(text))


def _key(raw: bytes) -> str:
    """How the file is found again: its path where that is UTF-8, else the path's bytes in hex."""
    try:
        return "=" + raw.decode("utf-8")
    except UnicodeDecodeError:
        return "#" + raw.hex()


def _raw(key: str) -> bytes:
    return key[1:].encode("utf-8") if key.startswith("=") else bytes.fromhex(key[1:])
