"""A terminal without a screen: answers come from a list, pages are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.cli.assistant.terminal import Back, Left
from triage.cli.assistant.wording import Words

BACK, LEFT, ENTER = object(), object(), object()


@dataclass
class Scripted:
    """Each answer: a piece of an option's text, a text to write, ENTER for what is offered, BACK or LEFT.

    An answer may also be a function, called before the next answer is taken: the world changes meanwhile.
    """

    answers: list
    words: Words = field(default_factory=lambda: Words("vi"))
    pages: list = field(default_factory=list)
    offered: list = field(default_factory=list)

    def speak(self, words):
        self.words = words

    def choose(self, page, options, start=0):
        self.pages.append(page)
        self.offered.append([option.text for option in options])
        answer = self._next(page, options)
        if answer is ENTER:
            return start
        fitting = [place for place, option in enumerate(options) if answer in option.text]
        assert fitting, f"{answer!r} is not among {[option.text for option in options]}"
        return fitting[0]

    def ask(self, page, given="", *, secret=False, path=False):
        self.pages.append(page)
        answer = self._next(page, ())
        return given if answer is ENTER else answer

    def show(self, page):
        self.pages.append(page)
        assert self._next(page, ()) is ENTER

    def clear(self, page):
        self.pages.append(page)

    def _next(self, page, options):
        assert self.answers, f"nobody answers {page.title!r}: {page.text} {[option.text for option in options]}"
        answer = self.answers.pop(0)
        while callable(answer):
            answer()
            answer = self.answers.pop(0)
        if answer is BACK:
            raise Back
        if answer is LEFT:
            raise Left
        return answer

    @property
    def problems(self):
        return [page.problem for page in self.pages if page.problem]
