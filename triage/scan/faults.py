"""How a gap tells what went wrong."""

from __future__ import annotations

import traceback
from pathlib import PurePath

from triage.errors import gap_reason
from triage.model import GapReason
from triage.text import printable

LONGEST = 400


def told(error: BaseException) -> str:
    """One printable line: the error's message; for a fault of our own its type and place, too."""
    text = str(error) or type(error).__name__
    if gap_reason(error) is GapReason.BUG:
        text = f"{type(error).__name__}: {error}{_place(error)}"
    return printable(text)[:LONGEST]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({'/'.join(PurePath(frames[-1].filename).parts[-2:])}:{frames[-1].lineno})" if frames else ""
