"""Do all tools find the same? Their sets of (path, rule) compared; what differs is shown."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.peers import Hits
from benchmarks.table import markdown

_SHOWN = 12


def compared(reference: Hits, others: Mapping[str, Hits], loaded: Mapping[str, int]) -> str:
    """A table of counts, then every difference.

    Args:
        reference: what `yara` found.
        others: what each other tool found, by its name.
        loaded: how many rules a tool took, where it did not take all.
    """
    rows = [["tool", "rule-file pairs", "only yara", "only this tool"]]
    lines = []
    for name, hits in others.items():
        rows.append([name, str(len(hits)), str(len(reference - hits)), str(len(hits - reference))])
        lines += _differences(name, "not found", reference - hits)
        lines += _differences(name, "found beyond yara", hits - reference)
    rows.insert(1, ["yara", str(len(reference)), "–", "–"])
    notes = [f"{name} took {count} of the rules.\n" for name, count in loaded.items()]
    return "\n".join([markdown(rows), *notes, *lines])


def _differences(name: str, what: str, pairs: Hits) -> list[str]:
    lines = [f"- {name}, {what}: `{rule}` on `{path}`" for path, rule in sorted(pairs)]
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"- … and {len(lines) - _SHOWN} more"]
