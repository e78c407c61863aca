"""From a dossier to bytes: one module for each output, in a fixed order.

To add one: write a module with `render`, add its line here, translate its phrases in `messages/vi.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.analysis.dossier import Dossier
from triage.outputs import findings, report, summary

Render = Callable[[Dossier, str], Iterator[bytes]]
"""(dossier, "vi" or "en") to the file's bytes, in pieces. The same dossier always gives the same bytes."""

OUTPUTS: dict[str, Render] = {
    "findings.jsonl": findings.render,
    "summary.json": summary.render,
    "report.html": report.render,
}
"""File name in the case, to its output."""
