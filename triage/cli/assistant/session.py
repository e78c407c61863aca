"""What was chosen so far, and the walk through the questions: forwards, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from triage.analysis.machine import Answers
from triage.cli.assistant.places import Unfinished
from triage.cli.assistant.plugged import Attached
from triage.cli.assistant.terminal import Back, Left, Option, Page, Terminal
from triage.cli.assistant.wording import Words
from triage.scan import Depth

VIETNAMESE: Final = Words("vi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One machine's examination, as far as it is known.

    Attributes:
        resumed: the case to go on with.
        reopened: `case` holds a whole scan: nothing is left to ask.
        about: the evidence, as it was shown.
        machine: what the machine is called.
    """

    words: Words = VIETNAMESE
    resumed: Unfinished | None = None
    reopened: bool = False
    target: Path | None = None
    found: tuple[Attached, ...] = ()
    about: str = ""
    depth: Depth = Depth.STANDARD
    machine: str = ""
    case: Path | None = None
    answers: Answers = field(default_factory=Answers)


Step = Callable[[Session, Terminal], Session | None]
"""Asks one thing; None where there is nothing to ask."""


def walk(steps: Sequence[Step], session: Session, terminal: Terminal) -> Session:
    """Takes every step; `Back` goes to the last one that asked, and forgets what it was told.

    Raises:
        Back: from the first that asked.
        Left: the user wants no more, and said so twice.
    """
    taken: list[tuple[int, Session]] = []
    place = 0
    while place < len(steps):
        try:
            after = steps[place](session, terminal)
        except Back:
            if not taken:
                raise
            place, session = taken.pop()
            continue
        except (Left, KeyboardInterrupt):
            confirm_leaving(session.words, terminal)
            continue
        if after is not None:
            taken.append((place, session))
            session = after
        place += 1
    return session


def confirm_leaving(words: Words, terminal: Terminal) -> None:
    """Returns where the user stays.

    Raises:
        Left: the user leaves.
    """
    options = [Option(text=words("stay")), Option(text=words("leave"))]
    try:
        if terminal.choose(Page(title=words("leave-title"), text=(words("leave-text"),)), options) == 1:
            raise Left
    except Back:
        return
