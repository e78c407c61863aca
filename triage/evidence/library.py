"""Containers read through the libyal libraries: VMDK, VHD, VHDX and EWF2.

Their handles are neither safe between threads nor across a fork: a lock is held around each call, and a worker
process opens the disk anew.

Limits:
    A VHDX that was not closed cleanly holds changes in its log, which is not replayed: it is refused.
"""

from __future__ import annotations

import errno
import io
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyewf
import pyvhdi
import pyvmdk

from triage.errors import EvidenceError
from triage.evidence.parts import open_readonly
from triage.evidence.vmdk import SPARSE, Descriptor, Extent, base_name, is_descriptor, read_descriptor

_VHD_DIFFERENCING = 4
_MOST_PARENTS = 64
_MOST_DESCRIPTOR = 1 << 20
_MOST_LOG = 64 << 20
_NOTHING = Descriptor(kind="", extents=(), parent="")


class LibraryDisk:
    """A disk behind a libyal handle.

    Args:
        handle: opened; closed with this disk.
        parts: every file, parents' too.
        held: what the handle reads from; closed with this disk.
    """

    def __init__(
        self,
        handle: Any,  # noqa: ANN401 (the libraries have no types)
        format: str,  # noqa: A002
        parts: Sequence[Path],
        held: ExitStack,
        stored_hashes: Mapping[str, str] | None = None,
    ) -> None:
        self.handle = handle
        self.format = format
        self.parts: tuple[Path, ...] = tuple(parts)
        self.size = int(handle.get_media_size())
        self.stored_hashes: Mapping[str, str] = stored_hashes or {}
        self._held = held.pop_all()
        self._lock = threading.Lock()

    def read(self, offset: int, size: int) -> bytes:
        end = min(offset + size, self.size)
        pieces = []
        while offset < end:
            try:
                with self._lock:
                    piece: bytes = self.handle.read_buffer_at_offset(end - offset, offset)
            except OSError as error:
                raise OSError(errno.EIO, f"cannot read offset {offset}: {cause(error)}", str(self.parts[0])) from error
            if not piece:
                raise OSError(errno.EIO, f"cannot read offset {offset}: the image ends early", str(self.parts[0]))
            pieces.append(piece)
            offset += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def view(self, offset: int, size: int) -> memoryview | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        with self._lock:
            self.handle.close()
        self._held.close()


def cause(error: OSError) -> str:
    """The innermost reason of a libyal message: `binding: what. innermost: why. outer: what. …`."""
    calls = str(error).split(". ")
    reason = calls[1] if len(calls) > 1 else calls[0]
    return reason.partition(": ")[2] or reason


def _files(paths: Sequence[Path], held: ExitStack) -> list[io.FileIO]:
    files = []
    for path in paths:
        try:
            files.append(held.enter_context(io.FileIO(open_readonly(path), "rb")))
        except OSError as error:
            raise EvidenceError(f"{path}: cannot be read: {error.strerror}") from error
    return files


def beside(path: Path, name: str, what: str) -> Path:
    """A file that evidence names, in the evidence's own folder."""
    found = path.with_name(base_name(name)) if base_name(name) else path
    if found == path or not found.is_file():
        raise EvidenceError(f"{path}: {what} {name!r} is missing: put it beside the image")
    return found


def open_vmdk(path: Path, depth: int = 0) -> LibraryDisk:
    """A VMDK disk by its descriptor, by its only extent, or by any extent whose descriptor lies beside it.

    Raises:
        EvidenceError: an extent or the parent is missing or too short; libvmdk refuses it.
    """
    try:
        described = read_descriptor(path)
        if described is None:
            path = _descriptor_of(path)
            described = read_descriptor(path)
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror}") from error
    if described is None:
        raise EvidenceError(f"{path}: VMDK descriptor is missing: put it beside the image")
    with path.open("rb") as file:
        alone = len(described.extents) == 1 and file.read(4) == SPARSE
    extents = [path] if alone else [_extent(path, extent) for extent in described.extents]
    with ExitStack() as held:
        files = _files([path, *extents], held)
        handle = pyvmdk.handle()
        try:
            handle.open_file_object(files[0])
            handle.open_extent_data_files_as_file_objects(files[1:])
            parts = extents if alone else [path, *extents]
            if described.parent:
                if depth >= _MOST_PARENTS:
                    raise EvidenceError(f"{path}: more than {_MOST_PARENTS} disks on each other")
                parent = open_vmdk(beside(path, described.parent, "parent disk"), depth + 1)
                held.callback(parent.close)
                handle.set_parent(parent.handle)
                parts += parent.parts
            return LibraryDisk(handle, "vmdk", parts, held)
        except (OSError, MemoryError) as error:
            raise EvidenceError(f"{path}: VMDK image cannot be opened: {_why(error)}") from error


def _extent(path: Path, extent: Extent) -> Path:
    if extent.kind == "ZERO":
        raise EvidenceError(f"{path}: VMDK with an extent of zeros is not read: convert it to raw")
    place = beside(path, extent.name, "extent")
    if extent.kind in {"FLAT", "VMFS"} and place.stat().st_size < extent.offset + extent.size:
        raise EvidenceError(f"{place}: ends early: {path.name} promises {extent.size} bytes: copy it again")
    return place


def _descriptor_of(extent: Path) -> Path:
    """The descriptor beside an extent that names it."""
    for candidate in sorted(extent.parent.glob("*.vmdk")):
        if candidate.stat().st_size > _MOST_DESCRIPTOR:
            continue
        with candidate.open("rb") as file:
            if is_descriptor(file.read(64)) and any(
                base_name(named.name) == extent.name for named in (read_descriptor(candidate) or _NOTHING).extents
            ):
                return candidate
    raise EvidenceError(f"{extent}: extent of a split VMDK: its descriptor, the small .vmdk file, is missing")


def open_vhd(path: Path, depth: int = 0) -> LibraryDisk:
    """A VHD or VHDX disk.

    Raises:
        EvidenceError: the parent is missing or another one, the log is not empty, or libvhdi refuses it.
    """
    with ExitStack() as held:
        (file,) = _files([path], held)
        name = "vhdx" if file.read(8) == b"vhdxfile" else "vhd"
        if name == "vhdx" and _log_holds_changes(file):
            raise EvidenceError(f"{path}: VHDX was not closed cleanly: run `qemu-img check -r all` on a copy of it")
        file.seek(0)
        handle = pyvhdi.file()
        try:
            handle.open_file_object(file)
            parts = [path]
            if handle.get_disk_type() == _VHD_DIFFERENCING:
                parent = _vhd_parent(path, handle, depth)
                held.callback(parent.close)
                handle.set_parent(parent.handle)
                parts += parent.parts
            return LibraryDisk(handle, name, parts, held)
        except (OSError, MemoryError) as error:
            raise EvidenceError(f"{path}: {name.upper()} image cannot be opened: {_why(error)}") from error


def _vhd_parent(path: Path, handle: Any, depth: int) -> LibraryDisk:  # noqa: ANN401
    named = handle.get_parent_filename() or ""
    if depth >= _MOST_PARENTS:
        raise EvidenceError(f"{path}: more than {_MOST_PARENTS} disks on each other")
    parent = open_vhd(beside(path, named, "parent disk"), depth + 1)
    if parent.handle.get_identifier() != handle.get_parent_identifier():
        parent.close()
        raise EvidenceError(f"{parent.parts[0]}: is not the state of the parent disk that {path.name} was made on")
    return parent


def _log_holds_changes(file: io.FileIO) -> bool:
    """Whether a VHDX header that counts names a log whose entries are there.

    References:
        MS-VHDX 2.2.2 (headers), 2.3 (log).
    """
    newest, log = -1, b""
    for start in (0x10000, 0x20000):
        file.seek(start)
        header = file.read(80)
        if header[:4] == b"head" and (number := int.from_bytes(header[8:16], "little")) > newest:
            newest, log = number, header
    guid, length, offset = log[48:64], int.from_bytes(log[68:72], "little"), int.from_bytes(log[72:80], "little")
    if not any(guid):
        return False
    for start in range(offset, offset + min(length, _MOST_LOG), 4096):
        file.seek(start)
        entry = file.read(48)
        if entry[:4] == b"loge" and entry[32:48] == guid:
            return True
    return False


def open_ewf_by_library(parts: Sequence[Path]) -> LibraryDisk:
    """EWF by libewf: Ex01, and what `ewf.py` refuses.

    Raises:
        EvidenceError: libewf refuses it, too.
    """
    with ExitStack() as held:
        handle = pyewf.handle()
        try:
            handle.open_file_objects(_files(parts, held))
            stored = {name.lower(): str(value) for name, value in (handle.get_hash_values() or {}).items()}
            return LibraryDisk(handle, "ewf", parts, held, stored)
        except (OSError, MemoryError) as error:
            raise EvidenceError(f"{parts[0]}: EWF image cannot be opened: {_why(error)}") from error


def _why(error: OSError | MemoryError) -> str:
    return cause(error) if isinstance(error, OSError) else "it asks for more memory than there is"
