"""The whole stick, built as `make kit` builds it, and run where it is meant to run.

Debian 11 and 12 without Python (mmdebstrap), Windows as Wine plays it. Wine 8 lacks `bcryptprimitives.dll`, which every
Windows since 8 has: a few lines stand in for it here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples_fake.images import demo_image
from triage.cli import main

pytestmark = [pytest.mark.soak]

PASSPHRASE = "mot hai ba bon"
ENV = os.environ | {"SOURCE_DATE_EPOCH": "1795392000", "TRIAGE_PASSPHRASE": PASSPHRASE}
PRNG = """
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, (ULONG)size); }
"""
MINGW = "x86_64-w64-mingw32-gcc"


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing) or os.geteuid() != 0, reason=f"needs root and {', '.join(missing)}")


def triage(*words: str, **more: str) -> None:
    subprocess.run([sys.executable, "-m", "triage", *words], check=True, env=ENV | more)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sticks")


@pytest.fixture(scope="module")
def key(place: Path) -> Path:
    triage("key", "make", "--out", str(place / "k.pem"))
    return place / "k.pem"


@pytest.fixture(scope="module")
def stick(place: Path, key: Path) -> Path:
    platform = "both" if shutil.which(MINGW) else "linux"
    triage("kit", "build", "--to", str(place / "stick"), "--key", str(key), "--quiet", "--platform", platform)
    return place / "stick"


@pytest.fixture(scope="module")
def here(place: Path) -> Path:
    """The demo disk scanned by the installed triage."""
    main(["scan", str(demo_image(place / "demo.img")), "--case", str(place / "here"), "--quiet"])
    return place / "here"


def same(case: Path, other: Path) -> None:
    assert (case / "findings.jsonl").read_bytes() == (other / "findings.jsonl").read_bytes()


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_builds_are_the_same_to_the_byte(stick: Path, place: Path, key: Path) -> None:
    platform = "both" if (stick / "windows").is_dir() else "linux"
    triage("kit", "build", "--to", str(place / "again"), "--key", str(key), "--quiet", "--platform", platform)
    assert digests(place / "again") == digests(stick)
    shutil.rmtree(place / "again")


def test_its_own_rules_find_nothing_on_the_stick(stick: Path, tmp_path: Path) -> None:
    main(["scan", str(stick), "--case", str(tmp_path / "case"), "--depth", "full", "--quiet"])
    assert (tmp_path / "case/findings.jsonl").read_bytes() == b""


# -- Linux ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["bullseye", "bookworm"])
def root(request: pytest.FixtureRequest, place: Path, stick: Path) -> Path:
    """A Debian without Python, the stick in it at /mnt."""
    root = place / request.param
    if not root.exists():
        subprocess.run(["mmdebstrap", "--variant=minbase", "--quiet", request.param, str(root)], check=True)
    shutil.rmtree(root / "mnt")
    shutil.copytree(stick, root / "mnt", symlinks=True)
    return root


def in_root(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("chroot") or "chroot", str(root), "/bin/sh", "/mnt/triage.sh", *words]
    return subprocess.run(command, env={"PATH": "/bin:/usr/bin"}, capture_output=True, text=True, check=False)


def state(root: Path) -> Iterator[tuple[str, int, int, int]]:
    """All that a write would change, but what is written for: the cases. Memory is no disk (/dev/shm)."""
    for path in sorted(root.rglob("*")):
        name, found = path.relative_to(root).as_posix(), path.lstat()
        if not name.startswith(("mnt/CASES", "dev/shm", "proc", "sys")):
            yield name, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@needs("mmdebstrap", "chroot")
def test_on_a_debian_without_python_it_finds_the_same_and_writes_nothing_elsewhere(root: Path, here: Path) -> None:
    before = list(state(root))
    done = in_root(root, "demo", "--case", "/mnt/CASES/demo")
    assert (done.returncode, done.stderr.count("Traceback")) == (1, 0), done.stderr
    same(root / "mnt/CASES/demo", here)
    assert list(state(root)) == before
    assert {path.name for path in (root / "mnt/CASES").iterdir()} == {"README.txt", "demo"}


@needs("mmdebstrap", "chroot")
def test_a_stick_that_changed_says_so_and_does_not_start(root: Path) -> None:
    library = root / "mnt/linux/site/yara_python.libs"
    module = next((root / "mnt/linux/site").glob("yara.*.so"))
    data = module.read_bytes()
    module.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    shutil.rmtree(library)
    done = in_root(root, "--version")
    assert done.returncode == 2
    assert f"site/{module.name}: bị thay đổi / altered" in done.stderr
    assert "most likely quarantined by antivirus" in done.stderr


@needs("mmdebstrap", "chroot")
def test_papers_are_made_though_their_module_is_checked_late(root: Path) -> None:
    assert in_root(root, "demo", "--case", "/mnt/CASES/demo").returncode == 1
    assert in_root(root, "checklist", "/mnt/CASES/demo", "--as", "pdf").returncode == 0
    (module,) = (root / "mnt/linux/site/typst").glob("*.so")
    with module.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\xff")
    assert in_root(root, "--version").returncode == 0
    done = in_root(root, "checklist", "/mnt/CASES/demo", "--as", "pdf")
    assert done.returncode == 2
    assert "typst.abi3.so: bị thay đổi / altered" in done.stderr
    assert "Traceback" not in done.stderr


# -- Windows, as Wine plays it --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wine(place: Path, stick: Path) -> Path:
    """A prefix, with the stick as S:."""
    prefix = place / "prefix"
    subprocess.run(["wineboot", "-i"], check=True, env=wine_env(prefix), capture_output=True)
    source = place / "prng.c"
    source.write_text(PRNG)
    target = prefix / "drive_c/windows/system32/bcryptprimitives.dll"
    subprocess.run([MINGW, "-shared", "-Os", "-s", "-o", str(target), str(source), "-ladvapi32"], check=True)
    (prefix / "dosdevices/s:").symlink_to(stick)
    return prefix


def wine_env(prefix: Path) -> dict[str, str]:
    return {**os.environ, "WINEPREFIX": str(prefix), "WINEDEBUG": "-all"}


def in_wine(prefix: Path, *words: str) -> str:
    """Through a pipe: with a plain file as output Python does not start under Wine."""
    command = ["wine", "cmd", "/c", r"S:\TRIAGE.cmd", *words]
    done = subprocess.run(command, env=wine_env(prefix), capture_output=True, text=True, errors="replace", check=False)
    return done.stdout + done.stderr


@needs("wine", "wineboot", MINGW)
def test_under_wine_an_image_gives_the_same_bytes_as_on_linux(wine: Path, stick: Path, here: Path) -> None:
    (wine / "dosdevices/i:").symlink_to(here.parent)
    told = in_wine(wine, "scan", r"I:\demo.img", "--case", r"S:\CASES\image", "--quiet")
    assert "Traceback" not in told, told
    same(stick / "CASES/image", here)
    assert (stick / "CASES/image/summary.json").read_bytes() == (here / "summary.json").read_bytes()


@needs("wine", "wineboot", "losetup", MINGW)
def test_under_wine_a_raw_volume_gives_the_same_findings(wine: Path, stick: Path, here: Path, tmp_path: Path) -> None:
    words = ["losetup", "--read-only", "--find", "--show", "--offset", str(2048 * 512), str(here.parent / "demo.img")]
    device = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    try:
        (wine / "dosdevices/e::").symlink_to(device)
        main(["scan", device, "--case", str(tmp_path / "case"), "--quiet"])
        told = in_wine(wine, "scan", r"\\.\E:", "--case", r"S:\CASES\volume", "--quiet")
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)
    assert "Traceback" not in told, told
    same(stick / "CASES/volume", tmp_path / "case")


@needs("wine", "wineboot", MINGW)
def test_under_wine_a_folder_gives_the_same_findings(wine: Path, stick: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "ProgramData").mkdir(parents=True)
    (folder / "a.docx.WNCRY").write_bytes(b"no header: only a name, harmless")
    (folder / "ProgramData/@Please_Read_Me@.txt").write_bytes(b"an empty note, harmless")
    (wine / "dosdevices/f:").symlink_to(folder)
    main(["scan", str(folder), "--case", str(tmp_path / "case"), "--quiet"])
    told = in_wine(wine, "scan", "F:\\", "--case", r"S:\CASES\folder", "--quiet")
    assert "Traceback" not in told, told
    same(stick / "CASES/folder", tmp_path / "case")


@needs("wine", "wineboot", MINGW)
def test_under_wine_a_library_that_was_taken_away_is_named_as_quarantine(wine: Path, stick: Path) -> None:
    library = stick / "windows/libcrypto-3.dll"
    kept = library.read_bytes()
    library.unlink()
    try:
        assert "windows/libcrypto-3.dll" in in_wine(wine, "--version")
    finally:
        library.write_bytes(kept)
    library = stick / "windows/python311.dll"
    kept = library.read_bytes()
    library.unlink()
    try:
        assert "most likely antivirus quarantined" in in_wine(wine, "--version")
    finally:
        library.write_bytes(kept)
