r"""Drive letters and `\\.\PhysicalDriveN`, asked of Windows itself: nothing is started, and it takes no administrator.

Limits:
    Written from Microsoft's documentation; run under Wine, not on Windows. What a locked BitLocker volume is called is
    told only to an administrator.

References:
    Microsoft Learn: GetLogicalDrives, GetDriveTypeW, GetVolumeInformationW, GetDiskFreeSpaceExW,
    IOCTL_STORAGE_QUERY_PROPERTY (STORAGE_DEVICE_DESCRIPTOR), IOCTL_DISK_GET_DRIVE_GEOMETRY_EX,
    IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS.
"""

from __future__ import annotations

import ctypes
import string
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from triage.cli.assistant.plugged import Area, Attached
from triage.evidence.signatures import HEAD, recognise

if sys.platform == "win32":
    from ctypes import wintypes

    _REMOVABLE, _FIXED, _CDROM = 2, 3, 5
    _DISKS = 16
    _GEOMETRY_EX, _QUERY_PROPERTY, _EXTENTS = 0x000700A0, 0x002D1400, 0x00560000
    _SHARE, _OPEN_EXISTING = 0x3, 3
    _SILENT = 0x1 | 0x8000
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = (
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID,
        wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE,
    )  # fmt: skip
    _kernel.DeviceIoControl.argtypes = (
        wintypes.HANDLE, wintypes.DWORD, wintypes.LPVOID, wintypes.DWORD,
        wintypes.LPVOID, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD), wintypes.LPVOID,
    )  # fmt: skip
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _NO_HANDLE = wintypes.HANDLE(-1).value

    def found() -> Iterator[Attached]:
        """Drive letters, as devices where this user may read them so and as folders where not; then whole disks."""
        _kernel.SetErrorMode(_SILENT)  # no dialogue about an empty card reader
        letters = [letter for n, letter in enumerate(string.ascii_uppercase) if _kernel.GetLogicalDrives() >> n & 1]
        drives = {letter: drive for letter in letters if (drive := _drive(letter))}
        yield from drives.values()
        on = {letter: _disk_of(letter) for letter in drives}
        for number in range(_DISKS):
            yield from _disk(number, [drives[letter] for letter in drives if on[letter] == number])

    def is_administrator() -> bool:
        """Whether devices may be read."""
        return bool(ctypes.WinDLL("shell32").IsUserAnAdmin())

    def _drive(letter: str) -> Attached | None:
        root = f"{letter}:\\"
        kind = _kernel.GetDriveTypeW(root)
        if kind not in (_REMOVABLE, _FIXED, _CDROM):
            return None
        label, system = ctypes.create_unicode_buffer(261), ctypes.create_unicode_buffer(261)
        opens = _kernel.GetVolumeInformationW(root, label, 261, None, None, None, system, 261)
        total = ctypes.c_uint64(0)
        _kernel.GetDiskFreeSpaceExW(root, None, ctypes.byref(total), None)
        device = Path(f"\\\\.\\{letter}:")
        raw = is_administrator()
        filesystem = system.value.lower() if opens else _signature(device)
        if not opens and not filesystem:
            return None  # no disc in it
        return Attached(
            path=device if raw else Path(root),
            size=total.value,
            name=f"{letter}:",
            areas=(Area(filesystem=filesystem, label=label.value, size=total.value),),
            folders=(Path(root),),
            is_drive=True,
            runs_system=letter == _system_letter(),
            is_removable=kind != _FIXED,
        )

    def _system_letter() -> str:
        folder = ctypes.create_unicode_buffer(261)
        _kernel.GetSystemWindowsDirectoryW(folder, 261)
        return folder.value[:1].upper()

    def _signature(device: Path) -> str:
        with suppress(OSError), device.open("rb", buffering=0) as stream:
            return recognise(stream.read(HEAD & ~0xFFF))
        return ""

    def _disk(number: int, drives: list[Attached]) -> Iterator[Attached]:
        path = f"\\\\.\\PhysicalDrive{number}"
        geometry = _control(path, _GEOMETRY_EX, b"", 256)
        if len(geometry) < 32:
            return
        yield Attached(
            path=Path(path),
            size=struct.unpack_from("<Q", geometry, 24)[0],
            name=_model(_control(path, _QUERY_PROPERTY, bytes(12), 1024)) or f"Disk {number}",
            areas=tuple(area for drive in drives for area in drive.areas),
            folders=tuple(folder for drive in drives for folder in drive.folders),
            runs_system=False,
            is_removable=any(drive.is_removable for drive in drives),
            is_readable=is_administrator(),
        )

    def _model(descriptor: bytes) -> str:
        """Vendor and product of a STORAGE_DEVICE_DESCRIPTOR."""
        if len(descriptor) < 24:
            return ""
        places = (place for place in struct.unpack_from("<2I", descriptor, 12) if 0 < place < len(descriptor))
        words = (descriptor[place:].partition(b"\0")[0].decode("ascii", "replace") for place in places)
        return " ".join(" ".join(words).split())

    def _disk_of(letter: str) -> int | None:
        """The number of the disk that a letter's volume begins on."""
        extents = _control(f"\\\\.\\{letter}:", _EXTENTS, b"", 1024)
        return struct.unpack_from("<I", extents, 8)[0] if len(extents) >= 12 else None

    def _control(path: str, code: int, given: bytes, most: int) -> bytes:
        """What a device answers; nothing where it refuses."""
        handle = _kernel.CreateFileW(path, 0, _SHARE, None, _OPEN_EXISTING, 0, None)
        if handle in (None, _NO_HANDLE):
            return b""
        try:
            out, length = ctypes.create_string_buffer(most), wintypes.DWORD(0)
            done = _kernel.DeviceIoControl(handle, code, given, len(given), out, most, ctypes.byref(length), None)
            return out.raw[: length.value] if done else b""
        finally:
            _kernel.CloseHandle(handle)
