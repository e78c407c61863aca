"""What goes onto a stick: names that FAT keeps, bytecode that is the same on every run."""

from __future__ import annotations

import marshal
import zipfile
from pathlib import Path

import pytest

from triage.errors import UsageError
from triage.kit.tree import check_names, compile_modules, fix_times, zip_folder


@pytest.mark.parametrize("name", ["aux.py", "NUL", "com1.txt", "a:b", "kết quả", "end.", "a?b", 'a"b'])
def test_a_name_that_sticks_do_not_keep_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(UsageError, match="does not fit"):
        check_names(tmp_path)


def test_names_that_differ_by_capitals_only_are_refused(tmp_path: Path) -> None:
    (tmp_path / "Magic").write_bytes(b"")
    (tmp_path / "magic").write_bytes(b"")
    with pytest.raises(UsageError, match="capitals"):
        check_names(tmp_path)


def test_a_file_larger_than_fat32_holds_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.bin").open("wb") as stream:
        stream.truncate(1 << 32)
    with pytest.raises(UsageError, match="FAT32"):
        check_names(tmp_path)


def test_plain_names_pass(tmp_path: Path) -> None:
    for name in ("libcrypto-0ec7d250.so.1.1", "a b_(1).pyc", "MANIFEST.JSON"):
        (tmp_path / name).write_bytes(b"")
    check_names(tmp_path)


def test_modules_become_bytecode_that_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    compiled = []
    for place in ("one", "two"):
        folder = tmp_path / place
        (folder / "pack").mkdir(parents=True)
        (folder / "pack/a.py").write_text("names = {'x', 'y', 'z', 'w', 'v'}\nif 1 in {7, 'q', 3.5}: pass\n")
        compile_modules(folder)
        assert [path.name for path in (folder / "pack").iterdir()] == ["a.pyc"]
        compiled.append((folder / "pack/a.pyc").read_bytes())
    assert compiled[0] == compiled[1]
    assert marshal.loads(compiled[0][16:]).co_filename == "pack/a.py"
    assert compiled[0][4:8] == b"\x01\0\0\0", "bytecode that is never checked against a source"


def test_a_module_that_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def\n")
    with pytest.raises(UsageError, match="SyntaxError"):
        compile_modules(tmp_path)


def test_a_zip_has_the_same_bytes_whenever_it_is_made(tmp_path: Path) -> None:
    made = []
    for seconds in (10**9, 10**9 + 5000):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        (folder / "b").write_bytes(b"2")
        (folder / "a").write_bytes(b"1")
        fix_times(folder, seconds)
        zip_folder(folder, tmp_path / "out.zip")
        made.append((tmp_path / "out.zip").read_bytes())
    assert made[0] == made[1]
    assert zipfile.ZipFile(tmp_path / "out.zip").namelist() == ["a", "b"]
