"""From the first question to the last offer, one machine after the other."""

from __future__ import annotations

from typing import Final

from triage.cli.assistant import steps
from triage.cli.assistant.afterwards import afterwards, verdict
from triage.cli.assistant.evidence_step import evidence
from triage.cli.assistant.scanning import scanned, shown
from triage.cli.assistant.session import Session, Step, confirm_leaving, walk
from triage.cli.assistant.terminal import Back, Left, Page, Terminal


def _unless_reopened(step: Step) -> Step:
    return lambda session, terminal: None if session.reopened else step(session, terminal)


BEFORE: Final[tuple[Step, ...]] = (
    steps.resume,
    *map(_unless_reopened, (evidence, steps.depth, steps.machine, steps.where, *steps.QUESTIONS, steps.begin)),
)
"""What is asked about every machine."""


def run(terminal: Terminal) -> None:
    """Until the user leaves."""
    session = Session()
    try:
        session = _language(session, terminal)
        while True:
            try:
                asked = walk(BEFORE, session, terminal)
            except Back:
                session = _language(session, terminal)
                continue
            screen = shown(asked) if asked.reopened else scanned(asked, terminal)
            if screen is not None and _after(asked, screen, terminal):
                break
    except Left:
        pass
    terminal.clear(Page(title=session.words("goodbye"), text=(session.words("goodbye-text"),)))


def _language(session: Session, terminal: Terminal) -> Session:
    while True:
        try:
            return walk((steps.language,), session, terminal)
        except Back:
            confirm_leaving(session.words, terminal)


def _after(session: Session, screen: str, terminal: Terminal) -> bool:
    """Whether that was all."""
    is_read = False
    while True:
        try:
            if not is_read:
                verdict(screen, terminal)
            is_read = True
            return afterwards(session, screen, terminal) == "end"
        except (Left, KeyboardInterrupt):
            confirm_leaving(session.words, terminal)
        except Back:
            is_read = False
