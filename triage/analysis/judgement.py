"""From a case to its dossier. Pure: no clock, no disk but the case, no network."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby

from triage.analysis.dossier import Collection, Coverage, Dossier, EvidenceInfo, Found
from triage.analysis.firewall_state import Inbound, SeenProfile, judge_inbound
from triage.analysis.inventory import Stock
from triage.analysis.observed import OBSERVED, Facts, derived_findings
from triage.analysis.patch_state import judge_patch
from triage.analysis.savable import recoveries_of, summed
from triage.analysis.shadow_copies import in_shadow_copy, live_events, shadow_facts
from triage.analysis.story import tell
from triage.analysis.traces import EXTENSION, gather
from triage.analysis.verdict import Claims, counts_by_severity, judge, with_doubts
from triage.case import Aggregate, Case, LeftOut
from triage.case.seal import key_of
from triage.intel.patches import load_patches
from triage.intel.roots import rules_root
from triage.model import Entry, Finding, GapReason, Kind, Level

DRIVERS = "/system32/drivers"
UNDETERMINED = Inbound.UNDETERMINED.value


def build(case: Case) -> Dossier:
    """The dossier of a case, finished or not."""
    counts = case.aggregate()
    coverage = coverage_of(counts)
    told = _facts(case)
    derived = sorted((_located(case, finding) for finding in derived_findings(case, told, counts.entries)), key=_order)
    facts = {**{name: " | ".join(values) for name, values in told.items()}, **_exposure(case, told)}
    facts |= shadow_facts(case)
    claims, stock = Claims(), Stock()
    for found in _findings(case, derived):
        claims.add(found)
        stock.add(found)
    live = (found for found in _findings(case, derived) if not in_shadow_copy(found.finding))
    deleted = case.deleted_originals(EXTENSION)
    traces = gather(((found.finding, found.entry) for found in live), live_events(case), deleted)
    severities = Counter(counts.severities) + Counter(found.finding.severity.value for found in derived)
    meta = case.all_meta()
    recoveries = recoveries_of(case)
    evidence = _evidence(case)
    return Dossier(
        verdict=with_doubts(judge(claims, coverage), evidence),
        coverage=coverage,
        counts=counts_by_severity(severities),
        facts=dict(sorted(facts.items())),
        evidence=evidence,
        volumes=case.volumes(),
        inventory=stock.inventory(),
        traces=traces,
        story=tell(traces, facts),
        recoveries=recoveries,
        savable=cache(lambda: summed(recoveries())),
        journal=case.journal(),
        arguments=case.all_meta("argument."),
        tool_version=meta.get("tool.version", ""),
        intel_digest=meta.get("argument.intel", ""),
        finished=meta.get("finished") == "1",
        findings=lambda: _findings(case, derived),
        gaps=case.gaps,
        events=case.events,
        entries=case.entries,
        collection=_collection(case),
        collected=case.collected,
        key=key_of(case.journal()),
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


def _facts(case: Case) -> Facts:
    """Name to values; those that differ are all given, for the reader to weigh."""
    facts = (fact for fact in case.facts() if not fact.name.startswith(OBSERVED))
    return {
        name: tuple(dict.fromkeys(fact.value for fact in group))
        for name, group in groupby(facts, key=lambda fact: fact.name)
    }


def _exposure(case: Case, facts: Facts) -> Mapping[str, str]:
    """Whether the worm could come in: by the driver, by SMBv1, by the firewall; nothing where there is no Windows."""
    windows_seen = bool(case.count_called(DRIVERS, Kind.FOLDER))
    if not windows_seen and not any(name.startswith(("os.", "smb1.")) for name in facts):
        return {}
    unknown = {} if "smb1.server" in facts else dict.fromkeys(("smb1.server", "smb1.client"), UNDETERMINED)
    profiles = (SeenProfile.parse(_windows(entry), text) for text, entry in case.observed(f"{OBSERVED}firewall"))
    return {**_patch(facts, windows_seen=windows_seen), **unknown, **judge_inbound(profiles)}


def _windows(entry: Entry) -> str:
    """Which Windows of the evidence a file belongs to."""
    lower = entry.path.lower()
    return f"{entry.volume}{lower[: max(lower.rfind(folder) for folder in ('/windows/', '/winnt/'))]}"


def _patch(facts: Facts, *, windows_seen: bool) -> Mapping[str, str]:
    """Whether MS17-010 is patched, by today's table: an old case is judged with newer knowledge."""
    verdict = judge_patch(facts, load_patches(rules_root()), windows_seen=windows_seen)
    told = {
        "patch.ms17_010": verdict.state.value,
        "patch.reason": verdict.reason,
        "patch.needed": verdict.needed,
        "patch.staged": verdict.staged,
        "patch.updates": " ".join(verdict.updates),
        "patch.misleading": " ".join(verdict.misleading),
    }
    return {name: value for name, value in told.items() if value}


def _collection(case: Case) -> Collection | None:
    sizes: dict[str, int] = {}
    kept, left_out = 0, Counter[LeftOut]()
    for _entry, one in case.collected():
        if one.why is not None:
            left_out[one.why] += 1
        elif one.member:
            kept += 1
            sizes[one.member] = one.size
    if not kept and not left_out:
        return None
    ordered = {why: left_out[why] for why in LeftOut if why in left_out}
    return Collection(entries=kept, contents=len(sizes), bytes=sum(sizes.values()), left_out=ordered)


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
