"""The index leaves out only what cannot match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intel.ioc_import import FilenameIoc
from triage.intel.path_index import PathIndex
from triage.intel.regexes import inline, required_literals

REGEXES = [
    inline(regex)
    for regex in (
        r"(?i)\\tasksche\.exe$",
        r"\\(alpha|beta)\\gamma\.dll",
        r"x{5}\.bin",
        r"(abcd)?efg",
        r"[0-9]{3}",
        r"\\temp\\.{3}\.tmp$",
        r"(?:long){2}name",
    )
]
INDEX = PathIndex([FilenameIoc(regex=regex, where=f"l:{n}") for n, regex in enumerate(REGEXES)])


@pytest.mark.parametrize(
    ("regex", "literals"),
    [
        (r"abc\.exe", ["abc.exe"]),
        (r"(alpha|beta)gamma", ["gamma"]),
        (r"(abc)?def", ["def"]),
        (r"(abc)+def", ["abc", "def"]),
        (r"a|b", []),
        (r"(?i:AbC)d", ["AbC", "d"]),
    ],
)
def test_only_what_every_match_holds_is_required(regex: str, literals: list[str]) -> None:
    assert required_literals(regex) == literals


@given(
    st.lists(
        st.sampled_from(
            [
                "\\",
                "TaskSche.exe",
                "alpha",
                "beta",
                "gamma.dll",
                "xxxxx",
                ".bin",
                "abcd",
                "efg",
                "123",
                "temp",
                "a",
                ".tmp",
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_the_index_finds_what_running_every_expression_finds(path: str) -> None:
    assert sorted(ioc.regex for ioc in INDEX.matches(path)) == sorted(
        regex for regex in REGEXES if re.search(regex, path)
    )


def test_an_exception_takes_a_match_back() -> None:
    index = PathIndex([FilenameIoc(regex="evil", exception=r"\\lab\\", where="l:1")])

    assert list(index.matches(r"\users\lab\evil.exe")) == []
    assert len(list(index.matches(r"\users\lan\evil.exe"))) == 1
