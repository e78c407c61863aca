"""What is installed is what lies here: every room, every template, every family."""

from __future__ import annotations

import configparser
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
FOLDERS = {"triage.yara_rules": ROOT / "yara_rules"}


def listed() -> set[str]:
    return set(SETUP["options"]["packages"].split())


def folder_of(package: str) -> Path:
    return FOLDERS.get(package, ROOT / package.replace(".", "/"))


def patterns_of(package: str) -> list[str]:
    data = SETUP["options.package_data"]
    return [pattern.strip() for key in ("*", package) if key in data for pattern in data[key].split(",")]


def test_every_package_is_installed() -> None:
    found = {
        str(init.parent.relative_to(ROOT)).replace("/", ".")
        for top in ("triage", "samples_fake")
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert listed() == found | set(FOLDERS)


@pytest.mark.parametrize("package", sorted(listed()))
def test_every_data_file_of_a_package_is_installed(package: str) -> None:
    folder, inner = folder_of(package), {folder_of(other) for other in listed()} - {folder_of(package)}
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    own = [
        path for path in files if not any(path.is_relative_to(below) for below in inner if below.is_relative_to(folder))
    ]
    for path in own:
        name = path.relative_to(folder)
        assert any(
            len(Path(pattern).parts) == len(name.parts) and fnmatch(str(name), pattern)
            for pattern in patterns_of(package)
        ), f"{name} of {package} would be missing where the tool is installed"
