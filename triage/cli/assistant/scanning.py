"""The scan as the assistant runs it: progress on the screen, Ctrl-C asks, whatever goes wrong is said and kept."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import Final

from triage.analysis import build
from triage.case import FILE_NAME, Case
from triage.cli.actor import now, who
from triage.cli.assistant.places import collect_limit, free
from triage.cli.assistant.session import Session
from triage.cli.assistant.steps import title
from triage.cli.assistant.terminal import Back, Left, Option, Page, Terminal
from triage.cli.assistant.wording import Words
from triage.cli.checklist import make_lists
from triage.cli.scan import conclude, examine
from triage.errors import CaseError, EvidenceError, TriageError
from triage.intel import load_intel
from triage.outputs.screen import render_screen
from triage.scan import Progress, ScanOptions

_COLUMNS: Final = 79
_MOST_WORKERS: Final = 8


def scanned(session: Session, terminal: Terminal) -> str | None:
    """The verdict's screen; None where the user stopped: the case can be gone on with."""
    words, problem = session.words, ""
    assert session.case is not None
    while True:
        text = (words("scanning", case=session.case), words("scanning-keys"), words("scanning-keep"))
        terminal.clear(Page(title=title(words, 5), text=text))
        try:
            _examine(session)
            return _concluded(session)
        except KeyboardInterrupt:
            question = Page(title=words("stop-title"), text=(words("stop-text"),))
            options = [Option(text=words("stop-no")), Option(text=words("stop-yes"))]
        except TriageError as error:
            problem = problem_of(error, words)
            question = Page(title=words("failed-title"), text=(words("failed-text"),), problem=problem)
            options = [Option(text=words("try-again")), Option(text=words("stop-yes"))]
        except OSError as error:
            problem = words("system-error", why=error.strerror or error)
            question = Page(title=words("failed-title"), text=(words("failed-text"),), problem=problem)
            options = [Option(text=words("try-again")), Option(text=words("stop-yes"))]
        if not _goes_on(question, options, terminal):
            return None


def shown(session: Session) -> str:
    """The verdict's screen of a case that is finished.

    Raises:
        CaseError: it cannot be read.
    """
    assert session.case is not None
    with Case.open(session.case) as case:
        report = str(session.case / "report.html")
        return render_screen(build(case), session.words.lang, color=sys.stdout.isatty(), report=report)


def _goes_on(question: Page, options: list[Option], terminal: Terminal) -> bool:
    """Back means: I did not want to stop. Leaving means it."""
    try:
        return terminal.choose(question, options) == 0
    except Back:
        return True
    except Left:
        return False


def _examine(session: Session) -> None:
    assert session.target is not None
    assert session.case is not None
    words, resumed = session.words, session.resumed
    limit = resumed.collect if resumed else _begun_with(session) or collect_limit(free(session.case))
    options = ScanOptions(
        depth=session.depth,
        workers=min(os.cpu_count() or 1, _MOST_WORKERS),
        collect_limit=limit,
        now=now,
        who=who(),
    )

    def word(phrase: str) -> str:
        return words.shown(words(f"phrase-{phrase.replace(' ', '-')}"))

    layout = words.shown(words("bar"))
    progress = Progress(quiet=False, word=word, columns=_COLUMNS, layout=layout, plain=words.bare)
    examine((session.target,), session.case, load_intel(), options, progress)


def _begun_with(session: Session) -> int:
    """The limit of a case that this very session began; 0 where it is new."""
    assert session.case is not None
    if not (session.case / FILE_NAME).is_file():
        return 0
    with Case.open(session.case) as case:
        return int(case.meta("argument.collect") or 0)


def _concluded(session: Session) -> str:
    """Lists, outputs and seal, as the verbs make them; the seal last, so that it covers the lists."""
    assert session.case is not None
    lang = session.words.lang
    answers = {name: value for name, value in asdict(session.answers).items() if value not in ("unknown", "", None)}
    make_lists(session.case, answers, lang)
    screen, _code = conclude(session.case, lang, color=sys.stdout.isatty(), records_may_differ=True)
    return screen


def problem_of(error: TriageError, words: Words) -> str:
    """An error in plain words, with what it says itself."""
    match error:
        case EvidenceError():
            return words("evidence-error", why=error)
        case CaseError() if "begun with other evidence" in str(error):
            return words("other-evidence")
        case CaseError() if "begun with another intel" in str(error):
            return words("other-rules")
        case CaseError() if "full or gone" in str(error):
            return words("case-full")
        case CaseError():
            return words("case-error", why=error)
    return words("any-error", why=error)
