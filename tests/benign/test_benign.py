"""Honest machines: what is on them is not malware, and the tool must not say so, however deep it looks."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scanning import ORDER, scan

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WHEELS = ROOT / ".venv/benign-wheels"
ARTICLE = (HERE / "bai-bao-wannacry.txt").read_text(encoding="utf-8")

PLACES = tuple(Path(place) for place in ("/usr/bin", "/usr/sbin", "/usr/lib", pytest.__path__[0] + "/.."))
MOST_FILES = 2000
LARGEST = 2 << 20

pytestmark = pytest.mark.parametrize("depth", ["standard", "full"])


def ordinary_files() -> list[Path]:
    """A fixed choice over the system's own programs, libraries, data, and Python's packages."""
    found = [path for place in PLACES for path in sorted(place.resolve().rglob("*")) if _fits(path)]
    return found[:: len(found) // MOST_FILES + 1]


def _fits(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST and bool(status.st_mode & stat.S_IROTH)


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    """A copy of part of the running system."""
    tree = tmp_path_factory.mktemp("system") / "tree"
    for path in ordinary_files():
        target = tree / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tree


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """Programs and libraries built for Windows, out of public packages."""
    wheels = sorted(WHEELS.glob("*.whl"))
    if not wheels:
        pytest.skip("no packages for Windows in .venv/benign-wheels; `make tools` fetches them")
    tree = tmp_path_factory.mktemp("windows")
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tree / "Users" / "an" / "AppData" / wheel.stem)
    return tree


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    """An analyst's reading: an article in many encodings and copies, rules and lists of others, our own rules."""
    tree = tmp_path_factory.mktemp("reading")
    for number, (name, encoding) in enumerate(_copies()):
        folder = tree / f"Tài liệu {number % 4}"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(ARTICLE, encoding=encoding)
    (tree / "bai-bao.html").write_text(f"<html><body><pre>{ARTICLE}</pre></body></html>", encoding="utf-8")
    (tree / "thư.eml").write_text(f"From: a@example.invalid\nSubject: WannaCry\n\n{ARTICLE}", encoding="utf-8")
    (tree / "bài.rtf").write_text("{\\rtf1\\ansi " + ARTICLE.replace("\\", "\\\\") + "}", encoding="utf-8")
    shutil.copy(HERE / "rules-of-others.yar", tree)
    shutil.copytree(ROOT / "yara_rules", tree / "yara_rules", ignore=shutil.ignore_patterns("__pycache__"))
    return tree


def _copies() -> Iterator[tuple[str, str]]:
    yield "bài báo.txt", "utf-8"
    yield "bài báo (1).txt", "utf-8"
    yield "bài báo (2).txt", "utf-8"
    yield "bài báo (3).txt", "utf-8"
    yield "bài báo có dấu đầu.txt", "utf-8-sig"
    yield "bài báo unicode.txt", "utf-16"
    yield "readme.md", "utf-8"
    yield "bài báo.log", "utf-8"


def test_the_systems_own_files_give_no_finding(system, depth, tmp_path):
    scanned = scan(system, case=tmp_path / "case", depth=depth, workers=2)
    assert scanned.findings == []
    assert (scanned.code, scanned.verdict) == (0, "nothing-found")
    assert scanned.coverage["entries"] >= 500


def test_programs_for_windows_give_no_finding(windows, depth, tmp_path):
    scanned = scan(windows, case=tmp_path / "case", depth=depth, workers=2)
    assert scanned.findings == []
    assert (scanned.code, scanned.verdict) == (0, "nothing-found")
    assert any(entry.path.endswith(".dll") for entry in scanned.entries)
    assert any(entry.path.endswith(".pyd") for entry in scanned.entries)


def test_texts_about_ransomware_are_at_most_suspicious(reading, depth, tmp_path):
    scanned = scan(reading, case=tmp_path / "case", depth=depth)
    assert {
        path: severity
        for (_, path), severity in scanned.worst.items()
        if ORDER.index(severity) > ORDER.index("suspicious")
    } == {}
    assert scanned.verdict in ("suspicious", "nothing-found")
    assert scanned.gaps == []
