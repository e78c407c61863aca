"""Vietnamese and English wording, as gettext has it: the English phrase is the id.

`messages/vi.toml` holds every phrase, `messages/en.toml` only what English must word differently from its id
(severities, reasons, names of facts). A table of the file is a kind; one word may mean two things in two kinds.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from triage.errors import UsageError
from triage.model import GapReason

LANGUAGES: Final = ("vi", "en")
_GAPS: Final = frozenset(reason.value for reason in GapReason)


def translate(text: str, lang: str, kind: str = "phrase") -> str:
    """The wording in a language; the text itself where the catalogue does not know it.

    Args:
        text: an English phrase, or the id of something of that kind (`too-large`, `host.name`).
        lang: one of LANGUAGES.
        kind: a table of the catalogue: phrase, verdict, action, severity, confidence, gap, level, fact,
            value, state, detail, argument, journal.
    """
    return messages(lang).get(kind, {}).get(text, text)


def reason_wording(text: str, lang: str) -> str:
    """A reason of the verdict: a phrase, or the id of a gap's reason."""
    return translate(text, lang, "gap" if text in _GAPS else "phrase")


@cache
def messages(lang: str) -> dict[str, dict[str, str]]:
    """Every wording of a language, by kind.

    Raises:
        UsageError: there is no such language.
    """
    if lang not in LANGUAGES:
        raise UsageError(f"no language {lang!r}: choose one of {', '.join(LANGUAGES)}")
    return tomllib.loads(files(__package__).joinpath("messages", f"{lang}.toml").read_text("utf-8"))
