"""The folder of a case can be made on every file system, and no two images share one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.batch.names import case_name

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
PARTS = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=90)


@pytest.mark.parametrize("name", ["máy 1.img", "Sở Y tế/Kế toán/disk.E01", "a.001"])
def test_an_ordinary_name_stays(name):
    assert case_name(name, ()) == name


@pytest.mark.parametrize("name", ["a:b.img", "nul.img", "end.", "space ", "a\\x07b.dd", 'a"b', "COM1", "x" * 200])
def test_a_name_that_windows_refuses_is_changed_and_marked(name):
    assert re.search(r"~[0-9a-f]{8}$", case_name(name, ()))


def test_names_that_differ_in_letter_case_alone_get_two_folders():
    first = case_name("Disk.img", ())
    assert case_name("disk.IMG", [first]).casefold() != first.casefold()


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_every_name_can_be_a_folder_everywhere(parts):
    for part in case_name("/".join(parts), ()).split("/"):
        assert part
        assert not re.search(r'[<>:"|?*\\\x00-\x1f\ud800-\udfff]', part)
        assert not part.endswith((".", " "))
        assert part.partition(".")[0].lower() not in RESERVED
        assert len(part) <= 80
        part.encode()


@given(st.lists(st.lists(PARTS, min_size=1, max_size=3).map("/".join), unique=True, max_size=12))
def test_no_two_images_share_a_case(names):
    taken = []
    for name in names:
        taken.append(case_name(name, taken))
    assert len({path.casefold() for path in taken}) == len(names)
