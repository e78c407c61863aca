"""A line of the journal in words: what was asked of a scan, what was collected, what became of a sealed case."""

from __future__ import annotations

import re
from typing import Final

from triage.analysis.dossier import JournalLine
from triage.outputs.catalogue import translate

_ARGUMENT: Final = re.compile(r"([a-z-]+)=(\S+)")
_COUNTED: Final = re.compile(r"(\d+) ([a-z-]+)")
_KEPT: Final = "kept"
_SEAL: Final = re.compile(r"(key|changed|new|gone|made again): (.+)")


def detail_of(line: JournalLine, lang: str) -> str:
    """The detail of a line; what is not worded as our own lines are stays as it is."""
    if line.act == "begun":
        return _pairs(_ARGUMENT, line.detail, " ", ("argument", "value"), lang)
    if line.act == "files collected":
        return ", ".join(_counted(part, lang) for part in line.detail.split(", "))
    if line.act in ("sealed", "sealed again"):
        return _pairs(_SEAL, line.detail, "; ", ("journal", "journal"), lang)
    return line.detail


def _pairs(pattern: re.Pattern[str], detail: str, between: str, kinds: tuple[str, str], lang: str) -> str:
    """Names and values worded by two tables of the catalogue; the text itself where one part is no such pair."""
    pairs = [pattern.fullmatch(part) for part in detail.split(between)]
    if not all(pairs):
        return detail
    return "; ".join(f"{translate(p[1], lang, kinds[0])}: {translate(p[2], lang, kinds[1])}" for p in pairs if p)


def _counted(part: str, lang: str) -> str:
    found = _COUNTED.fullmatch(part)
    if found is None:
        return part
    return f"{translate(found[2], lang, 'journal' if found[2] == _KEPT else 'left_out')}: {found[1]}"
