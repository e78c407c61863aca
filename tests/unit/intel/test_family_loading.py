"""A family is a folder; what is wrong in it stops the program by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.families import load_families, load_family

GOOD = """
id = "demolock"
name = "DemoLock"
reviewed = 2026-01-15
status = "active"

[[references]]
key = "SRC"
title = "a source"

[[names]]
id = "note"
pattern = "restore.txt"
role = "note"
source = ["SRC"]

[[fakes]]
path = "/restore.txt"
"""


def family(folder: Path, text: str) -> Path:
    path = folder / "families/demolock/family.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_folder_is_enough(tmp_path: Path) -> None:
    family(tmp_path, GOOD)

    (loaded,) = load_families(tmp_path)

    assert (loaded.id, loaded.names[0].pattern, loaded.fakes[0].path) == ("demolock", "restore.txt", "/restore.txt")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "demolock"', 'id = "other"', "is not the folder's name"),
        ('[[references]]\nkey = "SRC"\ntitle = "a source"\n', "references = []\n", "at least one [[references]]"),
        ('[[fakes]]\npath = "/restore.txt"', "", "missing key fakes"),
        ('source = ["SRC"]', 'source = ["SRX"]', "source is not a [[references]]: SRX"),
        ('source = ["SRC"]', "source = []", "source is not a [[references]]: none given"),
        ('source = ["SRC"]', "", "names[1]: missing key source"),
        ('role = "note"', 'role = "notes"', "names[1]: role: 'notes' is not one of"),
        ('pattern = "restore.txt"', 'pattern = "{tag}.txt"', "placeholder {tag} is not named"),
        ('path = "/restore.txt"', 'path = "restore.txt"', "must begin with /"),
        ('path = "/restore.txt"', 'path = "/restore.txt"\nparts = [{ zeros = 1, text = "x" }]', "exactly one of"),
        ('path = "/restore.txt"', 'path = "/restore.txt"\nparts = [{ hex = "0" }]', "fakes[1]: parts[1]: "),
        ("[[fakes]]", '[[extensions]]\nextension = "lock"\nmeaning = "encrypted"\nsource = ["SRC"]\n[[fakes]]', "dot"),
        ("[[fakes]]", '[[headers]]\nhex = "00"\nsource = ["SRC"]\n[[fakes]]', "at least 4 bytes"),
        ("[[fakes]]", '[[names]]\nid = "note"\npattern = "b"\nrole = "note"\nsource = ["SRC"]\n[[fakes]]', "twice"),
    ],
)
def test_a_fault_in_a_family_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    path = family(tmp_path, GOOD.replace(old, new))

    with pytest.raises(RuleError) as error:
        load_family(path)

    assert str(error.value).startswith(str(path))
    assert says in str(error.value)


def test_no_family_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no family found"):
        load_families(tmp_path)
