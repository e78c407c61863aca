"""All knowledge at once: one digest, and it travels to the workers."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel import load_intel


def test_knowledge_survives_the_trip_to_a_worker() -> None:
    intel = load_intel()

    assert pickle.loads(pickle.dumps(intel)) == intel


def test_the_digest_is_of_the_knowledge_and_nothing_else(tmp_path: Path) -> None:
    rule = tmp_path / "a/r.yar"
    rule.parent.mkdir()
    rule.write_text("rule r { condition: true }", "utf-8")
    plain, again, with_rule = load_intel(), load_intel(engine="boreal"), load_intel([rule])
    moved = tmp_path / "b/r.yar"
    moved.parent.mkdir()
    moved.write_text("rule r { condition: true }", "utf-8")

    assert plain.digest == again.digest
    assert with_rule.digest != plain.digest
    assert load_intel([moved]).digest == with_rule.digest
    moved.write_text("rule r { condition: false }", "utf-8")
    assert load_intel([moved]).digest != with_rule.digest


def test_lists_count_and_enter_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "hash-iocs.txt"
    path.write_text("24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c;x\nzz;y\n", "utf-8")
    plain, listed = load_intel(), load_intel(extra_iocs=[path])

    assert listed.counts["hashes"] == plain.counts["hashes"] + 1
    assert listed.digest != plain.digest
    assert [remark.line for remark in listed.remarks] == [2]


def test_a_known_kill_switch_in_a_list_is_not_to_be_blocked(tmp_path: Path) -> None:
    path = tmp_path / "c2-iocs.txt"
    path.write_text("www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com;WannaCry\n128.31.0.39;WannaCry C2\n", "utf-8")

    intel = load_intel(extra_iocs=[path])

    assert [(host.block, host.weak) for host in intel.hosts] == [(False, True), (True, True)]
    assert ["kill switch" in remark.why or "Tor relay" in remark.why for remark in intel.remarks] == [True, True]


def test_a_wrong_rule_stops_before_anything_is_scanned(tmp_path: Path) -> None:
    path = tmp_path / "r.yar"
    path.write_text("rule r {\n condition: nothing }", "utf-8")

    with pytest.raises(RuleError, match=r"r\.yar:2: "):
        load_intel([path])
