"""Where rules begin and end, and which conditions are guarded: the traps are people's own rules."""

from __future__ import annotations

import pytest

from triage.intel.yara_text import blanked, guarded_by_mz, parse, tokens

TRICKY = r"""
// rule commented { condition: true }
/* rule also { condition: true } */
import "pe"
include "other.yar"
private rule helper : tag1 tag2 {
    meta:
        text = "a } brace and a \" quote // no comment"
        number = 3
        yes = true
    strings:
        $text = "condition: } \\" ascii
        $regex = /a\/b{2,3}}c/ nocase
        $hex = { 4D 5A [2-4] ( 90 | 91 ) ~00 // a comment
                 ?? }
        $ = "anonymous"
    condition:
        for any i in (1..#text) : ( @text[i] > 4 ) and pe.is_pe
}
global rule everywhere { condition: helper }
"""


def condition(text: str) -> bool:
    return guarded_by_mz(tuple(tokens(text)))


def test_a_tricky_source_is_taken_apart() -> None:
    parts = parse(TRICKY)

    assert parts is not None
    helper, everywhere = parts.rules
    assert [module for _, _, module in parts.imports] == ["pe"]
    assert [name for _, _, name in parts.includes] == ["other.yar"]
    assert (helper.name, helper.is_private, helper.is_global, helper.line) == ("helper", True, False, 6)
    assert helper.meta == {"text": 'a } brace and a " quote // no comment', "number": 3, "yes": True}
    assert [name for name, _, _ in helper.strings] == ["$text", "$regex", "$hex", "$"]
    assert [modifiers for _, _, modifiers in helper.strings] == [("ascii",), ("nocase",), (), ()]
    assert helper.modules == {"pe"}
    assert (everywhere.name, everywhere.is_global, everywhere.names) == ("everywhere", True, {"helper"})


@pytest.mark.parametrize("source", ["rule x {", "rule {}", "nonsense", 'rule x { strings: $a = "x" }'])
def test_what_is_not_understood_is_left_to_the_engine(source: str) -> None:
    assert parse(source) is None


def test_blanks_keep_every_line_where_it_was() -> None:
    assert blanked("ab\ncd\nef", [(1, 4)]) == "a \n d\nef"


@pytest.mark.parametrize(
    "text",
    [
        "uint16(0) == 0x5A4D",
        "uint16(0) == 0x5a4d and $a",
        "0x5A4D == uint16(0) and $a",
        "uint16be(0) == 0x4D5A and all of them",
        "pe.is_pe and #a > 2",
        "$a and pe.is_pe",
        "(pe.is_pe) and ($a or $b)",
        "(uint16(0) == 0x5A4D and $a)",
        "filesize < 1MB and (uint16(0) == 0x5A4D) and for any i in (1..3) : ($a at i or true)",
    ],
)
def test_a_condition_that_demands_a_pe_is_guarded(text: str) -> None:
    assert condition(text)


@pytest.mark.parametrize(
    "text",
    [
        "not pe.is_pe and $a",
        "$a or pe.is_pe",
        "pe.is_pe or $a",
        "$a or pe.number_of_sections > 1",
        "uint16(0) == 0x5A4D and $a or $b",
        "(uint16(0) == 0x5A4D and $a) or $b",
        "not (uint16(0) == 0x5A4D) and $a",
        "not uint16(0) == 0x5A4D and $a",
        "uint16(0) == 0x5A4D == false and $a",
        "uint16(1) == 0x5A4D and $a",
        "uint16(0) == 0x5A4E and $a",
        "uint16(0) != 0x5A4D and $a",
        "for any i in (0..1) : (uint16(0) == 0x5A4D and $a) or $b",
        "any of (pe_rule, other)",
        "(uint16(0) == 0x5A4D or uint32(0) == 0x464c457f) and $a",
        "defined pe.is_pe and $a",
        "pe.is_pe == 0 and $a",
        "true",
    ],
)
def test_a_condition_that_can_hold_without_a_pe_is_not_guarded(text: str) -> None:
    assert not condition(text)
