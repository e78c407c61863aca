"""WannaCry's own name on a machine, joined: what it would be called here, and what it was found called. Pure.

References:
    Static analysis of the loader ed01ebfb…: the name is computed from the computer's name alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from triage.model import Confidence, EntryId, Finding, Json, Severity

OWN = "WannaCry took the name it computes from this computer's name"
FORMER = "WannaCry took the name of an earlier name of this computer"
FOREIGN = "WannaCry took the name of another computer: the disk was cloned or the machine renamed"

TITLES = (OWN, FORMER, FOREIGN)

DETECTOR = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTag:
    """Such a name, met as a service, start entry or folder. entry: the first place it was met at."""

    tag: str
    entry: EntryId


def judge_tags(
    computed: Iterable[str], former: Iterable[str], seen: Iterable[SeenTag], host: str = ""
) -> Iterator[Finding]:
    """One finding for each place where a name was met.

    Args:
        computed: names that follow from the computer's name (`wannacry.tag`).
        former: from what older copies of the registry call it (`backup.wannacry.tag`).
        seen: what was met (`observed.tag`, folders called so that hold components).
        host: the computer's name, for the reader.

    Nothing is said where no computer name is known: a name alone proves nothing.
    """
    own, earlier = frozenset(computed), frozenset(former)
    if not own and not earlier:
        return
    for one in sorted(set(seen), key=lambda one: (one.tag, one.entry)):
        if one.tag in own:
            yield _finding(one, OWN, Severity.INFECTED, Confidence.HIGH, {"computer": host})
        elif one.tag in earlier:
            yield _finding(one, FORMER, Severity.INFECTED, Confidence.HIGH, {"computer": host})
        else:
            yield _finding(one, FOREIGN, Severity.SUSPICIOUS, Confidence.MEDIUM, {"expected": [*sorted(own)]})


def _finding(
    seen: SeenTag, title: str, severity: Severity, confidence: Confidence, details: Mapping[str, Json]
) -> Finding:
    return Finding(
        detector=DETECTOR,
        entry=seen.entry,
        severity=severity,
        confidence=confidence,
        title=title,
        family="wannacry",
        indicator=seen.tag,
        attack=("T1543.003",),
        details=details,
    )
