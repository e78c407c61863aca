r"""A paper as PDF, by typst: the text goes in as data, never as markup, so no name can become a command.

Limits:
    The fonts carry Latin with Vietnamese, Greek and Cyrillic; any other character is printed as `\u4e2d`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from triage.outputs.papers import layout
from triage.outputs.papers.paper import Choice, Field, Letterhead, Paper
from triage.outputs.papers.wording import words

CARRIED: Final = (
    "\n -~\u00a0-\u024f\u0300-\u0304\u0306-\u030c\u031b\u0323\u1e00-\u1eff\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f"
    "\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u2044\u20ab\u20ac\u2116\u2122"
    "\u2190-\u2193\u2212\u2248\u2260\u2264\u2265\u25a0\u25a1\u25cf\u2610-\u2612"
)
"""A character class: what the shipped fonts have a glyph for."""

_FOREIGN: Final = re.compile(f"[^{CARRIED}]")


def render(paper: Paper) -> bytes:
    """One PDF 1.7; the same paper gives the same bytes."""
    source = files(__package__).joinpath("paper.typ").read_bytes()
    return typeset(source, paper=json.dumps(_paper(paper), ensure_ascii=False))


def typeset(source: bytes, more_fonts: tuple[Path, ...] = (), **inputs: str) -> bytes:
    """A document in typst's language as PDF, in the shipped fonts; no clock and nothing of this machine goes in.

    Args:
        source: the document.
        more_fonts: folders.
        inputs: what it reads as `sys.inputs`.
    """
    import typst  # tens of megabytes: read when a PDF is asked for, and not before

    fonts = _fonts(more_fonts)
    return bytes(typst.compile(source, font_paths=fonts, format="pdf", sys_inputs=inputs, timestamp=0))


@cache
def _fonts(more: tuple[Path, ...]) -> Any:  # noqa: ANN401 - typst.Fonts
    import typst

    with as_file(files(__package__) / "fonts") as folder:
        folders = [str(folder), *map(str, more)]
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _paper(paper: Paper) -> dict[str, object]:
    """What `paper.typ` reads."""
    fixed = words("layout", paper.lang)
    return {
        **{field.name: _plain(getattr(paper, field.name)) for field in fields(paper)},
        "letterhead": None if paper.letterhead is None else _letterhead(paper.letterhead, paper.lang),
        "words": fixed,
        "margins": layout.MARGINS_MM,
        "size": layout.BODY_PT,
        "indent": layout.INDENT_CM,
        "room": layout.ROOM_MM,
    }


def _letterhead(head: Letterhead, lang: str) -> dict[str, object]:
    return {
        "authority": _text(head.authority).upper(),
        "organisation": _text(head.organisation).upper() or layout.DOTS,
        "number": None if head.symbol is None else _text(layout.number_line(head, lang)),
        "subject": _text(head.subject),
        "date": None if head.place is None else _text(layout.date_line(head, lang)),
    }


def _plain(value: object) -> object:
    """Records as tables with their kind, texts printable."""
    match value:
        case str():
            return _text(value)
        case Enum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        table = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Field | Choice):
            table["label"] = _text(layout.label(value.label, mandatory=value.mandatory))
        return {"kind": type(value).__name__, **table}
    return value


def _text(text: str) -> str:
    return _FOREIGN.sub(_escape, layout.printed(text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
