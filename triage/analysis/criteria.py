"""Answers that the disk gives to questions of safety, each with what says so. Never "met" without proof. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from triage.analysis.dossier import Dossier, Found, VerdictLevel
from triage.model import Confidence, Severity


class State(Enum):
    """The worst first."""

    NOT_MET = "not-met"
    NOT_EXAMINED = "not-examined"
    MET = "met"


EXAMINED: Final = "Entries examined"
GAPS: Final = "Entries not examined"
CUT_OFF: Final = "The scan was cut off"
HEADS_ONLY: Final = "Examined at depth quick: by first bytes only"
SAME: Final = "The fingerprint of the evidence is the same before and after"
OTHER: Final = "The fingerprint of the evidence differs before and after"
MISMATCHED: Final = "The image does not match its stored hash"
NO_FINGERPRINT: Final = "A folder has no fingerprint"
STARTS: Final = "Starts with Windows"
PARTS: Final = "Part of the malware on the disk"
SIGNS: Final = "Signs found"
NO_HIVES: Final = "The registry that says what starts with Windows was not read"
NOT_TOLD: Final = "Nothing on the disk tells"

TITLES: Final = (
    *(EXAMINED, GAPS, CUT_OFF, HEADS_ONLY, SAME, OTHER, MISMATCHED, NO_FINGERPRINT, STARTS, PARTS, SIGNS),
    *(NO_HIVES, NOT_TOLD),
)

_STARTED_BY: Final = frozenset(("service-worm", "service-loader", "registry-run"))
_TRACES: Final = frozenset(("event_logs", "registry", "prefetch", "usn", "shortcuts", "tasks", "recycle", "tag"))
"""Detectors that tell of the past or of settings; all others look at the files themselves."""
_HIVES: Final = ("registry.control_set", "services.count", "os.build")
"""Facts that only stand where SYSTEM and SOFTWARE were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What says so: a fact by its name, or a fixed English phrase."""

    text: str
    value: str = ""
    fact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One criterion, answered."""

    id: str
    state: State
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look over the findings leaves for the criteria."""

    dossier: Dossier
    starts: tuple[Proof, ...]
    parts: tuple[Proof, ...]


Check = Callable[[Seen], tuple[State, tuple[Proof, ...]]]


def look(dossier: Dossier) -> Seen:
    """One pass over the findings."""
    starts, parts = _Pile(STARTS), _Pile(PARTS)
    for found in dossier.findings():
        starts.add(found, wanted=_is_start(found))
        parts.add(found, wanted=_is_part(found))
    return Seen(dossier=dossier, starts=starts.proofs(), parts=parts.proofs())


def judge_all(ids: Iterable[str], checks: Mapping[str, Check], seen: Seen) -> tuple[Judged, ...]:
    """Every criterion in its order; one without a check is not examined."""
    return tuple(_judged(one, checks.get(one, _not_told), seen) for one in ids)


def _judged(name: str, check: Check, seen: Seen) -> Judged:
    state, proofs = check(seen)
    return Judged(id=name, state=state, proofs=proofs)


class _Pile:
    """Findings of one kind: how many, and the first."""

    def __init__(self, text: str) -> None:
        self._text, self._count, self._first = text, 0, ""

    def add(self, found: Found, *, wanted: bool) -> None:
        if wanted:
            self._count += 1
            self._first = self._first or found.entry.path

    def proofs(self) -> tuple[Proof, ...]:
        if not self._count:
            return ()
        more = f" (+{self._count - 1})" if self._count > 1 else ""
        return (Proof(text=self._text, value=f"{self._first}{more}"),)


def _is_start(found: Found) -> bool:
    finding = found.finding
    if finding.severity is Severity.INFO or finding.details.get("live") is False or not found.entry.allocated:
        return False
    match finding.detector:
        case "registry":
            return finding.indicator in _STARTED_BY
        case "tasks":
            return True
        case "shortcuts":
            return "Startup" in finding.title
    return False


def _is_part(found: Found) -> bool:
    finding = found.finding
    weighty = finding.severity is Severity.INFECTED and finding.confidence is not Confidence.LOW
    return weighty and found.entry.allocated and finding.detector not in _TRACES


# -- checks ----------------------------------------------------------------------------------------------------------


def examined(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """Everything was looked at, and deeper than first bytes."""
    coverage, dossier = seen.dossier.coverage, seen.dossier
    count = Proof(text=EXAMINED, value=f"{coverage.examined} / {coverage.entries}")
    if not dossier.finished:
        return State.NOT_MET, (Proof(text=CUT_OFF), count)
    if coverage.gaps:
        return State.NOT_MET, (Proof(text=GAPS, value=str(coverage.gaps)), count)
    if not coverage.entries:
        return State.NOT_EXAMINED, (count,)
    if dossier.arguments.get("depth") == "quick":
        return State.NOT_EXAMINED, (Proof(text=HEADS_ONLY), count)
    return State.MET, (count,)


def unchanged(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """The evidence is what it was when the scan began."""
    evidence = seen.dossier.evidence
    if evidence.mismatched:
        return State.NOT_MET, (Proof(text=MISMATCHED),)
    if not evidence.fingerprint_after:
        return State.NOT_EXAMINED, (Proof(text=NO_FINGERPRINT),)
    if evidence.changed:
        return State.NOT_MET, (Proof(text=OTHER),)
    return State.MET, (Proof(text=SAME, value=evidence.fingerprint_after[:16]),)


def no_persistence(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """Services, Run values, tasks and Startup shortcuts were read, and none starts the malware."""
    facts = seen.dossier.facts
    if seen.starts:
        return State.NOT_MET, seen.starts
    if any(name not in facts for name in _HIVES):
        return State.NOT_EXAMINED, (Proof(text=NO_HIVES),)
    if "registry.dirty" in facts:
        return State.NOT_EXAMINED, (_fact(facts, "registry.dirty"),)
    state, proofs = examined(seen)
    if state is not State.MET:
        return State.NOT_EXAMINED, proofs
    return State.MET, tuple(_fact(facts, name) for name in _HIVES[:2])


def no_component(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """No file that lies on the disk is a part of the malware."""
    if seen.parts:
        return State.NOT_MET, seen.parts
    state, proofs = examined(seen)
    return (State.MET if state is State.MET else State.NOT_EXAMINED), proofs


def no_sign(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """Nothing was found at all, in everything."""
    dossier = seen.dossier
    found = sum(number for name, number in dossier.counts.items() if name != Severity.INFO.value)
    if found:
        return State.NOT_MET, (Proof(text=SIGNS, value=str(found)),)
    state, proofs = examined(seen)
    sure = state is State.MET and dossier.verdict.level is VerdictLevel.NOTHING_FOUND
    return (State.MET if sure else State.NOT_EXAMINED), proofs


def patched(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """The version of srv.sys, or the build, says that MS17-010 is there."""
    return _by_fact(seen, "patch.ms17_010", "patched", "vulnerable", "patch.reason", "srv.sys.version", "patch.staged")


def smb1_off(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """The registry says that SMBv1 is not served."""
    return _by_fact(seen, "smb1.server", "disabled", "enabled", "smb1.server_why")


def smb_blocked(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """The firewall lets nobody in on 445, nor on 139."""
    ports = ("firewall.smb_inbound", "firewall.netbios_inbound")
    judged = [_by_fact(seen, name, "blocked", "open") for name in ports]
    proofs = tuple(dict.fromkeys(proof for _, some in judged for proof in some))
    return min((state for state, _ in judged), key=tuple(State).index), proofs


def backup_apart(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """A copy lies elsewhere, the disk says."""
    return _by_fact(seen, "backup.apart", "yes", "no", "backup.last")


def firewall_on(seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    """Every profile that this Windows has; a group policy outranks the machine's own setting."""
    facts = seen.dossier.facts
    old = facts.get("os.version", "").startswith("5.")
    names = []
    for profile in ("domain", "private") if old else ("domain", "private", "public"):
        policy = f"firewall.policy.{profile}"
        names.append(policy if policy in facts else f"firewall.{profile}")
    proofs = tuple(_fact(facts, name) for name in names if name in facts)
    said = [set(facts.get(name, "").split(" | ")) for name in names]
    if any("disabled" in one for one in said):
        return State.NOT_MET, proofs
    if all(one == {"enabled"} for one in said):
        return State.MET, proofs
    return State.NOT_EXAMINED, proofs or (Proof(text=NOT_TOLD),)


def _by_fact(seen: Seen, name: str, good: str, bad: str, *beside: str) -> tuple[State, tuple[Proof, ...]]:
    """Of several Windows on one disk, one that is bad decides; all must be good."""
    facts = seen.dossier.facts
    said = set(facts.get(name, "").split(" | "))
    proofs = tuple(_fact(facts, one) for one in (name, *beside) if facts.get(one))
    if bad in said:
        return State.NOT_MET, proofs
    return (State.MET, proofs) if said == {good} else (State.NOT_EXAMINED, proofs or (Proof(text=NOT_TOLD),))


def _fact(facts: Mapping[str, str], name: str) -> Proof:
    return Proof(text=name, value=facts[name], fact=True)


def _not_told(_seen: Seen) -> tuple[State, tuple[Proof, ...]]:
    return State.NOT_EXAMINED, (Proof(text=NOT_TOLD),)
