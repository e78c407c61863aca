"""What of a case can be saved: each file, and the sums by state, user, folder and type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from triage.analysis.recovery import Records, Recovery, RecoveryState, recoveries
from triage.case import Case


class Hope(Enum):
    """What a state means to the owner of a file."""

    SURE = "sure"
    PERHAPS = "perhaps"
    NONE = "none"


HOPE: Final[Mapping[RecoveryState, Hope]] = {
    **dict.fromkeys(RecoveryState, Hope.SURE),
    **dict.fromkeys((RecoveryState.FREE, RecoveryState.PARTLY, RecoveryState.UNKNOWN), Hope.PERHAPS),
    **dict.fromkeys((RecoveryState.REUSED, RecoveryState.LOST), Hope.NONE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Files, and bytes of their originals."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Savable:
    """The sums; a state that no file has is not there.

    Attributes:
        by_user: by the profile that files lie in; by_folder and by_type by folder and extension of the original.
    """

    by_state: Mapping[RecoveryState, Share]
    by_user: Mapping[str, Mapping[RecoveryState, Share]]
    by_folder: Mapping[str, Mapping[RecoveryState, Share]]
    by_type: Mapping[str, Mapping[RecoveryState, Share]]

    @property
    def files(self) -> int:
        """All that were judged."""
        return sum(share.files for share in self.by_state.values())


def hoped(shares: Mapping[RecoveryState, Share]) -> dict[Hope, Share]:
    """Shares by what they mean, each there."""
    of = {hope: [share for state, share in shares.items() if HOPE[state] is hope] for hope in Hope}
    return {
        hope: Share(files=sum(one.files for one in every), bytes=sum(one.bytes for one in every))
        for hope, every in of.items()
    }


def recoveries_of(case: Case) -> Callable[[], Iterator[Recovery]]:
    """What can be saved of each encrypted file of a case; may be asked for again."""
    facts: dict[str, str] = {}
    for fact in case.facts():
        facts[fact.name] = f"{facts[fact.name]} | {fact.value}" if fact.name in facts else fact.value
    records = Records(
        findings=lambda: ((finding, entry) for finding, entry, _ in case.findings()),
        of_sizes=case.of_sizes,
        facts=facts,
        copies=frozenset(volume.index for volume in case.volumes() if volume.parent is not None),
        earlier=lambda volume, paths: (entry for _, entry in case.in_shadow_copies(volume, paths)),
    )
    return lambda: recoveries(records)


def summed(every: Iterable[Recovery]) -> Savable:
    """What is lost and what comes back."""
    counts: dict[tuple[str, str, RecoveryState], list[int]] = {}
    for one in every:
        folder, _, name = one.original.rpartition("/")
        size = one.size if one.size is not None else one.entry.size
        for kind, key in (
            ("", ""),
            ("user", one.user),
            ("folder", folder or "/"),
            ("type", name.rpartition(".")[2].lower() if "." in name[1:] else ""),
        ):
            tally = counts.setdefault((kind, key, one.state), [0, 0])
            tally[0] += 1
            tally[1] += size
    groups: dict[str, dict[str, dict[RecoveryState, Share]]] = {"": {}, "user": {}, "folder": {}, "type": {}}
    for (kind, key, state), (files, size) in sorted(counts.items(), key=lambda item: (item[0][:2], item[0][2].value)):
        groups[kind].setdefault(key, {})[state] = Share(files=files, bytes=size)
    return Savable(
        by_state=groups[""].get("", {}),
        by_user=groups["user"],
        by_folder=groups["folder"],
        by_type=groups["type"],
    )
