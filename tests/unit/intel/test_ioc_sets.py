"""Named, dated indicator sets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.ioc_sets import load_ioc_sets
from triage.intel.roots import rules_root

GOOD = """
id = "demo"
title = "Phụ lục"
issuer = "X"
date = 2017-05-13
weight = "low"
nature = "servers"
note = "n"

[[references]]
key = "A"
title = "a"

[[addresses]]
row = 1
address = "192.0.2.1"
reading = "read"

[[addresses]]
row = 2
reading = "unreadable"
"""


def write(root: Path, text: str) -> Path:
    path = root / "ioc_sets/demo/set.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_the_annex_of_144_marks_how_each_row_is_known() -> None:
    annex = next(one for one in load_ioc_sets(rules_root()) if one.id == "vncert-144-2017")

    assert Counter(row.reading for row in annex.addresses) == {"read": 16, "inferred": 16, "unreadable": 1}
    assert [row.row for row in annex.addresses if row.reading == "unreadable"] == [9]
    assert [(gap.count, gap.what) for gap in annex.missing] == [(10, "tên tệp"), (22, "mã băm SHA-256")]
    assert (annex.weight, annex.nature, str(annex.date)) == ("low", "tor-relays", "2017-05-13")


def test_a_set_is_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD)

    (one,) = load_ioc_sets(tmp_path)

    assert [row.address for row in one.addresses] == ["192.0.2.1", ""]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("row = 2", "row = 3", "numbered from 1"),
        ('address = "192.0.2.1"', "", "has an address unless"),
        ('"192.0.2.1"', '"192.0.2.256"', "addresses[1]: '192.0.2.256'"),
        ('reading = "read"', 'reading = "guessed"', "'guessed' is not one of"),
        ('address = "192.0.2.1"', 'address = "192.0.2.1"\nport = 70000', "port 70000"),
        ("Phụ lục", "Phu\u0323 lu\u0323c", "must be NFC"),
        ('id = "demo"', 'id = "other"', "is not the folder's name"),
        ('weight = "low"', 'weight = "low"\nwieght = "low"', "unknown key wieght"),
    ],
)
def test_a_fault_in_a_set_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))

    with pytest.raises(RuleError) as error:
        load_ioc_sets(tmp_path)

    assert str(error.value).startswith(str(path))
    assert says in str(error.value)
