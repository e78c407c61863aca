"""Knowledge files are read strictly: what is not in the schema stops the program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from triage.errors import RuleError
from triage.intel.strict import load_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    kind: Literal["file", "folder"] = "file"
    bits: Literal[32, 64] | None = None
    day: date | None = None
    on: bool = False
    inner: tuple[Inner, ...] = ()


def load(folder: Path, text: str) -> Outer:
    path = folder / "k.toml"
    path.write_text(text, "utf-8")
    return load_toml(path, Outer)


def test_a_whole_record_is_read(tmp_path: Path) -> None:
    text = 'name = "x"\nkind = "folder"\nbits = 64\nday = 2017-05-12\non = true\n[[inner]]\nsize = 3\n'

    assert load(tmp_path, text) == Outer(
        name="x", kind="folder", bits=64, day=date(2017, 5, 12), on=True, inner=(Inner(size=3),)
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing key name"),
        ('name = "x"\nnmae = "y"', "unknown key nmae; known are"),
        ("name = 1", "name: must be text, not 1"),
        ('name = "x"\nkind = "fifo"', "kind: 'fifo' is not one of file, folder"),
        ('name = "x"\nbits = 16', "bits: 16 is not one of 32, 64"),
        ('name = "x"\nday = 2017-05-12T10:00:00Z', "day: must be a date"),
        ('name = "x"\non = 1', "on: must be true or false"),
        ('name = "x"\ninner = 3', "inner: must be a list"),
        ('name = "x"\ninner = [3]', "inner[1]: must be a table"),
        ('name = "x"\n[[inner]]\nsize = true', "inner[1]: size: must be a whole number"),
        ('name = "x"\n[[inner]]\nsize = 1\n[[inner]]\nsise = 2', "inner[2]: unknown key sise"),
        ("name = ", "not valid TOML"),
    ],
)
def test_a_fault_is_named_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RuleError) as error:
        load(tmp_path, text)

    assert str(error.value).startswith(str(tmp_path / "k.toml"))
    assert says in str(error.value)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "k.toml"
    path.write_bytes(b'name = "\xff"')

    with pytest.raises(RuleError, match="not UTF-8 at byte 8"):
        load_toml(path, Outer)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"none\.toml: cannot be read"):
        load_toml(tmp_path / "none.toml", Outer)
