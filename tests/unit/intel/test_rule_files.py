"""User rules: folders, namespaces, includes, and the gate each rule may pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.rule_files import RuleFile, by_gate, user_files
from triage.intel.yara_text import parse


def gates(folder: Path, source: str) -> dict[str, set[str]]:
    path = folder / "r.yar"
    path.write_text(source, "utf-8")
    (file,) = user_files([path])
    return {gate: names(text) for gate, text in by_gate(file).items()}


def names(source: str) -> set[str]:
    parts = parse(source)
    assert parts is not None
    return {rule.name for rule in parts.rules}


GUARDED = 'rule pe_one { strings: $a = "abcd" condition: uint16(0) == 0x5A4D and $a }\n'
PLAIN = 'rule plain { strings: $a = "abcd" condition: $a }\n'


def test_only_a_guarded_rule_moves_to_the_pe_gate(tmp_path: Path) -> None:
    assert gates(tmp_path, GUARDED + PLAIN) == {"pe": {"pe_one"}, "any": {"plain"}}


@pytest.mark.parametrize(
    "other",
    [
        "rule user { condition: pe_one }",
        "rule user { condition: any of (pe_*) }",
        "global rule user { condition: filesize > 1 }",
    ],
)
def test_rules_that_depend_on_each_other_stay_together(tmp_path: Path, other: str) -> None:
    assert gates(tmp_path, GUARDED + other) == {"any": {"pe_one", "user"}}


def test_a_private_rule_stays_where_it_is(tmp_path: Path) -> None:
    assert gates(tmp_path, "private " + GUARDED) == {"any": {"pe_one"}}


def test_an_import_goes_only_where_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "r.yar"
    path.write_text('import "pe"\nrule a { condition: pe.is_pe and pe.number_of_sections > 1 }\n' + PLAIN, "utf-8")
    (file,) = user_files([path])

    split = by_gate(file)

    assert 'import "pe"' in split["pe"]
    assert "import" not in split["any"]
    assert split["any"].count("\n") == split["pe"].count("\n")


def test_a_folder_is_searched_and_namespaced_by_path(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.YARA").write_text(PLAIN, "utf-8")
    (tmp_path / "sub/a.yar").write_text(PLAIN, "utf-8")
    (tmp_path / "notes.txt").write_text("not a rule", "utf-8")

    assert [file.namespace for file in user_files([tmp_path])] == ["b.YARA", "sub/a.yar"]


def test_two_files_of_one_name_keep_apart(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "r.yar").write_text(PLAIN, "utf-8")

    files = user_files([tmp_path / "x/r.yar", tmp_path / "y/r.yar"])

    assert [file.namespace for file in files] == ["r.yar", "r.yar#2"]


def test_an_include_is_read_relative_to_its_file_and_only_there(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "index.yar").write_text('include "parts/one.yar"\nrule top { condition: one }\n', "utf-8")
    (tmp_path / "parts/one.yar").write_text('include "../two.yar"\nrule one { condition: two }\n', "utf-8")
    (tmp_path / "two.yar").write_text("rule two { condition: true }\n", "utf-8")

    (file,) = user_files([tmp_path])

    assert file.namespace == "index.yar"
    assert names(file.source) == {"two", "one", "top"}


def test_an_include_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "r.yar"
    path.write_text('\n\ninclude "none.yar"\n', "utf-8")

    with pytest.raises(RuleError, match=r"r\.yar:3: included file not found: none\.yar"):
        user_files([path])


def test_a_file_that_includes_itself_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "r.yar"
    path.write_text('include "r.yar"\n', "utf-8")

    with pytest.raises(RuleError, match="does a file include itself"):
        user_files([path])


def test_a_path_without_rules_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such file"):
        user_files([tmp_path / "none"])
    with pytest.raises(RuleError, match=r"no \.yar or \.yara file"):
        user_files([tmp_path])


def test_an_own_rule_without_a_gate_is_an_error() -> None:
    file = RuleFile(path=Path("x.yar"), namespace="x", source="\nrule r { condition: true }", own=True)

    with pytest.raises(RuleError, match=r"x\.yar:2: r: gate None is not one of"):
        by_gate(file)
