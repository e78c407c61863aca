"""The questions before a scan: language, what to go on with, how deep, where to; the three for the checklist."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

from triage.analysis.machine import Answers, Told
from triage.cli.assistant import estimate, places
from triage.cli.assistant.session import Session, Step
from triage.cli.assistant.terminal import Back, Option, Page, Terminal
from triage.cli.assistant.wording import Words
from triage.cli.checklist import day_of
from triage.intel.checklists import Checklist, Question, load_checklist
from triage.intel.roots import rules_root
from triage.outputs.figures import percent, size
from triage.scan import Depth

LANGUAGES: Final = (Words("vi"), Words("vi", bare=True), Words("en"))
_NAMES: Final = ("Tiếng Việt", "Tieng Viet khong dau (man hinh khong hien duoc dau)", "English")
_TOLD: Final[tuple[Told, ...]] = ("yes", "no", "unknown")
_STEPS: Final = 5


def title(words: Words, step: int) -> str:
    """Of a page of the walk."""
    return words("title", step=step, steps=_STEPS, name=words(f"step-{step}"))


def language(session: Session, terminal: Terminal) -> Session:
    """In which language; where the screen's character set is too small, without diacritics first."""
    options = [Option(text=name) for name in _NAMES]
    can = (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16le", "cp65001")
    terminal.speak(LANGUAGES[0] if can else LANGUAGES[1])
    words = LANGUAGES[terminal.choose(Page(title="triage - Ngon ngu / Language"), options, 0 if can else 1)]
    terminal.speak(words)
    return replace(session, words=words)


def resume(session: Session, terminal: Terminal) -> Session | None:
    """Cases that were cut off come first; finished ones can be opened again."""
    words, root = session.words, places.cases_root()
    open_cases, over = places.unfinished(root), places.finished(root)
    if not open_cases and not over:
        return None
    fresh = replace(session, resumed=None, reopened=False, case=None)
    options = [Option(text=one.folder.name, note=_cut_off(one, words)) for one in open_cases]
    options.append(Option(text=words("new-case" if open_cases else "first-case")))
    if over:
        options.append(Option(text=words("reopen", count=len(over))))
    kind = "resume" if open_cases else "begin"
    while True:
        page = Page(title=words(f"{kind}-title"), text=(words(f"{kind}-text"),))
        chosen = terminal.choose(page, options)
        if chosen < len(open_cases):
            one = open_cases[chosen]
            return replace(fresh, resumed=one, depth=one.depth, case=one.folder)
        if chosen == len(open_cases):
            return fresh
        names = [Option(text=folder.name) for folder in over]
        try:
            picked = over[terminal.choose(Page(title=words("reopen-title"), text=(str(root),)), names)]
        except Back:
            continue
        return replace(fresh, reopened=True, case=picked)


def _cut_off(one: places.Unfinished, words: Words) -> str:
    depth = words(f"depth-{one.depth.value}")
    return words("cut-off", evidence=one.evidence, depth=depth, done=percent(round(one.done * 1000), 1000, words.lang))


def depth(session: Session, terminal: Terminal) -> Session | None:
    """Quick or standard, with what each is likely to take."""
    if session.resumed or session.target is None:
        return None
    words = session.words
    terminal.clear(Page(title=title(words, 2), text=(words("measuring"),)))
    known = estimate.measured(session.target)
    options = [
        Option(text=words("depth-standard-choice"), note=_takes(known, Depth.STANDARD, words)),
        Option(text=words("depth-quick-choice"), note=_takes(known, Depth.QUICK, words)),
    ]
    page = Page(title=title(words, 2), text=(words("depth-text", about=session.about), words("depth-honest")))
    start = 0 if session.depth is Depth.STANDARD else 1
    chosen = terminal.choose(page, options, start)
    return replace(session, depth=(Depth.STANDARD, Depth.QUICK)[chosen])


def _takes(known: estimate.Measured | None, wanted: Depth, words: Words) -> str:
    span = estimate.minutes(known, wanted) if known else None
    what = words(f"depth-{wanted.value}-what")
    if span is None:
        return f"{what} {words('time-unknown')}"
    low, high = span
    return f"{what} {words('time-one' if low == high else 'time', low=low, high=high)}"


def machine(session: Session, terminal: Terminal) -> Session | None:
    """What the machine is called: its case is found by it."""
    if session.resumed or session.target is None:
        return None
    words = session.words
    given = session.machine or _called(session)
    told = terminal.ask(Page(title=title(words, 3), text=(words("machine-text"),)), given)
    return replace(session, machine=told or given)


def _called(session: Session) -> str:
    assert session.target is not None
    live = any(one.runs_system and one.path == session.target for one in session.found)
    if live or (sys.platform == "win32" and session.target == Path(session.target.anchor)):
        return platform.node()
    return session.target.stem if session.target.suffix or session.target.is_dir() else places.NAMELESS


def where(session: Session, terminal: Terminal) -> Session | None:
    """The folder for the case: never on what is examined, and with room."""
    if session.resumed or session.target is None:
        return None
    words = session.words
    roots = places.roots_for(session.target, session.found)
    problem = "" if roots else words("no-place")
    while True:
        options = [_root_option(root, session, words) for root in roots] + [Option(text=words("type-path"))]
        page = Page(title=title(words, 3), text=(words("where-text"),), problem=problem)
        chosen = terminal.choose(page, options)
        if chosen < len(roots):
            root = roots[chosen]
            problem = problem_of_root(root, session)
        else:
            try:
                root, problem = _typed_root(session, terminal)
            except Back:
                problem = ""
                continue
        if not problem:
            return replace(session, case=places.new_case(root, session.machine))


def _root_option(root: Path, session: Session, words: Words) -> Option:
    room = places.free(root)
    note = words("free", size=size(room, words.lang))
    if room < 2 * places.LEAST_FREE:
        note += f" {words('little')}"
    return Option(text=str(places.new_case(root, session.machine)), note=note)


def _typed_root(session: Session, terminal: Terminal) -> tuple[Path, str]:
    words = session.words
    text = terminal.ask(Page(title=title(words, 3), text=(words("where-typed"),)), path=True)
    if not text:
        raise Back
    root = Path(unquoted(text)).absolute()
    return root, problem_of_root(root, session)


def problem_of_root(root: Path, session: Session) -> str:
    """Why cases cannot go there, and what to do; empty where they can."""
    words = session.words
    assert session.target is not None
    examined = [one for one in session.found if one.path == session.target]
    if places.refused(root, session.target, examined):
        return words("on-evidence", path=root)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return words("cannot-make", path=root, why=error.strerror or error)
    room = places.free(root)
    if room < places.LEAST_FREE:
        return words("full", path=root, free=size(room, words.lang), needed=size(places.LEAST_FREE, words.lang))
    return ""


def unquoted(text: str) -> str:
    """A path that was dragged into a console comes in quotes."""
    return text.strip().strip("\"'")


# -- the three questions ---------------------------------------------------------------------------------------------


@cache
def _questions() -> Checklist:
    return load_checklist(rules_root())


def _question(name: str) -> tuple[int, Question]:
    return next((n, one) for n, one in enumerate(_questions().questions, 1) if one.id == name)


def _told(field: Literal["running", "rebooted", "network", "backup"], name: str, *, more: bool = False) -> Step:
    """A step that asks yes, no or not known."""

    def step(session: Session, terminal: Terminal) -> Session | None:
        if more and getattr(session.answers, name) != "yes":
            return None
        words = session.words
        number, question = _question(name)
        text = (question.more if more else question.text).of(words.lang)
        options = [Option(text=words(f"told-{told}")) for told in _TOLD]
        page = Page(title=title(words, 4), text=(words("questions"), f"{number}. {text}"))
        start = _TOLD.index(getattr(session.answers, field))
        told = _TOLD[terminal.choose(page, options, start)]
        return replace(session, answers=_with(session.answers, field, told))

    return step


def neighbours(session: Session, terminal: Terminal) -> Session:
    """Which machines share its segment."""
    words = session.words
    _number, question = _question("network")
    page = Page(title=title(words, 4), text=(question.more.of(words.lang), words("empty-unknown")))
    text = terminal.ask(page, session.answers.neighbours)
    return replace(session, answers=replace(session.answers, neighbours=text))


def backup_day(session: Session, terminal: Terminal) -> Session | None:
    """From which day the backup is."""
    if session.answers.backup != "yes":
        return None
    words = session.words
    _number, question = _question("backup")
    told = problem = ""
    while True:
        text = (question.more.of(words.lang), words("day-form"))
        told = terminal.ask(Page(title=title(words, 4), text=text, problem=problem), told)
        try:
            return replace(session, answers=replace(session.answers, backup_date=day_of(told)))
        except ValueError:
            problem = words("no-day", text=told)


def _with(answers: Answers, field: str, told: Told) -> Answers:
    change: Callable[..., Answers] = replace
    return change(answers, **{field: told})


QUESTIONS: Final[tuple[Step, ...]] = (
    _told("running", "running"),
    _told("rebooted", "running", more=True),
    _told("network", "network"),
    neighbours,
    _told("backup", "backup"),
    backup_day,
)


def begin(session: Session, terminal: Terminal) -> Session:
    """A last look before it starts."""
    words = session.words
    text = (
        words("begin-target", target=session.about),
        words("begin-depth", depth=words(f"depth-{session.depth.value}")),
        words("begin-case", case=session.case),
        "",
        words("begin-promise"),
    )
    options = [Option(text=words("go-on" if session.resumed else "start"))]
    terminal.choose(Page(title=title(words, 5), text=text), options)
    return session
