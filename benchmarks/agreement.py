"""Do all tools find the same? Their sets of (path, rule) compared; what differs is explained or shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from benchmarks.peers import Hits
from benchmarks.table import markdown

Pair = tuple[str, str]

_SHOWN = 12

HIDDEN = "in a table of the file system, which a mount does not show"
NOT_LOADED = "by a rule that imports a module, which the tool cannot load"
UNEXPLAINED = "not explained"


def compared(reference: Hits, others: Mapping[str, Hits], without_modules: Mapping[str, frozenset[str]]) -> str:
    """A table of counts, then every difference with its reason.

    Args:
        reference: what `yara` found.
        others: what each other tool found, by its name.
        without_modules: the rules that a tool was given, where it was not given all.
    """
    rows = [["tool", "rules", "rule-file pairs", "only yara", "only this tool"], ["yara", "all", str(len(reference))]]
    rows[1] += ["–", "–"]
    lines = []
    for name, hits in others.items():
        given = without_modules.get(name)
        count = "all" if given is None else str(len(given))
        rows.append([name, count, str(len(hits)), str(len(reference - hits)), str(len(hits - reference))])
        lines += _explained(f"{name}, not found", {pair: _why_missed(pair, given) for pair in reference - hits})
        lines += _explained(f"{name}, found beyond yara", {pair: _why_more(pair) for pair in hits - reference})
    return "\n".join([markdown(rows), *(lines or ["No difference."])])


def _why_missed(pair: Pair, given: frozenset[str] | None) -> str:
    return UNEXPLAINED if given is None or pair[1] in given else NOT_LOADED


def _why_more(pair: Pair) -> str:
    return HIDDEN if pair[0].startswith("/$") else UNEXPLAINED


def _explained(what: str, reasons: Mapping[Pair, str]) -> list[str]:
    lines = [f"- {what}: {count} {reason}" for reason, count in sorted(Counter(reasons.values()).items())]
    unknown = sorted(pair for pair, reason in reasons.items() if reason == UNEXPLAINED)
    return lines + [f"  - `{rule}` on `{path}`" for path, rule in unknown[:_SHOWN]]
