"""findings.jsonl: one finding a line, as it was claimed; the same in every language."""

from __future__ import annotations

from collections.abc import Iterator

from triage.analysis.dossier import Dossier, Found
from triage.outputs.escapes import to_json

SCHEMA = "triage.finding/1"


def render(dossier: Dossier, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """One JSON object a line, in the dossier's order."""
    for found in dossier.findings():
        yield to_json(as_object(found)).encode() + b"\n"


def as_object(found: Found) -> dict[str, object]:
    """The keys others rely on, in their fixed order (DESIGN §5); `path` is inside `volume`."""
    finding, entry = found.finding, found.entry
    return {
        "schema": SCHEMA,
        "detector": finding.detector,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "title": finding.title,
        "family": finding.family,
        "indicator": finding.indicator,
        "attack": list(finding.attack),
        "volume": entry.volume,
        "path": entry.path,
        "sha256": found.sha256,
        "details": finding.details,
    }
