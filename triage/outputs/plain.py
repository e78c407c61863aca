"""Groups of findings as they stand on paper: what all rows share is said once, above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.analysis.dossier import Found
from triage.model import Json, Severity
from triage.outputs.blocks import plain_details
from triage.outputs.catalogue import translate
from triage.outputs.sampling import Group

Pair = tuple[str, Json]
"""A label in the reader's language, and its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainGroup:
    """The findings of one group that are printed. rows: each with the pairs that it does not share with all others."""

    severity: Severity
    title: str
    count: int
    shared: list[Pair]
    rows: list[tuple[Found, list[Pair]]]


def plain_groups(groups: list[Group], lang: str) -> list[PlainGroup]:
    """The groups that show something, in their order."""
    return [_plain(group, lang) for group in groups if group.shown]


def _plain(group: Group, lang: str) -> PlainGroup:
    rows = [(found, _pairs(found, lang)) for found in group.shown]
    first = rows[0][1]
    shared = [pair for pair in first if all(pair in pairs for _, pairs in rows)] if len(rows) > 1 else []
    return PlainGroup(
        severity=group.key[0],
        title=group.key[1],
        count=group.count,
        shared=shared,
        rows=[(found, [pair for pair in pairs if pair not in shared]) for found, pairs in rows],
    )


def _on_paper(details: Mapping[str, Json]) -> Mapping[str, Json]:
    """Matched strings by their names alone: their bytes and offsets fill pages, and are in findings.jsonl."""
    strings = details.get("strings")
    if not isinstance(strings, list):
        return details
    return {**details, "strings": ", ".join(dict.fromkeys(str(one["id"]) for one in strings if isinstance(one, dict)))}


def _pairs(found: Found, lang: str) -> list[Pair]:
    finding = found.finding
    pairs: list[Pair] = [
        (translate("Confidence", lang), translate(finding.confidence.value, lang, "confidence")),
        *plain_details(_on_paper(finding.details), lang),
    ]
    if finding.indicator:
        pairs.append((translate("Indicator", lang), finding.indicator))
    if finding.attack:
        pairs.append(("ATT&CK", ", ".join(finding.attack)))
    if found.sha256:
        pairs.append(("SHA-256", found.sha256))
    return pairs
