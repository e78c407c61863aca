"""Many machines on one page: from the summary of each case to a row, from the rows to totals by office.

Pure: works on `summary.json` as it was read, so a case made elsewhere counts like one made here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from triage.analysis.contradictions import OUTBREAK
from triage.analysis.dossier import VerdictLevel
from triage.analysis.outcome import Outcome
from triage.analysis.savable import HOPE, Hope
from triage.model import GapReason, Json
from triage.times import from_isoformat


class Condition(Enum):
    """What is known of a machine, worst first. There is no "clean"."""

    ENCRYPTED = "encrypted"
    INFECTED = "infected"  # it runs, will run again, or that could not be judged
    DORMANT = "dormant"  # it is there, has encrypted nothing, and nothing was found that starts it again
    SUSPICIOUS = "suspicious"
    INCONCLUSIVE = "inconclusive"
    NOTHING_FOUND = "nothing-found"
    NOT_EXAMINED = "not-examined"  # its image could not be opened, or its scan gave no result
    WAITING = "waiting"  # its turn has not come
    COPY = "copy"  # another image or case of the same disk stands for it


_MOST: Final = (1 << 63) - 1

UNKNOWN: Final = (Condition.INCONCLUSIVE, Condition.NOT_EXAMINED, Condition.WAITING)
"""Nothing may be concluded from the silence about these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Files of one machine, or of several, that were encrypted: what is lost and what can be recovered."""

    lost_files: int = 0
    lost_bytes: int = 0
    recoverable_files: int = 0
    recoverable_bytes: int = 0

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            lost_files=self.lost_files + other.lost_files,
            lost_bytes=self.lost_bytes + other.lost_bytes,
            recoverable_files=self.recoverable_files + other.recoverable_files,
            recoverable_bytes=self.recoverable_bytes + other.recoverable_bytes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One row: a machine as its image or its case shows it.

    Attributes:
        name: of the image or the case, as found.
        case: folder of the case, "/"-separated, seen from the overview; empty where there is none.
        size: bytes of the image, 0 where it is not here.
        encrypted_bytes: of the originals, as their headers give them.
        first_sign: ISO 8601 by the machine's own clock, empty where no trace is dated.
        outcome: how far the encryption got; of an infected machine only, as first_sign.
        resumes: it goes on when Windows starts again; None where that could not be judged.
        patch: MS17-010: `patched vulnerable undetermined`, empty where nothing tells. smb1: `enabled` …, likewise.
        losses: None where recovery was not judged.
        missing: (value of a gap's reason, entries), the most frequent first.
        finished: the scan came to its end.
        same_as: name of the row that stands for this one.
        problem: why it was not examined, or not to the end.
    """

    name: str
    office: str = ""
    case: str = ""
    host: str = ""
    size: int = 0
    condition: Condition
    verdict: str = ""
    outcome: str = ""
    resumes: bool | None = None
    encrypted_files: int = 0
    encrypted_bytes: int = 0
    first_sign: str = ""
    patch: str = ""
    smb1: str = ""
    losses: Losses | None = None
    entries: int = 0
    gaps: int = 0
    missing: tuple[tuple[str, int], ...] = ()
    finished: bool = False
    same_as: str = ""
    problem: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over machines, copies left out. losses: None where recovery was judged for none of them."""

    machines: int
    by_condition: Mapping[Condition, int]
    encrypted_files: int
    encrypted_bytes: int
    vulnerable: int
    patched: int
    smb1_enabled: int
    with_gaps: int
    losses: Losses | None

    @property
    def unknown(self) -> int:
        """Machines of which nothing is known yet."""
        return sum(self.by_condition[condition] for condition in UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All machines, by office and name; totals of each office and of all.

    Attributes:
        passed_over: files that are neither images nor cases.
    """

    machines: tuple[Machine, ...]
    offices: Mapping[str, Totals]
    total: Totals
    copies: int
    passed_over: tuple[str, ...] = field(default=())

    @property
    def problems(self) -> tuple[Machine, ...]:
        """Machines that were not examined, or not to the end, or whose image is damaged."""
        return tuple(
            one
            for one in self.machines
            if one.problem
            or one.condition is Condition.INCONCLUSIVE
            or (
                one.condition is not Condition.COPY and any(why == GapReason.UNREADABLE.value for why, _ in one.missing)
            )
        )


def overview_of(machines: Iterable[Machine], passed_over: Iterable[str] = ()) -> Overview:
    """The overview; the same machines in any order give the same one."""
    rows = tuple(sorted(machines, key=lambda one: (one.office.casefold(), one.office, one.name.casefold(), one.name)))
    counted = [one for one in rows if one.condition is not Condition.COPY]
    by_office: dict[str, list[Machine]] = {}
    for one in counted:
        by_office.setdefault(one.office, []).append(one)
    return Overview(
        machines=rows,
        offices={office: _totals(every) for office, every in by_office.items()},
        total=_totals(counted),
        copies=len(rows) - len(counted),
        passed_over=tuple(sorted(passed_over)),
    )


def _totals(machines: list[Machine]) -> Totals:
    conditions = Counter(one.condition for one in machines)
    judged = [one.losses for one in machines if one.losses is not None]
    return Totals(
        machines=len(machines),
        by_condition={condition: conditions[condition] for condition in Condition},
        encrypted_files=sum(one.encrypted_files for one in machines),
        encrypted_bytes=sum(one.encrypted_bytes for one in machines),
        vulnerable=sum(one.patch == "vulnerable" for one in machines),
        patched=sum(one.patch == "patched" for one in machines),
        smb1_enabled=sum(one.smb1 == "enabled" for one in machines),
        with_gaps=sum(one.gaps > 0 for one in machines),
        losses=sum(judged, Losses()) if judged else None,
    )


# -- one case -------------------------------------------------------------------------------------------------------


def machine_of(summary: Mapping[str, Json], *, name: str, office: str = "", case: str = "", size: int = 0) -> Machine:
    """The row of a case. summary: the object in its `summary.json`; what it lacks is empty.

    Raises:
        ValueError: it has no verdict that we know.
    """
    verdict = VerdictLevel(_text(summary, "verdict"))
    outcome, resumes = _text(summary, "story", "outcome"), _at(summary, "story", "resumes")
    is_hit = verdict in (VerdictLevel.ENCRYPTED, VerdictLevel.INFECTED)
    return Machine(
        name=name,
        office=office,
        case=case,
        host=_last(_text(summary, "facts", "host.name")),
        size=size,
        condition=_condition(verdict, outcome, resumes),
        verdict=verdict.value,
        outcome=outcome if is_hit else "",
        resumes=resumes if isinstance(resumes, bool) else None,
        encrypted_files=_number(summary, "encrypted", "files"),
        encrypted_bytes=_number(summary, "encrypted", "bytes"),
        first_sign=_first_sign(summary) if is_hit else "",
        patch=_text(summary, "facts", "patch.ms17_010"),
        smb1=_last(_text(summary, "facts", "smb1.server")),
        losses=_losses(summary),
        entries=_number(summary, "coverage", "entries"),
        gaps=_number(summary, "coverage", "gaps"),
        missing=_missing(summary),
        finished=_at(summary, "finished") is True,
        fingerprint=_text(summary, "evidence", "fingerprints", "before"),
    )


def _condition(verdict: VerdictLevel, outcome: str, resumes: Json) -> Condition:
    if verdict is VerdictLevel.INFECTED and outcome == Outcome.NOT_BEGUN.value and resumes is not True:
        return Condition.DORMANT
    return Condition(verdict.value)


def _first_sign(summary: Mapping[str, Json]) -> str:
    """The earliest time of a phase; one from before the outbreak counts only where there is no other."""
    phases = _at(summary, "story", "phases")
    told = [_text(phase, "first") for phase in phases if isinstance(phase, dict)] if isinstance(phases, list) else []
    times = sorted((when, text) for text in told if (when := from_isoformat(text)) is not None)
    possible = [text for when, text in times if when >= OUTBREAK] or [text for _when, text in times]
    return possible[0] if possible else ""


def _missing(summary: Mapping[str, Json]) -> tuple[tuple[str, int], ...]:
    reasons = _at(summary, "coverage", "gaps_by_reason")
    counted = [(why, _number(reasons, why)) for why in reasons] if isinstance(reasons, dict) else []
    return tuple(sorted(counted, key=lambda one: (-one[1], one[0])))


def _losses(summary: Mapping[str, Json]) -> Losses | None:
    """`recovery` is there once what can be saved has been judged."""
    if not isinstance(_at(summary, "recovery"), dict):
        return None
    lost, back = (
        [state.value for state, hope in HOPE.items() if (hope is Hope.NONE) is gone] for gone in (True, False)
    )
    return Losses(
        lost_files=sum(_number(summary, "recovery", state, "files") for state in lost),
        lost_bytes=sum(_number(summary, "recovery", state, "bytes") for state in lost),
        recoverable_files=sum(_number(summary, "recovery", state, "files") for state in back),
        recoverable_bytes=sum(_number(summary, "recovery", state, "bytes") for state in back),
    )


def _last(values: str) -> str:
    """Of several values that were told the last, as the story has it."""
    return values.rpartition(" | ")[2]


def _at(told: Json | Mapping[str, Json], *path: str) -> Json:
    for key in path:
        if not isinstance(told, Mapping):
            return None
        told = told.get(key)
    return told if not isinstance(told, Mapping) else dict(told)


def _text(told: Json | Mapping[str, Json], *path: str) -> str:
    value = _at(told, *path)
    return value if isinstance(value, str) else ""


def _number(told: Json | Mapping[str, Json], *path: str) -> int:
    value = _at(told, *path)
    return min(max(value, 0), _MOST) if isinstance(value, int) and not isinstance(value, bool) else 0
