"""The folder for Windows 8.1 and later, x64: CPython for Windows, packages for Windows, no installation.

CPython comes from the embeddable ZIP of python.org, or from a public wheel that carries its library and modules. That
wheel lacks three parts: the program, a few lines of C; `python3.dll`, which only hands calls on; both are built here by
MinGW; and the standard library, which is this machine's own. Both versions stand in the manifest.

Limits:
    Windows 8.1 needs the update that brings the Universal C Runtime (KB2999226); later systems have it.

References:
    Python documentation, "Using Python on Windows": the embeddable package, `._pth` files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path, PurePosixPath

import pefile

from triage.errors import UsageError
from triage.kit.linux import ZIPPED, copy_standard_library
from triage.kit.tree import compile_modules, zip_folder
from triage.kit.wheels import WINDOWS, download

CARRIER = "panda3d==1.10.16"
"""The wheel whose `deploy_libs` is CPython for Windows, signed by its makers."""
RUNTIME = "msvc-runtime==14.34.31931"
"""Microsoft's C++ runtime, of the last line that still runs on Windows 8.1."""
DLL = f"python{sys.version_info[0]}{sys.version_info[1]}.dll"

_COMPILER = "x86_64-w64-mingw32-gcc"
_PATHS = f"{ZIPPED}\r\n.\r\nsite\r\n"
_LEFT_OUT = re.compile(
    r"tcl86t?\.dll|tk86t?\.dll|_tkinter\.pyd|_msi\.pyd|winsound\.pyd|_test.*|libssl.*|_ssl\.pyd|pythonw\.exe|python\.cat"
    r"|api-ms-win-.*|.*\._pth",
    re.IGNORECASE,
)
_RUNTIMES = ("vcruntime140", "msvcp140", "concrt140")
_OF_WINDOWS = re.compile(
    r"(?:api-ms-win-.*|advapi32|bcrypt|bcryptprimitives|cfgmgr32|combase|comctl32|comdlg32|crypt32|cryptbase|dbghelp|dnsapi"
    r"|gdi32|imm32|iphlpapi|kernel32|kernelbase|mpr|msvcrt|ncrypt|netapi32|normaliz|ntdll|ole32|oleaut32|pdh|powrprof"
    r"|propsys|psapi|rpcrt4|sechost|secur32|setupapi|shell32|shlwapi|ucrtbase|user32|userenv|usp10|uuid|version|winmm"
    r"|winspool|ws2_32|wsock32|wtsapi32)\.(?:dll|drv)",
    re.IGNORECASE,
)


def add_python(folder: Path, embeddable: Path | None, wheelhouse: Path | None, scratch: Path) -> str:
    """CPython for Windows.

    Args:
        folder: new.
        embeddable: the ZIP of python.org; None for the wheel.
        wheelhouse: see `wheels.fetch`.
        scratch: an empty folder.

    Returns:
        Its version, as its library says.

    Raises:
        UsageError: it cannot be had, or is another version of Python than this one.
    """
    folder.mkdir(parents=True)
    if embeddable is not None:
        _unzip(embeddable, "", folder)
    else:
        download([CARRIER], WINDOWS, scratch, wheelhouse)
        wheel = next(scratch.glob("*.whl"))
        _unzip(wheel, "deploy_libs/", folder)
        (folder / "VCRUNTIME140.dll").unlink()  # older than the libraries that need it: see `add_runtime`
        _build_program(folder)
        _build_forwarder(folder)
        plain = scratch / "stdlib"
        copy_standard_library(Path(sysconfig.get_path("stdlib")), plain)
        compile_modules(plain)
        zip_folder(plain, folder / ZIPPED)
    if not (folder / DLL).is_file() or not (folder / ZIPPED).is_file():
        raise UsageError(
            f"{embeddable or CARRIER}: no {DLL} and {ZIPPED} in it; the version must be that of this Python"
        )
    (folder / ZIPPED.replace(".zip", "._pth")).write_text(_PATHS, "ascii", newline="")
    return _version(folder / DLL)


def _unzip(archive: Path, prefix: str, folder: Path) -> None:
    """Puts the files of one folder of a ZIP, or one file of it, flat into folder."""
    try:
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                path = PurePosixPath(name)
                if name.startswith(prefix) and not name.endswith("/") and not _LEFT_OUT.fullmatch(path.name):
                    (folder / path.name).write_bytes(opened.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{archive}: not a ZIP that can be read: {error}") from error


def _build_program(folder: Path) -> None:
    source = folder / "python.c"
    source.write_bytes(files("triage.kit").joinpath("launchers/python.c").read_bytes())
    _compile(folder, "-Os", "-municode", f'-DPYTHON_DLL=L"{DLL}"', "-o", "python.exe", source.name)
    source.unlink()


def _build_forwarder(folder: Path) -> None:
    """python3.dll: modules for any version of Python 3 are linked to it, and it hands everything on."""
    with pefile.PE(str(folder / DLL), fast_load=True) as opened:
        opened.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_EXPORT"]])
        names = sorted(entry.name.decode() for entry in opened.DIRECTORY_ENTRY_EXPORT.symbols if entry.name)
    lines = ["LIBRARY python3.dll", "EXPORTS", *(f"{name} = {DLL.removesuffix('.dll')}.{name}" for name in names)]
    source = folder / "python3.def"
    source.write_text("\n".join(lines) + "\n", "ascii")
    _compile(folder, "-shared", "-nostdlib", "-Wl,--entry=0", "-o", "python3.dll", source.name)
    source.unlink()


def _compile(folder: Path, *words: str) -> None:
    compiler = shutil.which(_COMPILER)
    if compiler is None:
        raise UsageError(
            f"{_COMPILER} is not installed (Debian: gcc-mingw-w64-x86-64); install it, or give --windows-python"
        )
    given = [compiler, "-s", "-Wl,--no-insert-timestamp", *words]
    subprocess.run(given, check=True, cwd=folder)  # noqa: S603 - MinGW, on the sources that come with triage


def add_runtime(folder: Path, wheelhouse: Path | None, scratch: Path) -> None:
    """Of Microsoft's C++ runtime, the libraries that something names and that are not there yet.

    Args:
        folder: with Python and every package.
        wheelhouse: see `wheels.fetch`.
        scratch: an empty folder.

    Raises:
        UsageError: see `wheels.download`; or a library is lacking that is not of this runtime, nor of Windows.
    """
    if any(path.startswith(_RUNTIMES) for path, _of in _lacking(folder)):
        download([RUNTIME], WINDOWS, scratch, wheelhouse)
        with zipfile.ZipFile(next(scratch.glob("*.whl"))) as wheel:
            there = {PurePosixPath(name).name: name for name in wheel.namelist()}
            for needed in sorted({name for name, _of in _lacking(folder)} & there.keys()):
                (folder / needed).write_bytes(wheel.read(there[needed]))
    if lacking := list(_lacking(folder)):
        raise UsageError(f"the folder for Windows lacks {', '.join(f'{name} of {of}' for name, of in lacking)}")


def _lacking(folder: Path) -> Iterator[tuple[str, str]]:
    """(library, file that names it): what is neither in the folder nor part of Windows."""
    there = {path.name.lower() for path in folder.rglob("*") if path.is_file()}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".exe", ".dll", ".pyd"):
            for name in map(str.lower, _imports(path)):
                if name not in there and not _OF_WINDOWS.fullmatch(name):
                    yield name, path.relative_to(folder).as_posix()


def _version(library: Path) -> str:
    with pefile.PE(str(library), fast_load=True) as opened:
        opened.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
        for table in opened.FileInfo[0]:
            for block in getattr(table, "StringTable", []):
                return str(block.entries[b"ProductVersion"].decode())
    raise UsageError(f"{library}: tells no version")


def _imports(path: Path) -> Iterator[str]:
    try:
        with pefile.PE(str(path), fast_load=True) as opened:
            opened.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"]])
            yield from (entry.dll.decode("ascii") for entry in getattr(opened, "DIRECTORY_ENTRY_IMPORT", ()))
    except pefile.PEFormatError as error:
        raise UsageError(f"{path}: {error}") from error
