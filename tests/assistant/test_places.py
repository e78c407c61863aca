"""Where cases go: named so that every file system carries it, never onto the evidence, with room for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples_fake.images import demo_image
from triage.cli.assistant import estimate, places
from triage.cli.assistant.apart import apart
from triage.cli.assistant.estimate import Measured, measured, minutes
from triage.cli.assistant.plugged import Attached
from triage.errors import EvidenceError
from triage.scan import Depth


@pytest.mark.parametrize(
    ("told", "name"),
    [("Máy Đội 3", "May-Doi-3"), ("a/b\\c:d", "a-b-c-d"), ("", "MAY"), ("...", "MAY"), ("con", "MAY-con")],
)
def test_a_name_that_every_file_system_carries(told, name):
    assert places.file_name(told) == name


@given(st.text())
def test_no_name_leaves_its_folder(text):
    name = places.file_name(text)
    assert name.isascii()
    assert Path(name).name == name
    assert 0 < len(name) <= 40


def test_a_second_case_of_a_machine_gets_the_next_number(tmp_path):
    (tmp_path / "KT-1").mkdir()
    (tmp_path / "KT-2").mkdir()
    assert places.new_case(tmp_path, "KT").name == "KT-3"


def test_collected_files_take_half_of_what_is_left_and_not_more_than_the_verb_takes():
    assert places.collect_limit(100 << 30) == 512 << 20
    assert places.collect_limit(places.LEAST_FREE + (100 << 20)) == 50 << 20
    assert places.collect_limit(places.LEAST_FREE) == 8 << 20


def test_a_stick_is_known_by_what_lies_on_it(tmp_path, monkeypatch):
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "stick" / "CASES"))
    (tmp_path / "stick").mkdir()
    stick = Attached(path=Path("/dev/none"), folders=(tmp_path / "stick",))
    assert places.is_own(stick)
    assert not places.is_own(Attached(path=Path("/dev/none"), folders=(tmp_path / "elsewhere",)))


def test_a_folder_that_is_no_case_is_no_unfinished_case(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "case.sqlite").write_bytes(b"not a database at all, harmless")
    assert places.unfinished(tmp_path) == []
    assert places.finished(tmp_path) == []
    assert places.unfinished(tmp_path / "gone") == []


def test_keys_are_known_by_their_content(tmp_path):
    (tmp_path / "a.key").write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    (tmp_path / "b.key").write_text("something else")
    assert list(places.keys_near(tmp_path / "CASES")) == [tmp_path / "a.key"]


# -- how long it takes -----------------------------------------------------------------------------------------------


def test_a_disk_tells_how_many_records_it_has(tmp_path):
    known = measured(demo_image(tmp_path))
    assert known is not None
    assert known.entries is not None
    assert 200 < known.entries < 2000
    assert minutes(known, Depth.QUICK) == (1, 1)


def test_a_slow_and_full_disk_is_promised_no_minute():
    slow = Measured(entries=400_000, look=0.012, byte=1 / (60 << 20))
    quick, standard = minutes(slow, Depth.QUICK), minutes(slow, Depth.STANDARD)
    assert quick is not None
    assert standard is not None
    assert quick[0] < quick[1] < standard[1]
    assert standard[1] > 40


def test_a_folder_and_a_disk_of_another_kind_are_not_guessed_at(tmp_path):
    assert measured(tmp_path) is None
    assert minutes(Measured(entries=None, look=0.0, byte=0.0), Depth.QUICK) is None


def test_a_look_that_fails_dies_or_hangs_costs_the_look_only():
    assert apart(_fail, "x", seconds=5) is None
    assert apart(_die, "x", seconds=5) is None
    assert apart(_hang, "x", seconds=0.2) is None
    assert apart(len, "four", seconds=5) == 4
    assert estimate.measured(Path("/gone.dd")) is None


def _fail(_given):
    raise EvidenceError("cannot be opened")


def _die(_given):
    import os

    os._exit(3)


def _hang(_given):
    import time

    time.sleep(60)
