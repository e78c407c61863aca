"""One fault, one check: a sound rule has none, and each fault is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.intel.lint import lint
from triage.intel.rule_files import RuleFile

SOUND = """
rule MAL_Demo_Note
{
    meta:
        id = "7CGWwMCh8Cd57Z4OwhvBHr"
        version = "1.0"
        date = "2026-11-22"
        modified = "2026-11-22"
        status = "RELEASED"
        sharing = "TLP:CLEAR"
        source = "TRIAGE"
        author = "triage@TRIAGE"
        description = "x"
        category = "MALWARE"
        reference = "x"
        family = "demo"
        severity = "infected"
        confidence = "high"
        gate = "pe"
    strings:
        $a = "abcd" ascii
        $b = { 01 02 03 04 ?? 05 }
        $c = /x+literal/
    condition:
        uint16(0) == 0x5A4D and any of them
}
"""


def faults(source: str, name: str = "demo.yar", *, own: bool = True) -> list[str]:
    return [fault.what for fault in lint([RuleFile(path=Path(name), namespace="demo", source=source, own=own)])]


def test_a_sound_rule_has_no_fault() -> None:
    assert faults(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('        author = "triage@TRIAGE"\n', "", "meta author is missing"),
        ('"RELEASED"', '"DONE"', "meta status: 'DONE'"),
        ('"TLP:CLEAR"', '"WHITE"', "meta sharing"),
        ('"7CGWwMCh8Cd57Z4OwhvBHr"', '"1"', "meta id: '1'"),
        ('"triage@TRIAGE"', '"me"', "meta author: 'me'"),
        ('gate = "pe"', 'gate = "exe"', "meta gate: 'exe'"),
        ('family = "demo"', 'family = "other"', "meta family: 'other'"),
        ('severity = "infected"', 'severity = "suspicious"', "begins with SUSP_"),
        ("uint16(0) == 0x5A4D and any", "any", "must demand uint16(0)"),
        ('gate = "pe"', 'gate = "any"', "pe outside"),
        ('"abcd" ascii', '"abc" ascii', "$a has no literal of 4 bytes"),
        ("{ 01 02 03 04 ?? 05 }", "{ 01 02 03 ?? 04 05 }", "$b has no literal of 4 bytes"),
        ("/x+literal/", "/[a-z]{20}/", "$c has no literal of 4 bytes"),
        ('"abcd" ascii', '"abcd" ascii nocase', "$a is too short for nocase"),
    ],
)
def test_each_fault_is_seen(old: str, new: str, says: str) -> None:
    assert old in SOUND
    source = SOUND.replace(old, new)
    if "pe outside" in says:
        source = 'import "pe"\n' + source.replace("any of them", "pe.is_pe")

    (fault,) = [what for what in faults(source) if says.replace("pe outside", "module pe outside") in what]

    assert fault


def test_a_file_is_called_like_its_family() -> None:
    assert faults(SOUND, "rules.yar") == ["the file must be called demo.yar"]


def test_an_id_is_given_once() -> None:
    assert faults(SOUND + SOUND.replace("Note", "Other")) == ["meta id: the same as that of MAL_Demo_Note"]


def test_rules_of_different_gates_do_not_refer_to_each_other() -> None:
    other = (
        SOUND.replace("Note", "Other")
        .replace("7CG", "8CG")
        .replace('"pe"', '"any"')
        .replace("any of them", "MAL_Demo_Note")
    )

    assert faults(SOUND + other) == ["refers to MAL_Demo_Note, whose gate is another"]


def test_a_users_rule_is_only_warned_of_slow_strings() -> None:
    source = 'rule anything { strings: $a = "ab" $b = "abcd" condition: any of them }'

    assert faults(source, own=False) == ["string $a has no literal of 4 bytes: slow on every file"]


def test_a_wide_string_counts_double() -> None:
    assert faults('rule r { strings: $a = "ab" wide condition: $a }', own=False) == []
