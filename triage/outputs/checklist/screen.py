"""What to do first, on a terminal: for whoever stands at the machine without a printer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from triage.outputs.checklist.sheet import Sheet
from triage.outputs.escapes import visible

COLUMNS: Final = 80


def steps(sheet: Sheet) -> str:
    """The first part of a list of things to do; of criteria all, each with its state."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield visible(sheet.title).upper()
    yield from _wrapped(sheet.lead, "")
    for note in sheet.notes if sheet.kind == "isolation" else ():
        yield from _wrapped(note, "!! ")
    for part in sheet.parts[:1]:
        if part.title:
            yield f"-- {visible(part.title)}"
        for row in part.rows:
            said = f" [{row.said}]" if row.said else ""
            yield from _wrapped(f"{row.text}{said}", f"[ ] {row.number:>2}. ")
            if row.condition:
                yield from _wrapped(row.condition, "        ")


def _wrapped(text: str, head: str) -> list[str]:
    return textwrap.wrap(visible(text), COLUMNS, initial_indent=head, subsequent_indent=" " * len(head))
