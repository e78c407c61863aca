"""`triage rules`: everything compiles, is linted and proven, and what is wrong is named by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.cli.rules import rules
from triage.errors import RuleError
from triage.intel.families import load_families
from triage.intel.lint import lint
from triage.intel.roots import rules_root
from triage.intel.rule_files import own_files


def run(*arguments: object) -> int:
    code = rules.main(args=[str(argument) for argument in arguments], standalone_mode=False)
    assert isinstance(code, int)
    return code


def test_our_rules_have_no_fault() -> None:
    assert [str(fault) for fault in lint(own_files(rules_root()))] == []


def test_no_rule_of_ours_needs_a_module() -> None:
    for file in own_files(rules_root()):
        assert file.parts is not None
        assert file.parts.imports == ()


def test_every_rule_names_sources_that_its_family_lists() -> None:
    known = {family.id: {one.key for one in family.references} for family in load_families(rules_root())}
    for file in own_files(rules_root()):
        assert file.parts is not None
        for rule in file.parts.rules:
            assert set(str(rule.meta["reference"]).split(", ")) <= known[file.namespace], rule.name


@pytest.mark.parametrize("engine", ["yara", "boreal"])
def test_check_is_content_with_what_ships(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--engine", engine) == 0

    printed = capsys.readouterr()
    assert printed.err == ""
    assert "0 wrong, 0 warnings" in printed.out


def test_check_names_a_wrong_rule_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yar"
    path.write_text("\nrule bad { condition: unknown }", "utf-8")

    with pytest.raises(RuleError, match=rf"^{path}:2: "):
        run("check", "--rules", path)


def test_check_warns_of_slow_rules_and_weak_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "slow.yar").write_text("rule slow { strings: $a = /[a-z]+/ condition: $a }", "utf-8")
    (tmp_path / "hash-iocs.txt").write_text("zz;\u202etxt.exe\n", "utf-8")

    assert run("check", "--rules", tmp_path / "slow.yar", "--iocs", tmp_path / "hash-iocs.txt") == 0

    printed = capsys.readouterr()
    assert f"warning: {tmp_path / 'slow.yar'}:1: slow: string $a has no literal of 4 bytes" in printed.err
    assert f"warning: {tmp_path / 'hash-iocs.txt'}:1: invalid: not hexadecimal: zz" in printed.err
    assert "0 wrong, 2 warnings" in printed.out


def test_list_tells_families_sets_dates_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0

    printed = capsys.readouterr().out
    for expected in ("wannacry", "gandcrab", "lockbit", "shadow-brokers", "vncert-144-2017", "MAL_WannaCry_Worm"):
        assert expected in printed


def test_list_as_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0

    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "triage-rules-1"
    assert [family["id"] for family in document["families"]] == ["gandcrab", "lockbit", "shadow-brokers", "wannacry"]
    assert str(rules_root()) not in json.dumps(document)
