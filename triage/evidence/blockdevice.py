r"""Block devices: `/dev/sdX`, `/dev/loopN`; on Windows `\\.\C:` and `\\.\PhysicalDriveN`.

Limits:
    The Windows length query was written from Microsoft's documentation of IOCTL_DISK_GET_LENGTH_INFO and has not
    been run on Windows. The sectors behind the file system of a mounted Windows volume (its backup boot sector) may
    be refused by the system: they then read as errors.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from triage.errors import EvidenceError
from triage.evidence.parts import open_readonly, read_at

if sys.platform == "win32":
    import msvcrt
    from ctypes import wintypes

ALIGNMENT = 4096
"""Bytes; a multiple of every sector size in use, so it need not be asked for."""

IOCTL_DISK_GET_LENGTH_INFO = 0x0007405C

_ERROR_NOT_SUPPORTED = 50
_MOST_BLOCKS = 1 << 40


class AlignedReader:
    """Reads anything through reads that begin and end on a boundary, as Windows demands of a raw device.

    Args:
        read: (offset, size) to bytes; fewer than size only at the end.
        size: bytes of media; the last read ends there, aligned or not.
        alignment: bytes, a power of two.
    """

    def __init__(self, read: Callable[[int, int], bytes], size: int, alignment: int = ALIGNMENT) -> None:
        self._read = read
        self._size = size
        self._alignment = alignment

    def read(self, offset: int, size: int) -> bytes:
        """Up to size bytes; fewer only at the end of the media.

        Raises:
            OSError: the device refuses or gives less than it promised; the message has the offset.
        """
        end = min(offset + size, self._size)
        if offset >= end:
            return b""
        start = offset & -self._alignment
        stop = min((end + self._alignment - 1) & -self._alignment, self._size)
        data = self._read(start, stop - start)
        if len(data) < end - start:
            raise OSError(errno.EIO, f"device ends at offset {start + len(data)}")
        return data[offset - start : end - start]


class BlockDisk:
    """A block device, read-only. Safe to read from several threads.

    Raises:
        EvidenceError: it cannot be opened or does not tell its size.
    """

    format = "device"
    stored_hashes: Mapping[str, str] = {}

    def __init__(self, path: Path) -> None:
        self.parts: tuple[Path, ...] = (path,)
        self._name = device_name(path)
        self._lock = threading.Lock()
        try:
            self._descriptor = open_readonly(self._name)
        except OSError as error:
            what = "run triage as administrator" if isinstance(error, PermissionError) else "check its name"
            raise EvidenceError(f"{self._name}: device cannot be opened: {error.strerror}; {what}") from error
        try:
            self.size = device_size(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise EvidenceError(f"{self._name}: device does not tell its size: {error}") from error
        self._aligned = AlignedReader(self._at, self.size)

    def _at(self, offset: int, size: int) -> bytes:
        try:
            with self._lock:
                return read_at(self._descriptor, offset, size)
        except OSError as error:
            message = f"cannot read {size} bytes at offset {offset}: {error.strerror}"
            raise OSError(error.errno, message, self._name) from error

    def read(self, offset: int, size: int) -> bytes:
        return self._aligned.read(offset, size)

    def view(self, offset: int, size: int) -> memoryview | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def device_name(path: Path | str) -> str:
    r"""A device's name as the system takes it: `pathlib` makes the folder `\\.\C:\` of the device `\\.\C:`."""
    name = str(path).replace("/", "\\") if str(path).startswith("//./") else str(path)
    return name.rstrip("\\") if name.startswith("\\\\.\\") else name


def is_device(path: Path) -> bool:
    """Whether path names a block device."""
    if device_name(path).startswith("\\\\.\\"):
        return True
    try:
        return stat.S_ISBLK(path.stat().st_mode)
    except OSError:
        return False


def device_size(descriptor: int) -> int:
    """Bytes of the device behind an open descriptor.

    Raises:
        OSError: it does not say.
    """
    if sys.platform == "win32":
        control = ctypes.WinDLL("kernel32", use_last_error=True).DeviceIoControl
        control.argtypes = (
            wintypes.HANDLE, wintypes.DWORD, wintypes.LPVOID, wintypes.DWORD,
            wintypes.LPVOID, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD), wintypes.LPVOID,
        )  # fmt: skip
        control.restype = wintypes.BOOL
        length, returned = ctypes.c_int64(0), wintypes.DWORD(0)
        out = ctypes.byref(length), ctypes.sizeof(length), ctypes.byref(returned)
        if control(msvcrt.get_osfhandle(descriptor), IOCTL_DISK_GET_LENGTH_INFO, None, 0, *out, None):
            return length.value
        if ctypes.get_last_error() != _ERROR_NOT_SUPPORTED:
            raise ctypes.WinError(ctypes.get_last_error())
        return size_by_reading(lambda offset, size: read_at(descriptor, offset, size))
    return os.lseek(descriptor, 0, os.SEEK_END)


def size_by_reading(read: Callable[[int, int], bytes]) -> int:
    """Bytes of a device whose driver does not answer: the end of the last block that can be read, found by halving.

    Args:
        read: see `AlignedReader`.
    """

    def there(block: int) -> int:
        try:
            return len(read(block * ALIGNMENT, ALIGNMENT))
        except OSError:
            return 0

    end = 1
    while there(end) and end < _MOST_BLOCKS:
        end *= 2
    first = 0
    while first < end:  # the first block that is not there lies in [first, end]
        middle = (first + end) // 2
        first, end = (middle + 1, end) if there(middle) else (first, middle)
    return 0 if first == 0 else (first - 1) * ALIGNMENT + there(first - 1)
