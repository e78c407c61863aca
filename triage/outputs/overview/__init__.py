"""From an overview to bytes: the machines of a province on one page, as tables and as data.

Whatever is left out for others (names, computers) is left out of the overview before it comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.analysis.overview import Overview
from triage.outputs.overview import data, page, sheet, table

Render = Callable[[Overview, str], Iterator[bytes]]
"""(overview, "vi" or "en") to the file's bytes, in pieces. The same overview always gives the same bytes."""

OVERVIEW: dict[str, Render] = {
    "overview.json": data.render,
    "tong-hop.csv": table.render,
    "tong-hop.xlsx": sheet.render,
    "index.html": page.render,
}
"""File name in the folder of the queue, to its output."""
