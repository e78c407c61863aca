"""The screen: widths, cuts, and what must never be missing."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from tests.dossiers import inconclusive_dossier, infected_dossier, make_dossier
from triage.analysis.dossier import Collection, LeftOut, VerdictLevel
from triage.outputs.screen import cut, render_screen, width


def test_a_decomposed_name_is_as_wide_as_a_composed_one() -> None:
    name = "Báo cáo quyết toán"
    assert width(unicodedata.normalize("NFD", name)) == width(name) == len(name)


def test_a_cut_keeps_a_letter_and_its_marks_together() -> None:
    name = unicodedata.normalize("NFD", "tiếng Việt")
    assert unicodedata.normalize("NFC", cut(name, 5)) == "tiến…"
    assert cut(name, 10) == name


def test_a_control_character_is_shown_before_it_is_cut() -> None:
    assert cut("\x1b[2J" * 10, 12) == r"\x1b[2J\x1b…"


def test_colours_change_nothing_but_colours() -> None:
    plain = render_screen(infected_dossier(), "vi", False).replace("=", "").split()
    coloured = render_screen(infected_dossier(), "vi", True)
    assert "\x1b[" in coloured
    assert "\x1b[" not in render_screen(infected_dossier(), "vi", False)
    for word in plain:
        assert word in coloured


def test_the_reasons_for_gaps_are_named() -> None:
    text = render_screen(inconclusive_dossier(), "vi", False)
    assert "CHƯA KẾT LUẬN ĐƯỢC" in text
    assert "1 mục: bị khóa bằng mã hóa (BitLocker, LUKS, EFS) 1" in text
    assert "Kiểm tra bị ngắt giữa chừng" in text


def test_logs_of_a_machine_without_findings_are_not_called_left_out() -> None:
    unneeded = Collection(entries=0, contents=0, bytes=0, left_out={LeftOut.NOTHING_FOUND: 4})
    lost = replace(unneeded, left_out={LeftOut.NOTHING_FOUND: 4, LeftOut.DISK_FULL: 2})
    for collection, said in ((unneeded, "0 B\n"), (lost, "0 B; left out: 2\n")):
        text = render_screen(replace(make_dossier(), collection=collection), "en", False)
        assert f"Collected      0 entries, {said}" in text


def test_no_gap_is_said_too() -> None:
    assert "Not examined   0 entries" in render_screen(make_dossier(entries=3), "en", False)


@pytest.mark.parametrize("level", VerdictLevel)
def test_every_verdict_says_what_to_do_in_full(level: VerdictLevel) -> None:
    for lang in ("vi", "en"):
        assert "…" not in render_screen(make_dossier(level, entries=3), lang, False)


def test_the_place_of_the_report_is_said_where_it_is_given() -> None:
    assert "/case/report.html" in render_screen(make_dossier(), "en", False, "/case/report.html")
    assert "Report " not in render_screen(make_dossier(), "en", False)


def test_a_path_that_fits_a_line_can_be_copied_from_the_screen() -> None:
    path = f"/media/{'usb/' * 14}report.html"
    assert path in render_screen(make_dossier(), "en", False, path).splitlines()
