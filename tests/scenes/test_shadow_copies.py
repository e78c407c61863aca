"""`--shadow-copies` on a real disk: what is there now and what was there then are told apart."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from tests.scanning import Scanned, scan, triage
from tests.shadow_images import TWO_STORES, two_stores, two_stores_raw
from triage.case import Case
from triage.formats.vss import IDENTIFIER

pytestmark = pytest.mark.corpus

CATALOGUE = 115539968
"""Where it begins in the sample."""

RULE = """
rule Words { strings: $a = "This is another file" $b = "place,user,password" condition: any of them }
"""


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rules") / "words.yar"
    path.write_text(RULE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory, rule: Path) -> Scanned:
    return scan(two_stores(), case=tmp_path_factory.mktemp("then"), shadow_copies=True, rules=rule)


def test_without_the_option_copies_are_said_and_cost_no_exit_code(tmp_path: Path) -> None:
    scanned = scan(two_stores(), case=tmp_path)
    assert (scanned.code, scanned.verdict, scanned.coverage["gaps"]) == (0, "nothing-found", 0)
    facts = scanned.summary["facts"]
    assert (facts["shadow_copies.count"], facts["shadow_copies.examined"]) == ("2", "0")
    assert facts["shadow_copies.oldest"] == "2013-12-03T06:35:09.7363787Z"
    assert "--shadow-copies" in (tmp_path / "report.html").read_text("utf-8")
    with Case.open(tmp_path) as case:
        assert [event.what for _, event in case.events()].count("Shadow copy was made") == 2


def test_a_damaged_catalogue_is_a_gap_and_the_number_is_not_known(tmp_path: Path) -> None:
    raw = two_stores_raw(tmp_path)
    with raw.open("r+b") as file:
        file.seek(CATALOGUE + 20)
        file.write(b"\x09")
    scanned = scan(raw, case=tmp_path / "case")
    assert (scanned.code, scanned.summary["facts"]["shadow_copies.count"]) == (3, "undetermined")
    assert [(entry.name, gap.reason.value) for entry, gap in scanned.gaps] == [(IDENTIFIER, "unparsable")]


def test_with_the_option_they_are_volumes_and_the_sum_still_holds(then: Scanned) -> None:
    assert then.summary["facts"]["shadow_copies.examined"] == "2"
    live, first, second = then.summary["volumes"]
    assert "shadow_copy_of" not in live
    assert [(one["shadow_copy_of"], one["label"]) for one in (first, second)] == [
        (0, "shadow copy of volume 0, 2013-12-03T06:35:09.7363787Z"),
        (0, "shadow copy of volume 0, 2013-12-03T06:37:48.9190583Z"),
    ]
    assert then.coverage["entries"] == sum(one["entries"] for one in then.summary["volumes"])
    assert then.coverage["entries"] == then.coverage["examined"] + then.coverage["gaps"]


def test_findings_of_a_copy_say_from_when_it_is(then: Scanned) -> None:
    told = {(one["volume"], one["path"], one["details"].get("shadow_copy")) for one in then.findings}
    assert told == {
        (0, "/another_file", None),
        (0, "/password.txt", None),
        (2, "/another_file", "2013-12-03T06:37:48.9190583Z"),
    }
    assert [reason["example"] for reason in then.summary["reasons"]] == [
        "/another_file",
        "[VSS 2013-12-03T06:37:48.9190583Z] /another_file",
    ]


def test_events_of_a_copy_are_kept_apart_from_the_live_ones(then: Scanned) -> None:
    with Case.open(then.case) as case:
        made = [(entry.volume, event.details.get("live", True)) for entry, event in case.events()]
        facts = [fact.name for fact in case.facts()]
    assert (0, True) in made
    assert all(live is (volume == 0) for volume, live in made)
    assert facts.count("observed.shadow-copy") == 2


def test_the_same_file_is_found_in_the_copies_by_its_path(then: Scanned) -> None:
    with Case.open(then.case) as case:
        found = [(copy.store, entry.path) for copy, entry in case.in_shadow_copies(0, ["/SYSLOG.GZ", "/syslog", "/no"])]
    assert found == [
        ("600f0b6d-5bdf-11e3-9d6c-005056c00008", "/syslog.gz"),
        ("600f0b69-5bdf-11e3-9d6c-005056c00008", "/syslog"),
    ]


def test_what_is_unchanged_in_one_piece_is_read_once(then: Scanned) -> None:
    with Case.open(then.case) as case:
        by_id = {entry.id: entry for entry in case.entries()}
    joined = [one for one in by_id.values() if one.volume and one.same_as is not None]
    assert len(joined) >= 6
    for one in joined:
        live = by_id[one.same_as]
        assert (live.volume, live.path, live.size, live.same_as) == (0, one.path, one.size, None)


def test_a_case_goes_on_only_with_the_same_question(then: Scanned, rule: Path) -> None:
    code, _, errors = triage("scan", two_stores(), "--case", then.case, "--quiet", "--rules", rule)
    assert code == 2
    assert "shadow-copies" in errors
    again = scan(two_stores(), case=then.case, shadow_copies=True, rules=rule)
    assert again.code == then.code


def test_damaged_stores_cost_no_more_than_themselves(tmp_path: Path) -> None:
    raw = two_stores_raw(tmp_path)
    dice = random.Random(5)
    with raw.open("r+b") as file:
        for start in (0x31560000, 0x31564000, 0x31568000, 0x06E40000, 0x06E44000, 0x06E48000):  # heads of both stores
            for _ in range(40):
                file.seek(start + dice.randrange(4096))
                file.write(bytes([dice.randrange(256)]))
    scanned = scan(raw, case=tmp_path / "case", shadow_copies=True)
    assert scanned.code in (0, 3)
    assert scanned.coverage["entries"] == scanned.coverage["examined"] + scanned.coverage["gaps"]
    assert scanned.summary["volumes"][0]["entries"] > 30
    with sqlite3.connect(scanned.case / "case.sqlite") as db:
        assert db.execute("SELECT count(*) FROM volume WHERE NOT walked").fetchone() == (0,)
    assert {entry.volume for entry, _ in scanned.gaps} <= {1, 2}, TWO_STORES
