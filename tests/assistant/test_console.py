"""The real terminal, fed with keys and drawn into memory: every key that the bottom line names does what it says."""

from __future__ import annotations

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from triage.cli.assistant.console import Console, _View
from triage.cli.assistant.terminal import Back, Left, Option, Page
from triage.cli.assistant.wording import Words

PAGE = Page(title="Which?", text=("One of these.",))
OPTIONS = [Option(text=f"option {number}", note="a note") for number in range(1, 13)]
UP, DOWN, LEFT_KEY = "\x1b[A", "\x1b[B", "\x1b[D"


class Drawn:
    """What was written to the screen."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    encoding = "utf-8"

    def isatty(self):
        return True

    def fileno(self):
        raise OSError


@pytest.fixture
def keyboard():
    with create_pipe_input() as pipe:
        yield pipe


@pytest.fixture
def drawn():
    return Drawn()


@pytest.fixture
def console(keyboard, drawn):
    return Console(keyboard, Vt100_Output(drawn, lambda: Size(rows=25, columns=80), term="vt100"))


@pytest.mark.parametrize(
    ("keys", "place"),
    [("\r", 0), (DOWN + "\r", 1), (UP + "\r", 11), ("\t\t\r", 2), ("jjk\r", 1), ("3", 2), ("9", 8)],
)
def test_a_choice_is_made_with_arrows_or_numbers(console, keyboard, keys, place):
    keyboard.send_text(keys)
    assert console.choose(PAGE, OPTIONS) == place


@pytest.mark.parametrize("key", ["0", "\x1b", LEFT_KEY, "\x7f"])
def test_every_way_back(console, keyboard, key):
    keyboard.send_text(key)
    with pytest.raises(Back):
        console.choose(PAGE, OPTIONS)


@pytest.mark.parametrize("key", ["q", "\x03", "\x04"])
def test_every_way_out(console, keyboard, key):
    keyboard.send_text(key)
    with pytest.raises(Left):
        console.choose(PAGE, OPTIONS)


def test_a_number_that_is_not_there_does_nothing(console, keyboard):
    keyboard.send_text("5\r")
    assert console.choose(PAGE, OPTIONS[:2], start=1) == 1


def test_a_line_is_written_and_corrected(console, keyboard):
    keyboard.send_text("Ké\x7fế toán 2  \r")
    assert console.ask(PAGE) == "Kế toán 2"


def test_what_is_offered_can_be_kept(console, keyboard):
    keyboard.send_text("\r")
    assert console.ask(PAGE, "MAY-1") == "MAY-1"


def test_a_pass_phrase_is_never_drawn(console, keyboard, drawn):
    keyboard.send_text("hidden words\r")
    assert console.ask(PAGE, secret=True) == "hidden words"
    assert "hidden" not in drawn.text
    assert "****" in drawn.text


def test_tab_completes_a_path_as_far_as_it_is_certain(console, keyboard, tmp_path):
    for name in ("anh-dia-1.E01", "anh-dia-2.E01"):
        (tmp_path / name).touch()
    keyboard.send_text(f"{tmp_path}/an\t1.E01\r")
    assert console.ask(PAGE, path=True) == str(tmp_path / "anh-dia-1.E01")


LONG = Page(title="", raw="\n".join(f"line {number}" for number in range(60)))


def test_a_long_page_is_read_to_its_end():
    view, seen = _View(LONG, Words("en")), set()
    while True:
        seen |= set("".join(text for _style, text, *_ in view.drawn(24)).splitlines())
        if not view.read_on():
            break
    assert {f"line {number}" for number in range(60)} <= seen


def test_enter_reads_on_and_ends(console, keyboard):
    keyboard.send_text("\r\r\r\r")
    assert console.show(LONG) is None


def test_escape_alone_and_an_arrow_are_told_apart(console, keyboard):
    keyboard.send_text(DOWN + DOWN + UP + "\r")
    assert console.choose(PAGE, OPTIONS) == 1


def test_no_mouse_and_no_colour_is_asked_of_the_terminal(console, keyboard, drawn):
    keyboard.send_text("\r")
    console.choose(PAGE, OPTIONS)
    assert "?1000h" not in drawn.text
    assert not [code for code in ("[31", "[32", "[33", "[38", "[4;3") if code in drawn.text]
