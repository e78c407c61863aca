"""From an outbreak to bytes: the page, the tables, the data, the section for a report.

To add one: a function from (Outbreak, language) to bytes, and its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from triage.analysis.spread import Outbreak
from triage.outputs.outbreak import data, page, section, tables

Render = Callable[[Outbreak, str], Iterator[bytes]]


def _markdown(outbreak: Outbreak, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - the report is Vietnamese
    return section.markdown(section.section(outbreak))


def _plain(outbreak: Outbreak, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - the report is Vietnamese
    return section.plain(section.section(outbreak))


FORMS: Final[Mapping[str, Mapping[str, Render]]] = {
    "html": {"outbreak.html": page.render},
    "csv": {"machines.csv": tables.machines, "edges.csv": tables.edges},
    "json": {"outbreak.json": data.render},
    "md": {"bao-cao-lay-lan.md": _markdown},
    "txt": {"bao-cao-lay-lan.txt": _plain},
}
"""A form's name to its files."""
