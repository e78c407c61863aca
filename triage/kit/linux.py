"""The folder for Linux on x86-64: own loader, own C library, own Python. Nothing of the machine it runs on is used.

The loader and the libraries are those of the building machine, so the folder runs on systems older than it: the
kernel is all it needs.

References:
    ld.so(8): --inhibit-cache, --library-path, --argv0.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from triage.errors import UsageError
from triage.kit.tree import compile_modules, copy_packages, zip_folder

LOADER = "loader.com"
"""The name: where Linux mounts a stick so that only programs of Windows may be executed (`showexec`), `.com` may be."""

_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
PYTHON = f"python{_VERSION}"
ZIPPED = f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
_LEFT_OUT = frozenset((
    *("test", "tests", "idlelib", "lib2to3", "tkinter", "turtledemo", "ensurepip", "distutils", "pydoc_data", "venv"),
    *("site-packages", "lib-dynload", "turtle.py", "antigravity.py", "this.py", "__phello__"),
))  # fmt: skip
_MODULES_LEFT_OUT = re.compile(
    r"_test|_xx|xx|_ctypes_test|_tkinter|_curses|_ssl|_crypt|_uuid|_dbm|_gdbm|nis|ossaudiodev|audioop|readline|spwd"
)
_RESOLVED = re.compile(r"\s+(?P<name>\S+) => (?P<path>/\S+) \(0x[0-9a-f]+\)")
_LOADER = re.compile(r"\s+(?P<path>/\S*/ld-linux-x86-64\.so\.2) \(0x[0-9a-f]+\)")
_LACKING = re.compile(r"\s+(?P<name>\S+) => not found")


def refuse_elsewhere() -> None:
    """Stops where the folder cannot be made.

    Raises:
        UsageError: not on Linux x86-64 with glibc.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        raise UsageError("the folder for Linux is built on Linux x86-64 with glibc; here, try --platform windows")


def add_python(folder: Path) -> None:
    """This machine's Python, trimmed, without its packages."""
    real = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    (folder / "bin").mkdir(parents=True)
    shutil.copyfile(real, folder / "bin" / PYTHON)
    library, own = Path(sysconfig.get_path("stdlib")), folder / "lib" / PYTHON
    plain = folder / "stdlib"
    copy_standard_library(library, plain)
    compile_modules(plain)
    own.mkdir(parents=True)
    zip_folder(plain, folder / "lib" / ZIPPED)
    shutil.move(plain / "os.pyc", own / "os.pyc")  # by this file Python knows where it is at home
    shutil.rmtree(plain)
    for module in sorted((library / "lib-dynload").glob("*.so")):
        if not _MODULES_LEFT_OUT.match(module.name):
            (own / "lib-dynload").mkdir(exist_ok=True)
            shutil.copyfile(module, own / "lib-dynload" / module.name)
    licence = library / "LICENSE.txt"
    if licence.is_file():
        shutil.copyfile(licence, folder / "LICENSE-PYTHON.txt")


def copy_standard_library(library: Path, target: Path) -> None:
    """The modules of the standard library that a command line may need."""

    def leave_out(path: PurePosixPath) -> bool:
        top = path.parts[0]
        return top in _LEFT_OUT or top.startswith(("config-", "_sysconfigdata")) or path.suffix != ".py"

    target.mkdir(parents=True)
    copy_packages(library, target, leave_out)


def add_libraries(folder: Path) -> None:
    """Loader and shared libraries that anything below folder is linked to.

    Raises:
        UsageError: one is not installed here.
    """
    programs = [folder / "bin" / PYTHON, *_shared(folder)]
    loader, libraries = _linked(programs)
    shutil.copyfile(loader, folder / "bin" / LOADER)
    (folder / "so").mkdir()
    for name, path in sorted(libraries.items()):
        if folder.resolve() not in path.resolve().parents:
            shutil.copyfile(path, folder / "so" / name)


def strip(folder: Path) -> bool:
    """Takes symbols for debuggers off everything; False where `strip` is not installed."""
    tool = shutil.which("strip")
    if tool is None:
        return False
    for path in (folder / "bin" / PYTHON, *_shared(folder), *sorted((folder / "so").iterdir())):
        path.chmod(0o755)
        subprocess.run(  # noqa: S603 - binutils, on files just made
            [tool, "--strip-unneeded", "--enable-deterministic-archives", str(path)], check=True
        )
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o755 if path.parent.name == "bin" else 0o644)
    return True


def _shared(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if re.search(r"\.so(\.\d+)*$", path.name) and path.is_file()]


def _linked(programs: Iterable[Path]) -> tuple[Path, dict[str, Path]]:
    """(loader, library by name), as this machine's own loader resolves them."""
    words = [shutil.which("ldd") or "ldd", *map(str, programs)]
    told = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - the C library's own
    lines = told.stdout.splitlines()
    if lacking := sorted({found["name"] for line in lines if (found := _LACKING.match(line))}):
        raise UsageError(f"libraries that the packages need are not installed here: {', '.join(lacking)}")
    loaders = [Path(found["path"]) for line in lines if (found := _LOADER.match(line))]
    if not loaders:
        raise UsageError(f"`ldd` tells no loader of {PYTHON}: {told.stderr.strip() or 'it is linked statically'}")
    return loaders[0], dict(_names(lines))


def _names(lines: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for line in lines:
        if found := _RESOLVED.match(line):
            yield found["name"], Path(found["path"])
