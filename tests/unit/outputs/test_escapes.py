"""What a page, a terminal and a line of JSON must never be given as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.outputs.escapes import to_json, to_script, visible, visible_json
from triage.text import printable


@given(st.text(st.characters()))
def test_json_gives_back_what_it_was_given(text: str) -> None:
    assert json.loads(to_json(text)) == text
    assert json.loads(to_script([text])) == [text]


@given(st.text(st.characters(exclude_categories=())))
def test_json_is_one_line_that_utf8_can_hold(text: str) -> None:
    line = to_json({text: text})
    assert len(line.splitlines()) == 1
    line.encode()


@given(st.text(st.characters(exclude_categories=())))
def test_a_path_that_is_printable_already_stays_as_it_is(name: str) -> None:
    assert visible(printable(name)) == printable(name)


def test_a_script_block_cannot_be_ended() -> None:
    assert to_script("</script><!--&") == r'"\u003c/script\u003e\u003c!--\u0026"'


def test_controls_and_bidi_marks_are_shown_not_obeyed() -> None:
    assert visible("a\x1b[31m\u202eb\\") == r"a\x1b[31m\u202eb" + "\\"
    assert visible_json({"k\n": ["\x07", 1, None]}) == {r"k\x0a": [r"\x07", 1, None]}


def test_a_number_that_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(float("nan"))
    with pytest.raises(TypeError, match="not JSON: bytes"):
        to_json({"key": b""})
