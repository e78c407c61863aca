"""The house keeps its own rules: floors, wings, one catch-all, one speaker of SQL, small rooms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "triage"
MODULES = sorted(HOUSE.rglob("*.py"))

FLOORS = (
    {"model"},
    {"errors", "text", "times", "lifeline"},
    {"formats"},
    {"case", "intel"},
    {"detectors", "evidence", "analysis"},
    {"scan", "recover", "outputs"},
    {"batch", "kit"},
    {"cli"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS, 1) for room in rooms}
EAST = {"outputs", "analysis", "case"}
WEST = {"evidence", "detectors", "formats", "scan", "recover"}
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "base", "common", "core"}


def room_of(module: Path) -> str:
    return module.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(name), level=0):
                yield name


def rooms_imported(module: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(module) if name.startswith("triage.")} - {"yara_rules"}


def named(module: Path) -> str:
    return str(module.relative_to(ROOT))


INSIDE = [module for module in MODULES if room_of(module) not in ("__init__", "__main__")]


@pytest.mark.parametrize("module", INSIDE, ids=named)
def test_imports_only_go_down(module: Path) -> None:
    own = room_of(module)
    for room in rooms_imported(module) - {own}:
        assert FLOOR_OF[room] < FLOOR_OF[own], f"{named(module)} reaches up or across to {room}"


@pytest.mark.parametrize("module", [m for m in INSIDE if room_of(m) in EAST], ids=named)
def test_the_east_wing_never_touches_evidence(module: Path) -> None:
    assert not rooms_imported(module) & WEST


def test_only_the_scan_catches_everything() -> None:
    broad = re.compile(r"except\s*(?:\(?\s*(?:Base)?Exception\b|:)")
    where = {
        named(module)
        for module in MODULES
        for line in module.read_text(encoding="utf-8").splitlines()
        if broad.search(line) and "transaction" not in line
    }
    # the store only rolls back, and raises again
    assert where <= {"triage/scan/examine.py", "triage/scan/worker.py", "triage/case/store.py"}
    assert "except Exception" not in (HOUSE / "case/store.py").read_text(encoding="utf-8")


def test_only_the_case_speaks_sql() -> None:
    speakers = {named(module) for module in MODULES if "sqlite3" in set(imports(module))}
    assert speakers == {"triage/case/redactions.py", "triage/case/store.py", "triage/case/telling.py"}


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_modules_stay_small(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_modules_say_what_they_are(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_no_room_is_called_after_nothing() -> None:
    assert not {module.stem for module in MODULES} & FORBIDDEN_NAMES
    assert not {module.parent.name for module in MODULES} & FORBIDDEN_NAMES


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_no_import_hides_from_the_reader(module: Path) -> None:
    assert "TYPE_CHECKING" not in module.read_text(encoding="utf-8")


def test_every_detector_module_is_in_the_tuple() -> None:
    listed = (HOUSE / "detectors/__init__.py").read_text(encoding="utf-8")
    for module in (HOUSE / "detectors").glob("*.py"):
        if "def wants" in module.read_text(encoding="utf-8"):
            assert f"from triage.detectors.{module.stem} import" in listed, f"{module.stem} is never run"
