"""From a dossier to bytes: one module for each output, in a fixed order.

To add one: write a module with `render`, add its line here, translate its phrases in `messages/vi.toml`. One that
people want from every scan stands in `AFTER_SCAN`, too; the others are made on request, by `triage report --as`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from triage.analysis.dossier import Dossier
from triage.outputs import findings, report, savable, summary
from triage.outputs.sharing import case_uco, misp, stix

Render = Callable[[Dossier, str], Iterator[bytes]]
"""(dossier, "vi" or "en") to the file's bytes, in pieces. The same dossier always gives the same bytes."""


def _workbook(dossier: Dossier, lang: str) -> Iterator[bytes]:
    # its library takes as long to read as all the rest together
    made: Iterator[bytes] = import_module("triage.outputs.workbook").render(dossier, lang)
    return made


OUTPUTS: dict[str, Render] = {
    "findings.jsonl": findings.render,
    "summary.json": summary.render,
    "report.html": report.render,
    "recovery.csv": savable.render,
    "recovery.xlsx": _workbook,
    "stix.json": stix.render,
    "misp.json": misp.render,
    "case-uco.jsonld": case_uco.render,
}
"""File name in the case, to its output."""

SIGNED: dict[str, Callable[[Dossier, str, str], Iterator[bytes]]] = {
    "stix.json": stix.render,
    "misp.json": misp.render,
    "case-uco.jsonld": case_uco.render,
}
"""Those that may say who tells it, by name, as a third argument."""

AFTER_SCAN: tuple[str, ...] = ("findings.jsonl", "summary.json", "report.html")
"""Those that a scan writes by itself."""
