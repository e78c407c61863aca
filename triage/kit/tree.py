"""The files of a stick as a file system for sticks takes them: modules compiled, names plain, times fixed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from triage.errors import UsageError

LARGEST = (1 << 32) - 1
"""Bytes of a file on FAT32."""

_LONGEST = 200
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9_()+,;=@~#%&!'{}\[\]^`$. -]+")
_DOS_EPOCH = (1980, 1, 1, 0, 0, 0)

_COMPILE = """\
import os, py_compile, sys
root, optimize = sys.argv[1], -1
for name in sys.stdin.read().splitlines():
    py_compile.compile(os.path.join(root, name), os.path.join(root, name + "c"), name, True, optimize,
                       py_compile.PycInvalidationMode.UNCHECKED_HASH, 1)
"""


def copy_packages(source: Path, target: Path, leave_out: Callable[[PurePosixPath], bool]) -> None:
    """Copies a folder of modules and data, but for the paths in it that `leave_out` names."""
    for path in sorted(source.rglob("*")):
        inner = PurePosixPath(path.relative_to(source).as_posix())
        if path.is_file() and "__pycache__" not in inner.parts and not leave_out(inner):
            (target / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / inner)


def compile_modules(folder: Path) -> None:
    """Each module becomes its bytecode alone, the same on every run; nothing is ever written beside it.

    A process of its own with a fixed seed: the order of sets in bytecode is that of their hashes.

    Raises:
        UsageError: a module does not compile.
    """
    modules = sorted(folder.rglob("*.py"))
    names = [path.relative_to(folder).as_posix() for path in modules]
    done = subprocess.run(  # noqa: S603 - this Python, on the text above
        [sys.executable, "-I", "-S", "-c", _COMPILE, str(folder)],
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONHASHSEED": "0"},
    )
    if done.returncode:
        raise UsageError(f"{folder}: {done.stderr.strip().splitlines()[-1]}")
    for path in modules:
        path.unlink()


def zip_folder(folder: Path, archive: Path) -> None:
    """A folder as a ZIP without compression, the same on every run, so that Python starts from it without zlib."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DOS_EPOCH)
                entry.create_system = 0
                out.writestr(entry, path.read_bytes())


def check_names(root: Path) -> None:
    """Every file fits FAT32 and exFAT.

    Raises:
        UsageError: one does not.
    """
    seen: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        bad = _RESERVED.fullmatch(path.name) or not _PLAIN.fullmatch(path.name) or path.name[-1] in ". "
        if bad or len(name) > _LONGEST or path.is_symlink():
            raise UsageError(f"{path}: such a name does not fit every stick")
        if seen.setdefault(name.casefold(), name) != name:
            raise UsageError(f"{path}: differs from {seen[name.casefold()]} by capitals only, which sticks do not keep")
        if path.is_file() and path.stat().st_size > LARGEST:
            raise UsageError(f"{path}: larger than FAT32 holds")


def fix_times(root: Path, epoch: int) -> None:
    """Every file and folder has the same time. epoch: Unix seconds."""
    for path in sorted(root.rglob("*"), reverse=True):
        os.utime(path, (epoch, epoch))
    os.utime(root, (epoch, epoch))
