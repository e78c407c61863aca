from __future__ import annotations

import pytest

from triage.errors import RuleError
from triage.intel.patches import FILE, load_patches, version
from triage.intel.roots import rules_root

TEXT = (rules_root() / FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('fixed = "6.1.7601.23689"', 'fixed = "6.1.7600.23689"', "is not a version of branch"),
        ('fixed = "6.1.7601.23689"', 'fixed = "6.1.7601"', "is not a version of branch"),
        ('fixed = "6.1.7601.23689"', 'fixed = "six"', "not a version"),
        ('branch = "6.1.7601"', 'brunch = "6.1.7601"', "unknown key brunch"),
        ('source = ["MSCHK"]', 'source = ["NOBODY"]', r"not a \[\[references\]\]"),
        ('"6.1.7600"]', '"6.1.7601"]', "twice"),
        ('"KB4015548"]', '"KB4012212"]', "hold the fix and lack it"),
        ('"KB4015548"]', '"4015548"]', "number of an update"),
    ],
)
def test_a_wrong_table_stops_the_program(old: str, new: str, why: str, tmp_path) -> None:
    assert old in TEXT
    (tmp_path / FILE).write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError, match=why):
        load_patches(tmp_path)


def test_a_version_is_a_tuple_of_numbers() -> None:
    assert version("10.0.14393.953") < version("10.0.14393.1000")
    for text in ("1.2", "1.2.3.4.5", "1..2.3", "a.b.c"):
        with pytest.raises(ValueError, match="not a version"):
            version(text)
