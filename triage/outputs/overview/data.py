"""overview.json: every row and every total, for other programs."""

from __future__ import annotations

from collections.abc import Iterator

from triage.analysis.overview import Losses, Machine, Overview, Totals
from triage.outputs.escapes import to_json

SCHEMA = "triage.overview/1"


def render(overview: Overview, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """One JSON object; keys in a fixed order, sizes in bytes."""
    yield to_json(as_object(overview), indent=1).encode() + b"\n"


def as_object(overview: Overview) -> dict[str, object]:
    """The whole overview."""
    return {
        "schema": SCHEMA,
        "total": _totals(overview.total),
        "copies": overview.copies,
        "offices": [{"office": office, **_totals(totals)} for office, totals in overview.offices.items()],
        "machines": [_machine(machine) for machine in overview.machines],
        "passed_over": list(overview.passed_over),
    }


def _totals(totals: Totals) -> dict[str, object]:
    return {
        "machines": totals.machines,
        "conditions": {condition.value: count for condition, count in totals.by_condition.items()},
        "encrypted": {"files": totals.encrypted_files, "bytes": totals.encrypted_bytes},
        "recovery": _losses(totals.losses),
        "vulnerable": totals.vulnerable,
        "patched": totals.patched,
        "smb1_enabled": totals.smb1_enabled,
        "with_gaps": totals.with_gaps,
    }


def _machine(machine: Machine) -> dict[str, object]:
    return {
        "office": machine.office,
        "host": machine.host,
        "name": machine.name,
        "case": machine.case,
        "size": machine.size,
        "condition": machine.condition.value,
        "verdict": machine.verdict,
        "outcome": machine.outcome,
        "resumes": machine.resumes,
        "encrypted": {"files": machine.encrypted_files, "bytes": machine.encrypted_bytes},
        "recovery": _losses(machine.losses),
        "first_sign": machine.first_sign or None,
        "patch": machine.patch or None,
        "smb1": machine.smb1 or None,
        "entries": machine.entries,
        "gaps": machine.gaps,
        "missing": dict(machine.missing),
        "finished": machine.finished,
        "same_as": machine.same_as or None,
        "problem": machine.problem or None,
    }


def _losses(losses: Losses | None) -> dict[str, object] | None:
    if losses is None:
        return None
    return {
        "lost": {"files": losses.lost_files, "bytes": losses.lost_bytes},
        "recoverable": {"files": losses.recoverable_files, "bytes": losses.recoverable_bytes},
    }
