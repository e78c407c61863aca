"""The folder for Linux runs on its own loader, its own C library and its own Python, and on nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from triage.kit import linux

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="built on Linux only")

TELL = """
import ctypes, hashlib, lzma, sqlite3, sys, zlib, multiprocessing
for line in open("/proc/self/maps"):
    path = line.split(maxsplit=5)[5:]
    if path and path[0].startswith("/") and ".so" in path[0]:
        print(path[0].strip())
print(*sys.path, sep="\\n")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stick") / "linux"
    linux.add_python(folder)
    linux.add_libraries(folder)
    linux.strip(folder)
    return folder


def run(folder: Path, code: str) -> list[str]:
    python, loader = folder / "bin" / linux.PYTHON, folder / "bin" / linux.LOADER
    loader.chmod(0o755)
    words = [str(loader), "--inhibit-cache", "--library-path", str(folder / "so"), "--argv0", str(python), str(python)]
    done = subprocess.run([*words, "-I", "-S", "-B", "-c", code], env={}, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    assert not done.stderr
    return done.stdout.splitlines()


def test_every_library_and_module_comes_from_the_folder(folder: Path) -> None:
    told = run(folder, TELL)
    assert any("libc.so.6" in line for line in told)
    assert [line for line in told if not line.startswith(str(folder))] == []


def test_nothing_is_written_when_it_runs(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}
    run(folder, TELL)
    assert {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))} == before


def test_no_folder_of_this_machine_is_named_in_the_bytecode(folder: Path) -> None:
    library = (folder / "lib" / linux.ZIPPED).read_bytes()
    assert str(Path(sys.base_prefix)).encode() not in library


def test_what_nobody_needs_is_left_out(folder: Path) -> None:
    names = {path.name.partition(".")[0] for path in folder.rglob("*.so")}
    assert not names & {"_tkinter", "_curses", "_ssl", "_testcapi", "nis"}
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 60 << 20
