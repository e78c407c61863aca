"""The terminal of the field: a whole screen, arrow keys and numbers, by prompt_toolkit.

Works in any console of Windows 8.1 and later, on Linux' own console and over a serial line: no colours are needed, no
mouse, no function keys.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from os.path import commonprefix
from typing import Final

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, PathCompleter
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import HSplit, Layout, VSplit, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.processors import PasswordProcessor
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from triage.cli.assistant.layout import Line, lines_of, window
from triage.cli.assistant.terminal import Back, Left, Option, Page
from triage.cli.assistant.wording import Words

_STYLE: Final = Style.from_dict(
    {"title": "reverse bold", "keys": "reverse", "problem": "bold", "chosen": "bold", "note": "", "line": "underline"}
)
_ESCAPE_SECONDS: Final = 0.2
"""How long an Esc waits for the rest of an arrow key: a serial line may be slow."""

_FOOT: Final = 1
"""Lines of the screen that are not the page's: the keys, at the bottom."""


class Console:
    """See `Terminal`.

    Args:
        keyboard: None for the process's own.
        screen: None for the process's own.
    """

    def __init__(self, keyboard: Input | None = None, screen: Output | None = None) -> None:
        self._words = Words("vi")
        self._input = keyboard
        self._output = screen

    def speak(self, words: Words) -> None:
        self._words = words

    def choose(self, page: Page, options: Sequence[Option], start: int = 0) -> int:
        view = _View(page, self._words, options, start)
        keys = _moving(view)

        @keys.add("enter")
        def _enter(event: KeyPressEvent) -> None:
            event.app.exit(result=view.chosen)

        for number in range(1, min(len(options), 9) + 1):
            keys.add(str(number))(_exits(number - 1))
        result = self._run(HSplit([_body(view), self._foot("keys-choose")]), _leaving(keys))
        assert isinstance(result, int)
        return result

    def ask(self, page: Page, given: str = "", *, secret: bool = False, path: bool = False) -> str:
        view, keys = _View(page, self._words), KeyBindings()
        buffer = Buffer(
            completer=PathCompleter(expanduser=False) if path else None, complete_while_typing=False, multiline=False
        )
        buffer.text, buffer.cursor_position = given, len(given)

        @keys.add("enter")
        def _enter(event: KeyPressEvent) -> None:
            event.app.exit(result=buffer.text.strip())

        @keys.add("tab")
        def _tab(_event: KeyPressEvent) -> None:
            if path:
                _complete(buffer)

        keys.add("escape", eager=False)(_exits(Back()))
        keys.add("c-c")(_exits(Left()))
        control = BufferControl(buffer=buffer, input_processors=[PasswordProcessor()] if secret else [])
        prompt = Window(FormattedTextControl("  > "), width=4, height=1)
        field = VSplit([prompt, Window(control, height=1, style="class:line", width=72), Window()], height=1)
        body = _body(view, fits=True)
        foot = self._foot("keys-path" if path else "keys-ask")
        result = self._run(HSplit([body, Window(height=1), field, Window(), foot]), keys, focus=control)
        assert isinstance(result, str)
        return result

    def show(self, page: Page) -> None:
        view = _View(page, self._words)
        keys = _moving(view)

        @keys.add("enter")
        @keys.add(" ")
        def _enter(event: KeyPressEvent) -> None:
            if not view.read_on():
                event.app.exit(result=0)

        self._run(HSplit([_body(view), self._foot("keys-show", view)]), _leaving(keys))

    def clear(self, page: Page) -> None:
        lines, _own = lines_of(page, self._words)
        sys.stdout.write("\x1b[2J\x1b[H" if sys.platform != "win32" else "\n" * 2)
        sys.stdout.write(self._words.shown(page.title) + "\n\n")
        sys.stdout.writelines(line.text + "\n" for line in lines)
        sys.stdout.write("\n")
        sys.stdout.flush()

    def _foot(self, key: str, view: _View | None = None) -> Window:
        def draw() -> str:
            more = f"   {self._words('more')}" if view and view.below else ""
            return f" {self._words.shown(self._words(key) + more)}"

        return Window(FormattedTextControl(draw), height=_FOOT, style="class:keys")

    def _run(self, body: HSplit, keys: KeyBindings, focus: BufferControl | None = None) -> object:
        application: Application[object] = Application(
            layout=Layout(body, focused_element=focus),
            key_bindings=keys,
            style=_STYLE,
            full_screen=True,
            input=self._input,
            output=self._output,
        )
        application.ttimeoutlen = _ESCAPE_SECONDS
        application.timeoutlen = _ESCAPE_SECONDS
        result = application.run()
        if isinstance(result, Back | Left):
            raise result
        return result


class _View:
    """A page, its choice, and how far it is scrolled.

    Attributes:
        below: lines that did not fit when it was last drawn.
    """

    def __init__(self, page: Page, words: Words, options: Sequence[Option] = (), chosen: int = 0) -> None:
        self._page = page
        self._words = words
        self._options = options
        self.chosen = chosen
        self.top = 0
        self.below = 0
        self._height = 1

    def read_on(self) -> bool:
        """Shows what is below, one screen further; False where nothing is."""
        if self.top + self._height >= len(self._lines()[0]):
            return False
        self.top += max(1, self._height - 2)
        return True

    @property
    def count(self) -> int:
        """How many lines it takes, its title included."""
        return len(self._lines()[0]) + self._head

    @property
    def _head(self) -> int:
        return 0 if self._page.raw else 2

    def _lines(self) -> tuple[list[Line], range]:
        return lines_of(self._page, self._words, self._options, self.chosen)

    def move(self, by: int) -> None:
        """To another option, or another line where there are none."""
        if self._options:
            self.chosen = (self.chosen + by) % len(self._options)
        else:
            self.top = max(0, min(self.top + by, len(self._lines()[0]) - 1))

    def drawn(self, height: int) -> StyleAndTextTuples:
        """What a screen of so many lines shows."""
        lines, own = self._lines()
        text: StyleAndTextTuples = []
        if self._head:
            title = f" {self._words.shown(self._page.title)}"
            text += [("class:title", f"{title:<79}\n"), ("", "\n")]
        shown = window(len(lines), own, height - self._head, self.top)
        self.top, self.below, self._height = shown.start, len(lines) - shown.stop, len(shown)
        for line in (lines[place] for place in shown):
            if line.style == "raw":
                text += to_formatted_text(ANSI(line.text + "\n"))
            else:
                text.append((f"class:{line.style}" if line.style else "", f"{line.text}\n"))
        return text


def _body(view: _View, *, fits: bool = False) -> Window:
    window_: Window

    def draw() -> StyleAndTextTuples:
        info = window_.render_info
        return view.drawn(info.window_height if info else _rows())

    window_ = Window(FormattedTextControl(draw), wrap_lines=False, height=view.count if fits else None)
    return window_


def _rows() -> int:
    """Lines a page may take, before its window is laid out for the first time."""
    return get_app().output.get_size().rows - _FOOT


def _exits(result: object) -> Callable[[KeyPressEvent], None]:
    def handler(event: KeyPressEvent) -> None:
        event.app.exit(result=result)

    return handler


def _moving(view: _View) -> KeyBindings:
    keys = KeyBindings()
    for names, by in ((("up", "k"), -1), (("down", "j", "tab"), 1), (("pageup",), -10), (("pagedown",), 10)):
        for name in names:
            keys.add(name)(_moves(view, by))
    return keys


def _moves(view: _View, by: int) -> Callable[[KeyPressEvent], None]:
    def handler(_event: KeyPressEvent) -> None:
        view.move(by)

    return handler


def _leaving(keys: KeyBindings) -> KeyBindings:
    for name in ("0", "left", "backspace", "escape"):
        keys.add(name, eager=False)(_exits(Back()))
    for name in ("q", "Q", "c-c", "c-d"):
        keys.add(name)(_exits(Left()))
    return keys


def _complete(buffer: Buffer) -> None:
    """Completes a path as far as there is one way to."""
    assert buffer.completer is not None
    ends = [found.text for found in buffer.completer.get_completions(buffer.document, CompleteEvent())]
    buffer.insert_text(commonprefix(ends))  # noqa: RUF071  letters are what is typed
