"""Name and place patterns."""

from __future__ import annotations

import re

import pytest

from triage.intel.patterns import compile_place, is_literal, literal_suffix, translate

TAG = {"tag": "[a-z]{8,15}[0-9]{3}"}


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("m_*.wnry", "m_vietnamese.wnry", True),
        ("m_*.wnry", "m_vietnamese.wnry.txt", False),
        ("[bc].WNRY", "b.wnry", True),
        ("[!bc].wnry", "b.wnry", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("{tag}", "evmdthrukdvwcqn063", True),
        ("{tag}", "evmdthrukdvwcqn0635", False),
        ("a+b.txt", "a+b.txt", True),
        ("a+b.txt", "aab.txt", False),
        ("@Note@.TXT", "@note@.txt", True),
    ],
)
def test_a_name_fits_its_pattern(pattern: str, name: str, fits: bool) -> None:
    assert (re.fullmatch(translate(pattern, TAG), name) is not None) is fits


def test_an_exact_pattern_keeps_its_case() -> None:
    assert re.fullmatch(translate("ABC-[A-Z].txt", {}, exact_case=True), "ABC-Q.txt")
    assert not re.fullmatch(translate("ABC-[A-Z].txt", {}, exact_case=True), "abc-q.txt")


def test_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\{tga\} is not named"):
        translate("{tga}", TAG)


@pytest.mark.parametrize(
    ("place", "path", "fits"),
    [
        ("/Windows/tasksche.exe", "/windows/tasksche.exe", True),
        ("/Windows/tasksche.exe", "/evidence/c/windows/tasksche.exe", True),
        ("/Windows/tasksche.exe", "/notwindows/tasksche.exe", False),
        ("/Windows/tasksche.exe", "/windows/system32/tasksche.exe", False),
        ("/ProgramData/*/tasksche.exe", "/programdata/a b/tasksche.exe", True),
        ("/ProgramData/*/tasksche.exe", "/programdata/a/b/tasksche.exe", False),
        ("/ProgramData/**/tasksche.exe", "/programdata/a/b/tasksche.exe", True),
        ("/{tag}/m.vbs", "/x/evmdthrukdvwcqn063/m.vbs", True),
    ],
)
def test_a_place_fits_the_end_of_a_path(place: str, path: str, fits: bool) -> None:
    assert (compile_place(place, TAG).fullmatch(path) is not None) is fits


def test_what_can_be_looked_up_is_told_from_what_must_be_matched() -> None:
    assert is_literal("@Please_Read_Me@.txt")
    assert not is_literal("m_*.wnry")
    assert literal_suffix("m_*.WNRY") == ".wnry"
    assert literal_suffix("{tag}") == ""
    assert literal_suffix("x.*") == ""
