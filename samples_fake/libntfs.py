"""NTFS through libntfs-3g, without mounting and without root. Writes the harmless fakes of a scene.

Run as a program it reads a pickled `Volume` from standard input and fills a volume that `mkntfs`
made; `ntfs.py` starts it so, under a clock that stands still.

References:
    NTFS-3G, include/ntfs-3g: volume.h, dir.h, attrib.h, inode.h, layout.h.
"""

from __future__ import annotations

import ctypes
import pickle
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_bool, c_char_p, c_int, c_longlong, c_size_t, c_ubyte, c_uint, c_uint64, c_ulong, c_void_p

from samples_fake.clock import ToolError, set_clock
from samples_fake.tree import COMPRESSED, FakeFile, Volume
from triage.model import Macb, UnixNs
from triage.times import to_filetime

LIBRARY = "libntfs-3g.so.89"

_ROOT = 5
_EXTEND = 11
FIRST_RECORD = 64
"""Number of the first file or folder on a volume that mkntfs made."""

_STANDARD_INFORMATION, _FILE_NAME, _DATA = 0x10, 0x30, 0x80
_TIMES_OF_NAME = 8
"""Where the four times stand in $FILE_NAME; in $STANDARD_INFORMATION they come first."""
_REGULAR, _FOLDER = 0o100000, 0o040000
_MOUNT_POINT = 0xA0000003

_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "ntfs_mount": (c_void_p, (c_char_p, c_ulong)),
    "ntfs_umount": (c_int, (c_void_p, c_bool)),
    "ntfs_inode_open": (c_void_p, (c_void_p, c_uint64)),
    "ntfs_inode_close": (c_int, (c_void_p,)),
    "ntfs_inode_close_in_dir": (c_int, (c_void_p, c_void_p)),
    "ntfs_create": (c_void_p, (c_void_p, c_uint, c_char_p, c_ubyte, c_uint)),
    "ntfs_link": (c_int, (c_void_p, c_void_p, c_char_p, c_ubyte)),
    "ntfs_delete": (c_int, (c_void_p, c_char_p, c_void_p, c_void_p, c_char_p, c_ubyte)),
    "ntfs_attr_open": (c_void_p, (c_void_p, c_uint, c_char_p, c_uint)),
    "ntfs_attr_add": (c_int, (c_void_p, c_uint, c_char_p, c_ubyte, c_char_p, c_longlong)),
    "ntfs_attr_pwrite": (c_longlong, (c_void_p, c_longlong, c_longlong, c_char_p)),
    "ntfs_attr_pclose": (c_int, (c_void_p,)),
    "ntfs_attr_close": (None, (c_void_p,)),
    "ntfs_set_ntfs_attrib": (c_int, (c_void_p, c_char_p, c_size_t, c_int)),
    "ntfs_set_ntfs_reparse_data": (c_int, (c_void_p, c_char_p, c_size_t, c_int)),
}


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(LIBRARY, use_errno=True)
    except OSError:
        raise ToolError(f"{LIBRARY} is not installed; install ntfs-3g") from None
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Ntfs:
    """A volume being filled. Inodes are opened for one act each: the library keeps no cache of them."""

    def __init__(self, path: str, made: UnixNs) -> None:
        self._lib = _load()
        self._made = made
        self._numbers: dict[str, int] = {"": _ROOT, "/$Extend": _EXTEND}
        self._volume = self._done("mount", path, self._lib.ntfs_mount(path.encode(), 0))

    def close(self) -> None:
        """Unmounts."""
        self._checked("unmount", "", self._lib.ntfs_umount(self._volume, False))

    def folder(self, path: str) -> int:
        """The number of a folder, made with all above it where it is not there."""
        if path not in self._numbers:
            with self._opened(self.folder(path.rpartition("/")[0])) as parent:
                made = self._create(parent, path, _FOLDER)
                self._close_in(made, parent)
        return self._numbers[path]

    def file(self, file: FakeFile) -> None:
        """Writes one file with its streams, links, attributes and times."""
        set_clock(self._written(file))
        with self._opened(self.folder(file.parent)) as parent:
            inode = self._create(parent, file.path, _REGULAR)
            self._set_attributes(inode, file)
            if data := b"" if file.late else file.data:
                self._write(inode, file, file.hole, data)
            for name, content in file.streams.items():
                units, length = _utf16(name)
                self._checked(
                    "stream", file.path, self._lib.ntfs_attr_add(inode, _DATA, units, length, content, len(content))
                )
            self._close_in(inode, parent)
        for link in file.hard_links:
            self._link(file, link)
        self._stamp(file.path, file)

    def fill(self, file: FakeFile) -> None:
        """Gives a file that was made empty its content."""
        set_clock(self._written(file))
        with self._opened(self._numbers[file.path]) as inode:
            self._write(inode, file, file.hole, file.data)
        self._stamp(file.path, file)

    def delete(self, file: FakeFile) -> None:
        """Deletes what was written; content and times stay as NTFS leaves them."""
        set_clock(file.times.changed or self._written(file))
        units, length = _utf16(file.name)
        inode = self._open(self._numbers[file.path])
        parent = self._open(self._numbers[file.parent])
        # closes both
        self._checked("delete", file.path, self._lib.ntfs_delete(self._volume, None, inode, parent, units, length))

    def finish_folder(self, path: str, file: FakeFile | None) -> None:
        """Gives a folder its attributes and times, after everything below it is written."""
        with self._opened(self._numbers[path]) as inode:
            if file is not None:
                self._set_attributes(inode, file)
                if file.junction:
                    value = _mount_point(file.junction)
                    set_data = self._lib.ntfs_set_ntfs_reparse_data
                    self._checked("junction", path, set_data(inode, value, len(value), 0))
        self._stamp(path, file)

    def _link(self, file: FakeFile, link: str) -> None:
        parent_path, _, name = link.rpartition("/")
        units, length = _utf16(name)
        number = self.folder(parent_path)
        with self._opened(number) as parent:
            inode = self._open(self._numbers[file.path])
            self._checked("link", link, self._lib.ntfs_link(inode, parent, units, length))
            self._close_in(inode, parent)

    def _written(self, file: FakeFile) -> UnixNs:
        return file.written or file.times.born or self._made

    def _create(self, parent: int, path: str, mode: int) -> int:
        units, length = _utf16(path.rpartition("/")[2])
        inode = self._done("create", path, self._lib.ntfs_create(parent, 0, units, length, mode))
        # the first member of struct ntfs_inode
        self._numbers[path] = int(ctypes.cast(inode, POINTER(c_uint64))[0])
        return inode

    def _write(self, inode: int, file: FakeFile, offset: int, data: bytes) -> None:
        attribute = self._done("open data of", file.path, self._lib.ntfs_attr_open(inode, _DATA, None, 0))
        done = 0
        while done < len(data):
            written = self._lib.ntfs_attr_pwrite(attribute, offset + done, len(data) - done, data[done:])
            if written <= 0:
                raise ToolError(f"libntfs-3g cannot write {file.path!r}: errno {ctypes.get_errno()}")
            done += written
        if file.attributes & COMPRESSED:
            self._checked("compress", file.path, self._lib.ntfs_attr_pclose(attribute))
        self._lib.ntfs_attr_close(attribute)

    def _set_attributes(self, inode: int, file: FakeFile) -> None:
        if file.attributes:
            value = struct.pack("<I", file.attributes)
            self._checked("attributes of", file.path, self._lib.ntfs_set_ntfs_attrib(inode, value, 4, 0))

    def _stamp(self, path: str, file: FakeFile | None) -> None:
        """Writes the four times of $STANDARD_INFORMATION; those of $FILE_NAME only where the file has its own.

        The library's own call (ntfs_inode_set_times) would change $FILE_NAME too, which Windows does not.
        """
        times = file.times if file else Macb()
        default = self._written(file) if file else self._made
        with self._opened(self._numbers[path]) as inode:
            self._put_times(inode, path, _STANDARD_INFORMATION, 0, _four(times, default))
            if file and file.name_times:
                self._put_times(inode, path, _FILE_NAME, _TIMES_OF_NAME, _four(file.name_times, default))

    def _put_times(self, inode: int, path: str, kind: int, offset: int, value: bytes) -> None:
        attribute = self._done("open times of", path, self._lib.ntfs_attr_open(inode, kind, None, 0))
        if self._lib.ntfs_attr_pwrite(attribute, offset, len(value), value) != len(value):
            raise ToolError(f"libntfs-3g cannot set the times of {path!r}: errno {ctypes.get_errno()}")
        self._lib.ntfs_attr_close(attribute)

    def _open(self, number: int) -> int:
        return self._done("open", f"inode {number}", self._lib.ntfs_inode_open(self._volume, number))

    @contextmanager
    def _opened(self, number: int) -> Iterator[int]:
        inode = self._open(number)
        yield inode
        self._checked("close", f"inode {number}", self._lib.ntfs_inode_close(inode))

    def _close_in(self, inode: int, parent: int) -> None:
        self._checked("close", "", self._lib.ntfs_inode_close_in_dir(inode, parent))

    def _done(self, act: str, path: str, result: int | None) -> int:
        if not result:
            raise ToolError(f"libntfs-3g cannot {act} {path!r}: errno {ctypes.get_errno()}")
        return result

    def _checked(self, act: str, path: str, result: int) -> None:
        if result:
            raise ToolError(f"libntfs-3g: {act} {path!r} gave {result}, errno {ctypes.get_errno()}")


def _four(times: Macb, default: UnixNs) -> bytes:
    """The times in the order NTFS keeps them."""
    order = (times.born, times.modified, times.changed, times.accessed)
    return struct.pack("<4Q", *(to_filetime(default if one is None else one) for one in order))


def _utf16(name: str) -> tuple[bytes, int]:
    """UTF-16LE with lone surrogates as they are, and the number of units."""
    units = name.encode("utf-16-le", "surrogatepass")
    return units, len(units) // 2


def _mount_point(target: str) -> bytes:
    """Reparse data of a junction to a path on drive C: ([MS-FSCC] 2.1.2.5)."""
    shown = ("C:" + target.replace("/", "\\")).encode("utf-16-le")
    real = "\\??\\".encode("utf-16-le") + shown
    names = struct.pack("<4H", 0, len(real), len(real) + 2, len(shown)) + real + b"\0\0" + shown + b"\0\0"
    return struct.pack("<IHH", _MOUNT_POINT, len(names), 0) + names


def fill(path: str, volume: Volume) -> None:
    """Writes the files of a volume, deletes the early, fills the late, deletes the rest; then folders' times."""
    set_clock(volume.made)
    ntfs = Ntfs(path, volume.made)
    named = {file.path: file for file in volume.files if file.folder}
    folders = _folders(volume.files)
    for folder in folders:
        one = named.get(folder)
        set_clock((one.written or one.times.born or volume.made) if one else volume.made)
        ntfs.folder(folder)
        if one is not None and one.attributes & COMPRESSED:
            ntfs.finish_folder(folder, one)
    files = [file for file in volume.files if not file.folder]
    for file in files:
        ntfs.file(file)
    for early in (True, False):
        for file in files:
            if file.deleted and file.early is early:
                ntfs.delete(file)
        for file in files:
            if file.late and early:
                ntfs.fill(file)
    set_clock(volume.made)
    for folder in reversed(folders):
        ntfs.finish_folder(folder, named.get(folder))
        if (one := named.get(folder)) and one.deleted:
            ntfs.delete(one)
    ntfs.finish_folder("", None)
    ntfs.close()


def record_numbers(files: tuple[FakeFile, ...]) -> dict[str, int]:
    """Which record of `$MFT` each path gets on a new volume: folders first, then files in their order."""
    paths = [path for path in _folders(files) if path != "/$Extend"]
    paths += [file.path for file in files if not file.folder]
    return {path: number for number, path in enumerate(paths, FIRST_RECORD)}


def _folders(files: tuple[FakeFile, ...]) -> list[str]:
    """Every folder in the order in which they are made."""
    named = {file.path for file in files if file.folder}
    return sorted({*named, *_above(files)}, key=lambda one: (one.count("/"), one))


def _above(files: tuple[FakeFile, ...]) -> Iterator[str]:
    """Every folder that files and links need."""
    for file in files:
        for path in (file.path, *file.hard_links):
            while path := path.rpartition("/")[0]:
                yield path


if __name__ == "__main__":
    fill(sys.argv[1], pickle.load(sys.stdin.buffer))
