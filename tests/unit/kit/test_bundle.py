"""New rules come onto a stick whole, newer and rightly signed, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.kit.sticks import KEY, MONDAY, OTHER, TUESDAY, make_stick
from triage.errors import RuleError, UsageError
from triage.intel.packed import NAME, pack
from triage.kit.bundle import installed, make_bundle, update


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    return make_stick(tmp_path / "stick")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_newer_bundle_takes_the_place_of_the_old_rules(stick: Path, tmp_path: Path) -> None:
    before, made = names(stick), make_bundle(tmp_path / "new.pak", TUESDAY, KEY)
    assert update(stick, tmp_path / "new.pak") == made == installed(stick)
    assert names(stick) == before
    assert update(stick, tmp_path / "new.pak") is None, "the same one again is no fault"


@pytest.mark.parametrize(
    ("epoch", "key", "why"),
    [
        (MONDAY - 1, KEY, "not newer"),
        (TUESDAY, OTHER, "not signed by the key of this stick"),
        (TUESDAY, None, "not signed by the key of this stick"),
    ],
)
def test_an_older_or_wrongly_signed_bundle_is_refused(stick: Path, tmp_path: Path, epoch: int, key, why: str) -> None:
    make_bundle(tmp_path / "new.pak", epoch, key)
    before = (stick / NAME).read_bytes()
    with pytest.raises(UsageError, match=why):
        update(stick, tmp_path / "new.pak")
    assert (stick / NAME).read_bytes() == before


def test_a_bundle_whose_head_was_given_a_later_date_is_refused(stick: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "old.pak", MONDAY, KEY)
    data = (tmp_path / "old.pak").read_bytes().replace(b"2026-11-23T", b"2027-11-23T")
    (tmp_path / "old.pak").write_bytes(data)
    with pytest.raises(UsageError, match="not signed"):
        update(stick, tmp_path / "old.pak")


def test_a_bundle_that_was_cut_off_is_refused(stick: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "new.pak", TUESDAY, KEY)
    (tmp_path / "new.pak").write_bytes((tmp_path / "new.pak").read_bytes()[:-100])
    with pytest.raises(RuleError, match=r"new\.pak"):
        update(stick, tmp_path / "new.pak")


def test_rules_that_do_not_load_never_replace_those_that_do(stick: Path, tmp_path: Path) -> None:
    broken = pack({"families/x/family.toml": b"unknown = 1\n"}, "2027-01-01T00:00:00Z", KEY.sign)
    (tmp_path / "new.pak").write_bytes(broken.to_bytes())
    before, there = (stick / NAME).read_bytes(), names(stick)
    with pytest.raises(RuleError, match="unknown key"):
        update(stick, tmp_path / "new.pak")
    assert ((stick / NAME).read_bytes(), names(stick)) == (before, there)


def test_damaged_rules_on_a_stick_are_mended_by_a_bundle(stick: Path, tmp_path: Path) -> None:
    (stick / NAME).write_bytes(b"quarantined")
    made = make_bundle(tmp_path / "new.pak", MONDAY, KEY)
    assert update(stick, tmp_path / "new.pak") == made


def test_a_stick_that_nobody_signed_takes_no_update(tmp_path: Path) -> None:
    stick = make_stick(tmp_path / "stick", key=None)
    make_bundle(tmp_path / "new.pak", TUESDAY, KEY)
    with pytest.raises(UsageError, match="nobody signed this stick"):
        update(stick, tmp_path / "new.pak")


def test_a_folder_that_is_no_stick_is_left_alone(tmp_path: Path) -> None:
    make_bundle(tmp_path / "new.pak", TUESDAY, KEY)
    with pytest.raises(UsageError, match="no stick"):
        update(tmp_path, tmp_path / "new.pak")
