"""The ordinary part of a Windows disk: a few system files and programs, told by version information. All fakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from samples_fake import documents
from samples_fake.scenes.calendar import at, touched
from samples_fake.tree import HIDDEN, SYSTEM, FakeFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """A Windows release. srv: version of the SMBv1 server driver, None where the driver is not there."""

    version: tuple[int, int, int, int]
    srv: tuple[int, int, int, int] | None


SEVEN = Windows(version=(6, 1, 7601, 17514), srv=(6, 1, 7601, 17514))
"""Service pack 1 without the fix for MS17-010."""

SEVEN_PATCHED = Windows(version=(6, 1, 7601, 23689), srv=(6, 1, 7601, 23689))
TEN = Windows(version=(10, 0, 17763, 1397), srv=None)

_BUILT = at("2010-11-20T12:30:00")
_PROGRAMS = (
    "System32/notepad.exe",
    "System32/cmd.exe",
    "System32/svchost.exe",
    "System32/taskhost.exe",
    "System32/diskpart.exe",
    "System32/cliconfg.exe",
    "System32/waitfor.exe",
    "explorer.exe",
    "SysWOW64/notepad.exe",
)
_LIBRARIES = (
    "System32/kernel32.dll",
    "System32/ntdll.dll",
    "System32/user32.dll",
    "System32/wtsapi32.dll",
    "SysWOW64/kernel32.dll",
)


def system_files(windows: Windows) -> Iterator[FakeFile]:
    """What lies in `/Windows` and at the root."""
    times = touched(_BUILT, changed=_BUILT)
    for path in (*_PROGRAMS, *_LIBRARIES):
        name = path.rpartition("/")[2]
        bits = 32 if path.startswith("SysWOW64") else 64
        content = partial(documents.windows_program, name, windows.version, dll=name.endswith(".dll"), bits=bits)
        yield FakeFile(path=f"/Windows/{path}", content=content, times=times)
    if windows.srv:
        yield FakeFile(
            path="/Windows/System32/drivers/srv.sys",
            content=partial(documents.windows_program, "srv.sys", windows.srv),
            times=times,
        )
    yield FakeFile(path="/Windows/System32/drivers/etc/hosts", content=b"# localhost name resolution\r\n", times=times)
    yield FakeFile(
        path="/Windows/win.ini", content=b"; for 16-bit app support\r\n[fonts]\r\n[extensions]\r\n", times=times
    )
    yield FakeFile(path="/Windows/WindowsUpdate.log", content=partial(documents.text, "WindowsUpdate", 40), times=times)
    yield FakeFile(path="/pagefile.sys", content=bytes(65536), attributes=HIDDEN | SYSTEM, times=times)


def program_files() -> Iterator[FakeFile]:
    """Programs people installed."""
    yield FakeFile(
        path="/Program Files/UniKey/UniKeyNT.exe",
        content=partial(documents.windows_program, "UniKeyNT.exe", (4, 2, 0, 0), bits=32),
    )
    yield FakeFile(path="/Program Files/UniKey/keymap.txt", content=partial(documents.text, "UniKey", 4))
    yield FakeFile(
        path="/Program Files/7-Zip/7z.dll",
        content=partial(documents.windows_program, "7z.dll", (16, 4, 0, 0), dll=True),
    )
