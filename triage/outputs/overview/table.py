"""tong-hop.csv: a machine a line, in the reader's language; opens in a spreadsheet.

Begins with a byte order mark, or Excel would not read Vietnamese.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.overview import Overview
from triage.outputs.overview.columns import MACHINE, title
from triage.outputs.timeline.fields import cell, csv_line

_BOM: Final = b"\xef\xbb\xbf"


def render(overview: Overview, lang: str) -> Iterator[bytes]:
    """The header, then a line for each machine."""
    yield _BOM + csv_line(title(text, lang) for text, _width, _value in MACHINE)
    for machine in overview.machines:
        values = (value(machine, lang) for _text, _width, value in MACHINE)
        yield csv_line(cell(value) if isinstance(value, str) else value for value in values)
