"""From a case to its dossier. Pure: no clock, no disk but the case, no network."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from triage.analysis.dossier import Coverage, Dossier, EvidenceInfo, Found
from triage.analysis.inventory import Stock
from triage.analysis.observed import OBSERVED, derived_findings
from triage.analysis.verdict import Claims, counts_by_severity, judge
from triage.case import Aggregate, Case
from triage.model import Finding, GapReason, Level


def build(case: Case) -> Dossier:
    """The dossier of a case, finished or not."""
    counts = case.aggregate()
    coverage = coverage_of(counts)
    derived = sorted((_located(case, finding) for finding in derived_findings(case, counts.entries)), key=_order)
    claims, stock = Claims(), Stock()
    for found in _findings(case, derived):
        claims.add(found)
        stock.add(found)
    severities = Counter(counts.severities) + Counter(found.finding.severity.value for found in derived)
    meta = case.all_meta()
    return Dossier(
        verdict=judge(claims, coverage),
        coverage=coverage,
        counts=counts_by_severity(severities),
        facts=_facts(case),
        evidence=_evidence(case),
        volumes=case.volumes(),
        inventory=stock.inventory(),
        journal=case.journal(),
        arguments=case.all_meta("argument."),
        tool_version=meta.get("tool.version", ""),
        intel_digest=meta.get("argument.intel", ""),
        finished=meta.get("finished") == "1",
        findings=lambda: _findings(case, derived),
        gaps=case.gaps,
        events=case.events,
        entries=case.entries,
    )


def coverage_of(counts: Aggregate) -> Coverage:
    """Entries = examined + gaps. What a cut-off scan has not reached yet is neither: it counts as a gap."""
    examined = sum(counts.levels.values())
    return Coverage(
        entries=counts.entries,
        examined=examined,
        full=counts.levels[Level.FULL],
        head=counts.levels[Level.HEAD],
        metadata=counts.levels[Level.METADATA],
        gaps=counts.entries - examined,
        gaps_by_reason={GapReason(reason): number for reason, number in counts.gaps.items()},
        bytes_entries=counts.bytes_entries,
        bytes_read=counts.bytes_read,
    )


def _findings(case: Case, derived: Iterable[Found]) -> Iterator[Found]:
    """The detectors' findings and the analysis' own, in one order."""
    seen = (Found(finding=finding, entry=entry, sha256=sha256) for finding, entry, sha256 in case.findings())
    return heapq.merge(seen, derived, key=_order)


def _located(case: Case, finding: Finding) -> Found:
    return Found(finding=finding, entry=case.entry(finding.entry), sha256=None)


def _order(found: Found) -> tuple[int, str, int]:
    return found.entry.volume, found.entry.path, found.entry.id


def _facts(case: Case) -> Mapping[str, str]:
    """Name to value; values that differ are all given, for the reader to weigh."""
    facts = (fact for fact in case.facts() if not fact.name.startswith(OBSERVED))
    return {
        name: " | ".join(dict.fromkeys(fact.value for fact in group))
        for name, group in groupby(facts, key=lambda fact: fact.name)
    }


def _evidence(case: Case) -> EvidenceInfo:
    meta = case.all_meta("evidence.")
    return EvidenceInfo(
        format=meta.get("format", ""),
        name=meta.get("name", ""),
        size=int(meta.get("size", "0")),
        fingerprint_before=meta.get("fingerprint_before", ""),
        fingerprint_after=meta.get("fingerprint_after", ""),
        hashes=case.all_meta("hash."),
        stored_hashes=case.all_meta("stored_hash."),
    )
