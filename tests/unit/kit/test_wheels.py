"""Wheels for another system: markers are that system's, and only what runs goes onto the stick."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from triage.errors import UsageError
from triage.kit.wheels import LINUX, WINDOWS, System, fetch, own_requirements, unpack


def wheel(folder: Path, name: str, needs: tuple[str, ...] = (), files: dict[str, bytes] | None = None) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {need}" for need in needs)]
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        out.writestr(f"{info}/RECORD", "")
        for inner, data in (files or {f"{name}.py": b""}).items():
            out.writestr(inner, data)
    return path


def test_markers_are_of_the_system_and_not_of_this_machine() -> None:
    def names(system: System) -> set[str]:
        return {
            one.name
            for one in own_requirements()
            if one.marker is None or one.marker.evaluate({"extra": "", "sys_platform": "linux"} | system.markers)
        }

    assert names(LINUX) - names(WINDOWS) >= {"pylibmagic", "python-magic"}
    assert "python-magic-bin" in names(WINDOWS) - names(LINUX)


@pytest.mark.parametrize("system", [LINUX, WINDOWS], ids=["linux", "windows"])
def test_what_packages_need_in_turn_is_fetched_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: System
) -> None:
    house, into = tmp_path / "house", tmp_path / "into"
    house.mkdir()
    into.mkdir()
    wheel(house, "invented_a", ('invented-b; sys_platform == "win32"', 'invented-c; extra == "x"'))
    wheel(house, "invented_b", ("invented-a",))
    wheel(house, "invented_c")
    monkeypatch.setattr("triage.kit.wheels.own_requirements", lambda: requirements("invented-a"))
    found = [one.name for one in fetch(system, into, house)]
    assert found == (["invented-a"] if system is LINUX else ["invented-a", "invented-b"])


def test_a_package_that_the_wheelhouse_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "house").mkdir()
    monkeypatch.setattr("triage.kit.wheels.own_requirements", lambda: requirements("invented-z"))
    with pytest.raises(UsageError, match="invented-z"):
        fetch(LINUX, tmp_path, tmp_path / "house")


def requirements(*lines: str):
    return [Requirement(line) for line in lines]


def test_only_what_runs_is_unpacked(tmp_path: Path) -> None:
    files = {
        "pack/__init__.py": b"",
        "pack/__init__.pyi": b"",
        "pack/tests/test_x.py": b"",
        "pack/fast.c": b"",
        "setup.py": b"",
        "pack-1.0.data/purelib/other.py": b"",
        "pack-1.0.data/scripts/tool": b"",
        "pack-1.0.dist-info/licenses/LICENSE": b"",
        "../outside.py": b"",
    }
    unpack(wheel(tmp_path, "pack", files=files), tmp_path / "site")
    there = {
        path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*") if path.is_file()
    }
    info = "pack-1.0.dist-info"
    assert there == {"pack/__init__.py", "other.py", f"{info}/METADATA", f"{info}/licenses/LICENSE"}
    assert not (tmp_path / "outside.py").exists()


def test_two_packages_with_one_file_are_refused(tmp_path: Path) -> None:
    unpack(wheel(tmp_path, "a", files={"same.py": b"1"}), tmp_path / "site")
    with pytest.raises(UsageError, match=r"same\.py"):
        unpack(wheel(tmp_path, "b", files={"same.py": b"2"}), tmp_path / "site")
