"""outbreak.json: the whole comparison for other programs. Machines by their names, times ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.spread import Outbreak
from triage.analysis.spread_clocks import TRUTH, Bounds, Circle, Link
from triage.analysis.spread_edges import Edge, Evidence, Undecided
from triage.analysis.spread_odd import Group, Trait
from triage.analysis.spread_shares import Share
from triage.model import UnixNs
from triage.outputs.escapes import to_json
from triage.times import isoformat

SCHEMA: Final = "triage.outbreak/1"
_SECOND: Final = 1_000_000_000


def render(outbreak: Outbreak, lang: str) -> Iterator[bytes]:  # noqa: ARG001 - data has no language
    """One JSON object."""
    yield to_json(as_object(outbreak), indent=2).encode() + b"\n"


def as_object(outbreak: Outbreak) -> dict[str, object]:
    """The whole comparison."""
    return {
        "schema": SCHEMA,
        "counts": {state.value: count for state, count in outbreak.counts().items()},
        "firsts": [_name(outbreak, place) for place in outbreak.firsts],
        "machines": [_machine(outbreak, place, compared=outbreak.shown.tied(place)) for place in outbreak.order],
        "edges": [_edge(outbreak, edge) for edge in outbreak.edges],
        "undecided": [_undecided(outbreak, one) for one in outbreak.undecided],
        "outsiders": [
            {"address": one.address, "name": one.name, "reached": _names(outbreak, one.reached)}
            for one in outbreak.outsiders
        ],
        "shares": [_share(outbreak, one) for one in outbreak.shares],
        "indicators": [_trait(outbreak, one) for one in outbreak.traits],
        "clocks": {
            "links": [_link(outbreak, link) for link in outbreak.clocks.kept],
            "contradictions": [_circle(outbreak, circle) for circle in outbreak.clocks.circles],
        },
        "twins": [{"machine": _name(outbreak, place), "case": case} for place, case in outbreak.twins],
    }


def _machine(outbreak: Outbreak, place: int, *, compared: bool) -> dict[str, object]:
    one, start, first = outbreak.machines[place], outbreak.starts.get(place), outbreak.machines[place].first
    return {
        "name": one.name,
        "case": one.case,
        "hosts": list(one.hosts),
        "evidence": one.evidence,
        "state": one.state.value,
        "verdict": one.verdict.value,
        "finished": one.finished,
        "entries": one.entries,
        "gaps": one.gaps,
        "first_sign": first
        and {
            "kind": first.kind.value,
            "when": isoformat(first.when),
            "source": first.source,
            "confidence": first.confidence.value,
            "text": first.text,
            "path": first.path,
        },
        "rank": start and list(start.rank),
        "corrected": [_iso(start.low), _iso(start.high)] if start and compared else None,
        "clock": {
            "compared_with": _name(outbreak, outbreak.shown.group(place)) if compared else None,
            "ahead_seconds": _bounds(outbreak.shown.ahead(place)) if compared else None,
            "by": [proof.value for proof in outbreak.shown.proofs(place)],
            "unclear": one.unclear,
        },
        "phases": [
            {"id": phase.id.value, "first": _iso(phase.first), "last": _iso(phase.last), "source": phase.source}
            for phase in one.phases
        ],
        "encrypted": {
            "files": one.encryption.files,
            "bytes": one.encryption.bytes,
            "first": _iso(one.encryption.first),
            "last": _iso(one.encryption.last),
        },
        "addresses": [
            {"address": address.address, "leased": address.leased, "since": _iso(address.since)}
            for address in one.addresses
        ],
        "facts": dict(sorted(one.facts.items())),
        "indicators": {kind: list(values) for kind, values in one.traits.items()},
        "odd": list(outbreak.odd.get(place, ())),
        "plug_in_again": {
            "answer": one.replug.answer,
            "not_met": list(one.replug.not_met),
            "not_examined": list(one.replug.not_examined),
        },
    }


def _edge(outbreak: Outbreak, edge: Edge) -> dict[str, object]:
    return {
        "way": edge.way.value,
        "from": _name(outbreak, edge.of),
        "to": _name(outbreak, edge.to),
        "confidence": edge.confidence.value,
        "evidence": [_evidence(outbreak, one) for one in edge.evidence],
        "alternatives": [
            {"from": _name(outbreak, one.machine), "evidence": [_evidence(outbreak, piece) for piece in one.evidence]}
            for one in edge.alternatives
        ],
        "unseen_source_possible": True,
    }


def _evidence(outbreak: Outbreak, one: Evidence) -> dict[str, object]:
    return {
        "kind": one.kind,
        "told_by": _name(outbreak, one.told_by),
        "when": _iso(one.when),
        "source": one.source,
        "record": one.record,
        "by": one.by,
        "address": one.address,
        "name": one.name,
        "account": one.account,
        "count": one.count,
    }


def _undecided(outbreak: Outbreak, one: Undecided) -> dict[str, object]:
    return {
        "to": _name(outbreak, one.to),
        "may_be_meant": _names(outbreak, one.between),
        "why": one.why.value,
        "doubt": one.doubt and one.doubt.value,
        "evidence": _evidence(outbreak, one.evidence),
    }


def _share(outbreak: Outbreak, one: Share) -> dict[str, object]:
    return {
        "machine": _name(outbreak, one.machine),
        "files": one.files,
        "first": _iso(one.first),
        "last": _iso(one.last),
        "nothing_ran_there": one.certain and one.certain.value,
        "points_to": one.source and _name(outbreak, one.source.of),
        "names_of_others": list(one.outside),
    }


def _trait(outbreak: Outbreak, one: Trait) -> dict[str, object]:
    return {
        "kind": one.kind,
        "subject": one.subject,
        "machines_telling": one.told,
        "common": [_group(outbreak, group) for group in one.common],
        "odd": [_group(outbreak, group) for group in one.odd],
    }


def _group(outbreak: Outbreak, group: Group) -> dict[str, object]:
    return {"value": group.value, "values": list(group.values), "machines": _names(outbreak, group.machines)}


def _link(outbreak: Outbreak, link: Link) -> dict[str, object]:
    return {
        "from": _name(outbreak, link.of),
        "to": _name(outbreak, link.to),
        "ahead_seconds": _bounds(link.ahead),
        "by": link.proof.value,
        "observations": link.strength,
    }


def _circle(outbreak: Outbreak, circle: Circle) -> dict[str, object]:
    return {
        "links": [_link(outbreak, link) for link in circle.links],
        "not_used": [_link(outbreak, link) for link in circle.dropped],
    }


def _bounds(ahead: Bounds) -> list[float]:
    return [round(ahead.low / _SECOND, 3), round(ahead.high / _SECOND, 3)]


def _name(outbreak: Outbreak, place: int) -> str:
    return "true time" if place == TRUTH else outbreak.machines[place].name


def _names(outbreak: Outbreak, places: tuple[int, ...]) -> list[str]:
    return [_name(outbreak, place) for place in places]


def _iso(when: int | None) -> str | None:
    return None if when is None else isoformat(UnixNs(when))
