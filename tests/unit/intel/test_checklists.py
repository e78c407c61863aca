"""The lists people work from are strict, sourced and dated data."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.analysis import prevention, reconnection
from triage.analysis.machine import OPEN
from triage.errors import RuleError
from triage.intel.checklists import FOLDER, TRAITS, load_checklist, load_criteria
from triage.intel.roots import rules_root

CHECKLIST = load_checklist(rules_root())
LISTS = (CHECKLIST, load_criteria(rules_root(), "prevention"), load_criteria(rules_root(), "reconnection"))


def altered(tmp_path: Path, old: str, new: str) -> Path:
    """The shipped isolation list with its first `old` replaced."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    text = (rules_root() / FOLDER / "isolation.toml").read_text("utf-8")
    assert old in text
    (folder / "isolation.toml").write_text(text.replace(old, new, 1), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('confidence = "high"', 'confidence = "sure"', "'sure' is not one of"),
        ("reviewed = 2026-11-22\n\n[labels]", "[labels]", "missing key reviewed"),
        ("when = [{ verdict", "when = [{ verdikt", "unknown key verdikt"),
        ('verdict = ["encrypted"', 'verdict = ["broken"', "'broken' is not one of"),
        ("order = 20", "order = 10", "each number once"),
        ('until = "find-keys"', 'until = "nobody"', "no item nobody"),
        ('source = ["WK", "NCCIC"]', 'source = ["A friend"]', "stay-on: source is not"),
        ("source = [", "sauce = [", "unknown key sauce"),
        ('does = ["power-off"]', 'does = ["explode"]', "'explode' is not one of"),
        ('"running.yes" =', '"running.maybe" =', "no trait and value running.maybe"),
        ('published = "2017-05"', 'published = "May"', "no year, month or day"),
        ("Ghi giờ", "Ghi  giờ", "stray spaces"),
        ("Ghi giờ", "Ghi gio\u031b\u0300", "composed"),
    ],
)
def test_a_mistake_in_a_list_stops_the_program_and_names_it(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(RuleError, match=r"isolation\.toml") as error:
        load_checklist(altered(tmp_path, old, new))
    assert said in str(error.value)


@pytest.mark.parametrize("given", LISTS, ids=lambda one: one.id)
def test_every_item_has_both_languages_a_reason_a_source_and_a_date(given: object) -> None:
    for item in given.items:  # type: ignore[attr-defined]
        assert item.text.vi != item.text.en
        assert item.why.vi != item.why.en
        assert item.source
        assert item.reviewed


def test_every_source_is_used() -> None:
    for given in LISTS:
        used = {key for item in given.items for key in item.source}
        assert {reference.key for reference in given.references} == used


def test_what_an_answer_may_leave_open_can_be_said() -> None:
    for item in CHECKLIST.items:
        for condition in item.when if not item.sure else ():
            for trait in OPEN:
                wanted = getattr(condition, trait)
                if set(wanted) != set(TRAITS[trait]):
                    assert {f"{trait}.{value}" for value in wanted} <= set(CHECKLIST.labels), item.id


def test_conflicting_advice_names_both_sides() -> None:
    sides = {"stay-on": ("NCCIC", "wanakiwi"), "kill-switch": ("danh sách chặn", "NCSC"), "no-cleaning": ("164/CV",)}
    texts = {item.id: item.why.vi for item in CHECKLIST.items}
    for item, said in sides.items():
        assert texts[item].startswith("Lời khuyên khác nhau")
        assert all(one in texts[item] for one in said)


def test_a_check_answers_every_criterion_and_no_other() -> None:
    _, preventing, reconnecting = LISTS
    assert list(reconnection.CHECKS) == [item.id for item in reconnecting.items]
    assert set(prevention.CHECKS) <= {item.id for item in preventing.items}
