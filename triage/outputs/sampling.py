"""Findings by group: what is printed of each, and what the page carries, when there are too many for either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from triage.analysis.dossier import Found
from triage.model import Severity

PRINTED: Final = 200
"""Findings that stand on paper and on a page without scripts."""

CARRIED: Final = 250_000
"""Findings that the page lets a reader search; a browser still scrolls them."""

Key = tuple[Severity, str, str, str]
"""severity, title, detector, family: what findings of one group share."""

_STRENGTH: Final = {severity: place for place, severity in enumerate(Severity)}


@dataclass(slots=True, kw_only=True)
class Group:
    """Findings that say the same thing. shown are the first of them."""

    key: Key
    count: int = 0
    shown: list[Found] = field(default_factory=list)


def key_of(found: Found) -> Key:
    """The group of a finding."""
    finding = found.finding
    return finding.severity, finding.title, finding.detector, finding.family or ""


def grouped(findings: Iterable[Found], printed: int = PRINTED) -> list[Group]:
    """Every group, strongest and largest first; together they show at most `printed` findings.

    No group is crowded out by a larger one: each shows all it has, or as many as any other.
    """
    groups: dict[Key, Group] = {}
    for found in findings:
        key = key_of(found)
        group = groups.setdefault(key, Group(key=key))
        group.count += 1
        if len(group.shown) < printed:
            group.shown.append(found)
    ordered = sorted(groups.values(), key=lambda group: (_STRENGTH[group.key[0]], -group.count, group.key[1:]))
    room = printed
    for place, group in enumerate(sorted(ordered, key=lambda group: len(group.shown))):
        share = room // (len(ordered) - place)
        del group.shown[share:]
        room -= len(group.shown)
    return ordered


def carried(findings: Iterable[Found], counts: Mapping[str, int], limit: int = CARRIED) -> Iterator[Found]:
    """The findings in their order, the weakest left out where there are more than limit; counts by severity value."""
    quota: dict[Severity, int] = {}
    room = limit
    for severity in Severity:
        quota[severity] = min(counts[severity.value], room)
        room -= quota[severity]
    for found in findings:
        severity = found.finding.severity
        if quota[severity]:
            quota[severity] -= 1
            yield found
