"""The dated law: strict, complete, and nothing outdated taken for new."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel.law import FILE, in_force, load_law
from triage.intel.roots import rules_root

TEXT = (rules_root() / FILE).read_text(encoding="utf-8")
LAW = load_law(rules_root())
OUTDATED = {
    "0934.424.009",
    "043.6404.423",
    "ir@vncert.gov.vn",
    "0253.818.657",
    "0912.210.111",
    "0869100320",
    "ais@mic.gov.vn",
}


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert old in TEXT
    (tmp_path / FILE).write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("article =", "artikel =", "unknown key artikel"),
        ('document = "decree-331-2026"', 'document = "decree-332-2026"', "decree-332-2026"),
        ("until = 2026-06-30", "until = 2016-06-30", "before since"),
        ('value = "ir@vncert.vn"', 'value = "ir at vncert.vn"', "no email"),
        ('id = "serious"', 'id = "at-once"', "twice"),
        ("hours = 24", "hours = -24", "hours -24"),
        ("doubt_from = 2026-07-01\n", "", "belong together"),
    ],
)
def test_a_wrong_line_stops_the_program(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(RuleError, match=why):
        load_law(changed(tmp_path, old, new))


def test_outdated_contacts_are_known_and_never_given() -> None:
    assert {row.value for row in LAW.contact if row.outdated} == OUTDATED
    given = {row.value for recipient in LAW.recipient for row in LAW.contacts(recipient.id)}
    assert "ir@vncert.vn" in given
    assert not given & OUTDATED


def test_every_document_form_and_contact_names_its_source() -> None:
    for row in (*LAW.document, *LAW.recipient, *LAW.contact):
        assert row.source


def test_the_first_and_the_last_day_are_in_force() -> None:
    ids = {day: {row.id for row in in_force(LAW.document, day)} for day in (date(2016, 6, 30), date(2016, 7, 1))}
    assert "law-86-2015" not in ids[date(2016, 6, 30)]
    assert "law-86-2015" in ids[date(2016, 7, 1)]


def test_the_text_is_composed_unicode() -> None:
    assert unicodedata.is_normalized("NFC", TEXT)
