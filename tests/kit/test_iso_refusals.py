"""A live image that cannot be made is refused before anything is done, in one line that says what to do."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from triage.cli import main
from triage.errors import CaseError, UsageError
from triage.kit import iso, live_root
from triage.kit.iso import IsoPlan, epoch_from, require


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """One that could be carried out here."""
    monkeypatch.setattr(iso.shutil, "which", lambda _program: "/bin/there")
    monkeypatch.setattr(iso, "GRUB_FOLDER", tmp_path / "grub")
    for name in iso.GRUB_PLATFORMS:
        (tmp_path / "grub" / name).mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(iso, "SPACE_NEEDED", 1)
    monkeypatch.setattr(live_root, "PYTHON", ".".join(map(str, iso.sys.version_info[:2])))
    return IsoPlan(to=tmp_path / "kit.iso", epoch=0)


def test_a_plan_that_can_be_carried_out_passes(plan):
    require(plan)


def test_missing_programs_are_named_by_their_packages(plan, monkeypatch):
    monkeypatch.setattr(iso.shutil, "which", lambda program: None if program in ("xorriso", "mformat") else "/bin/x")
    (iso.GRUB_FOLDER / "i386-pc").rmdir()
    with pytest.raises(UsageError, match="apt-get install mtools xorriso grub-pc-bin"):
        require(plan)


def test_an_ordinary_user_is_told_to_become_root(plan, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="needs root"):
        require(plan)


def test_another_python_than_the_live_systems_is_refused(plan, monkeypatch):
    monkeypatch.setattr(live_root, "PYTHON", "3.9")
    with pytest.raises(UsageError, match=r"Python is 3\.9"):
        require(plan)


def test_an_image_that_is_there_is_not_written_over(plan):
    plan.to.write_bytes(b"older")
    with pytest.raises(UsageError, match=r"kit\.iso exists"):
        require(plan)
    assert plan.to.read_bytes() == b"older"


def test_a_folder_that_is_not_there_is_named(plan, tmp_path):
    with pytest.raises(UsageError, match="no such folder"):
        require(replace(plan, to=tmp_path / "no" / "kit.iso"))
    with pytest.raises(UsageError, match="--wheelhouse"):
        require(replace(plan, wheelhouse=tmp_path / "no"))


def test_a_data_partition_too_small_for_fat32_is_refused(plan):
    with pytest.raises(UsageError, match="at least 64 MiB"):
        require(replace(plan, data_size=1 << 20))


def test_a_disk_without_room_is_refused(plan, monkeypatch):
    monkeypatch.setattr(iso, "SPACE_NEEDED", 1 << 60)
    with pytest.raises(CaseError, match="are needed"):
        require(plan)


def test_a_date_that_is_none_is_refused():
    assert epoch_from({"SOURCE_DATE_EPOCH": "1495000000"}) == 1495000000
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        epoch_from({"SOURCE_DATE_EPOCH": "yesterday"})


def test_a_build_that_fails_leaves_nothing_behind(plan, monkeypatch):
    monkeypatch.setattr(live_root, "debootstrap_command", lambda *_: ["sh", "-c", "echo no mirror >&2; exit 7"])
    with pytest.raises(iso.live_root.TriageError, match="sh failed with exit code 7: no mirror"):
        iso.build_iso(plan, lambda _text: None)
    assert {path.name for path in plan.to.parent.iterdir()} == {"grub"}


@pytest.mark.parametrize(("words", "size"), [((), 0), (("--data", "1G"), 1 << 30)])
def test_what_is_typed_is_what_is_planned(tmp_path, monkeypatch, words, size):
    planned = []

    def build_iso(plan, _say):
        planned.append(plan)
        plan.to.write_bytes(b"image")
        return "0" * 64

    monkeypatch.setattr(iso, "build_iso", build_iso)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1495000000")
    assert main(["kit", "iso", "--to", str(tmp_path / "kit.iso"), "--mirror", "a", "--mirror", "b", *words]) == 0
    assert planned == [IsoPlan(to=tmp_path / "kit.iso", mirrors=("a", "b"), data_size=size, epoch=1495000000)]
