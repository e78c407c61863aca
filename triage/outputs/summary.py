"""summary.json: the verdict with its reasons, counts and coverage, for other programs; no clock, no host of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.analysis.clock import Clock
from triage.analysis.course import Remark
from triage.analysis.dossier import Collection, Coverage, Dossier, EvidenceInfo, Inventory, Tally, VolumeInfo
from triage.analysis.reconnection import Reconnection, may_reconnect
from triage.analysis.story import Story
from triage.model import GapReason, Severity, UnixNs
from triage.outputs.escapes import to_json
from triage.times import isoformat

SCHEMA = "triage.summary/1"


def render(dossier: Dossier, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """One JSON object; keys in a fixed order, sizes in bytes."""
    yield to_json(as_object(dossier), indent=2).encode() + b"\n"


def as_object(dossier: Dossier) -> dict[str, object]:
    """The whole summary."""
    return {
        "schema": SCHEMA,
        "verdict": dossier.verdict.level.value,
        "reasons": [
            {"text": reason.text, "count": reason.count, "example": reason.example}
            for reason in dossier.verdict.reasons
        ],
        "counts": {
            **{severity.value: dossier.counts[severity.value] for severity in Severity},
            "total": sum(dossier.counts.values()),
        },
        "coverage": _coverage(dossier.coverage),
        "facts": dict(sorted(dossier.facts.items())),
        "tool": {"name": "triage", "version": dossier.tool_version},
        "intel": {"digest": dossier.intel_digest},
        "evidence": _evidence(dossier.evidence),
        "volumes": [
            {
                "index": volume.index,
                "offset": volume.offset,
                "size": volume.size,
                "filesystem": volume.filesystem,
                "label": volume.label,
                "serial": volume.serial,
                "entries": volume.entries,
                "opened": volume.opened,
                **_shadow_copy(volume),
            }
            for volume in dossier.volumes
        ],
        "encrypted": _inventory(dossier.inventory),
        "collected": _collection(dossier.collection),
        "reconnection": _reconnection(may_reconnect(dossier)),
        "recovery": {
            state.value: {"files": share.files, "bytes": share.bytes}
            for state, share in dossier.savable().by_state.items()
        },
        "story": _story(dossier.story),
        "finished": dossier.finished,
    }


def _shadow_copy(volume: VolumeInfo) -> dict[str, object]:
    """Of which volume it is a shadow copy, from when and in which store; nothing of a live one."""
    if volume.parent is None:
        return {}
    taken = None if volume.taken is None else isoformat(volume.taken)
    return {"shadow_copy_of": volume.parent, "taken": taken, "store": volume.store}


def _coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "entries": coverage.entries,
        "examined": coverage.examined,
        "gaps": coverage.gaps,
        "full_content": coverage.full,
        "first_bytes": coverage.head,
        "metadata_only": coverage.metadata,
        "gaps_by_reason": {
            reason.value: coverage.gaps_by_reason[reason] for reason in GapReason if reason in coverage.gaps_by_reason
        },
        "bytes": coverage.bytes_entries,
        "bytes_read": coverage.bytes_read,
    }


def _evidence(evidence: EvidenceInfo) -> dict[str, object]:
    return {
        "format": evidence.format,
        "name": evidence.name,
        "size": evidence.size,
        "changed": evidence.changed,
        "fingerprints": {"before": evidence.fingerprint_before, "after": evidence.fingerprint_after},
        "hashes": dict(sorted(evidence.hashes.items())),
        "stored_hashes": dict(sorted(evidence.stored_hashes.items())),
        "mismatched": list(evidence.mismatched),
    }


def _collection(collection: Collection | None) -> dict[str, object] | None:
    if collection is None:
        return None
    return {
        "entries": collection.entries,
        "contents": collection.contents,
        "bytes": collection.bytes,
        "left_out": {why.value: count for why, count in collection.left_out.items()},
    }


def _reconnection(answer: Reconnection) -> dict[str, object]:
    """`yes` only where every criterion is `met`."""
    return {
        "answer": answer.answer.value,
        "criteria": {
            one.id: {
                "state": one.state.value,
                "evidence": [f"{proof.text}: {proof.value}" if proof.value else proof.text for proof in one.proofs],
            }
            for one in answer.criteria
        },
    }


def _inventory(inventory: Inventory) -> dict[str, object]:
    return {"files": inventory.files, "bytes": inventory.bytes, "by_state": _tallies(inventory.by_state)}


def _story(story: Story) -> dict[str, object]:
    return {
        "outcome": story.outcome.value,
        "confidence": story.confidence.value,
        "resumes": story.resumes,
        "reasons": [_remark(remark) for remark in story.reasons],
        "phases": [
            {
                "id": phase.id.value,
                "first": _moment(phase.first),
                "last": _moment(phase.last),
                "source": phase.source,
                "confidence": phase.confidence.value,
            }
            for phase in story.phases
        ],
        "contradictions": [_remark(remark) for remark in story.contradictions],
        "clock": _clock(story.clock),
    }


def _remark(remark: Remark) -> dict[str, object]:
    return {"text": remark.text, "when": _moment(remark.when), "details": dict(remark.details)}


def _clock(clock: Clock) -> dict[str, object]:
    skew = clock.skew
    return {
        "zone": clock.zone,
        "bias": clock.bias,
        "changes": len(clock.changes),
        "skew": skew
        and {
            "seconds": skew.seconds,
            "since": isoformat(skew.since),
            "by": skew.by,
            "synchronised": skew.synchronised,
        },
    }


def _moment(when: UnixNs | None) -> str | None:
    return None if when is None else isoformat(when)


def _tallies(rows: Iterable[Tally]) -> dict[str, object]:
    return {row.key: {"files": row.files, "bytes": row.bytes} for row in rows}
