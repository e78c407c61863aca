"""Pages fit 80 columns whatever is written on them, and the chosen option is always on the screen."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from triage.cli.assistant.layout import lines_of, window, wrapped
from triage.cli.assistant.terminal import COLUMNS, Option, Page
from triage.cli.assistant.wording import Words, _wording
from triage.outputs.screen import width

HOSTILE = "Đĩa \u202e\x1b[31m cứng " + "x" * 300 + " 漢字" * 40


@given(st.text(max_size=400), st.integers(4, 78), st.integers(0, 2))
def test_no_line_is_wider_than_the_room(text, room, hang):
    lines = list(wrapped(text, room, hang))
    assert lines
    assert all(width(line) <= room for line in lines)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=300))
def test_a_long_word_loses_nothing(word):
    assert "".join(line.strip() for line in wrapped(word, 20, 2)) == word


def test_a_hostile_name_neither_moves_the_cursor_nor_breaks_the_page():
    page = Page(title=HOSTILE, text=(HOSTILE,), problem=HOSTILE)
    lines, _own = lines_of(page, Words("vi"), [Option(text=HOSTILE, note=HOSTILE)])
    shown = "".join(line.text for line in lines)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert all(width(line.text) <= COLUMNS for line in lines)


@given(st.integers(1, 60), st.integers(3, 30), st.integers(0, 59), st.integers(0, 80))
def test_the_chosen_option_is_on_the_screen(count, height, place, top):
    own = range(min(place, count - 1), min(place + 2, count))
    shown = window(count, own, height, top)
    assert len(shown) == min(count, height)
    assert own.start in shown
    assert own.stop - 1 in shown


def test_without_diacritics_every_word_is_ascii():
    bare = Words("vi", bare=True)
    for key in _wording():
        assert bare.shown(bare(key)).isascii(), key


def test_every_word_is_there_in_both_languages_composed():
    for key, row in _wording().items():
        assert sorted(row) == ["en", "vi"], key
        assert all(text == unicodedata.normalize("NFC", text) for text in row.values()), key
        assert row["en"].isascii() or "“" in row["en"] or "…" in row["en"] or "–" in row["en"], key


def test_the_keys_fit_the_bottom_line():
    for lang in ("vi", "en"):
        words = Words(lang)
        assert all(width(words(key)) < 79 for key in _wording() if key.startswith("keys-"))
        assert width(words("keys-show") + words("more")) < 76
