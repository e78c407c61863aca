"""Services and registry values of a family are proven when they are loaded."""

from __future__ import annotations

import shutil

import pytest

from triage.errors import RuleError
from triage.intel.families import load_family
from triage.intel.roots import rules_root

FAMILY = rules_root() / "families" / "wannacry"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('fake = { name = "mssecsvc2.0"', 'fake = { name = "mssecsvc"', "service-worm: .* does not find its own fake"),
        ("-m security' }", "-m nothing' }", "service-worm: .* does not find its own fake"),
        ("values = { wd = '.' }", "values = { wd = '(' }", "registry-folder: "),
        ("fake = { wd = ", "fake = { dw = ", "registry-folder: .* does not find its own fake"),
        ("'HKLM\\SOFTWARE\\WanaCrypt0r'", "'HKEY_LOCAL_MACHINE\\SOFTWARE\\WanaCrypt0r'", "does not begin with HKLM"),
        ('id = "service-loader"', 'id = "service-worm"', "is there twice"),
        ('role = "wallpaper"', 'role = "picture"', "is not one of"),
        ('name = "{tag}"\nimage', 'name = "{label}"\nimage', "placeholder {label} is not named"),
    ],
)
def test_a_trace_that_is_wrong_or_unproven_stops_the_program(old: str, new: str, why: str, tmp_path) -> None:
    folder = tmp_path / "wannacry"
    shutil.copytree(FAMILY, folder)
    text = (folder / "family.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "family.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError, match=why):
        load_family(folder / "family.toml")
