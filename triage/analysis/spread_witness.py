"""One case, as a witness of an outbreak: its first sign, who reached it, what its clock did, what it carries.

Limits:
    Of the contacts with one other machine the 32 nearest to the first sign are kept, of all contacts 4,096.
"""

from __future__ import annotations

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from triage.analysis.clock import Skew, clock_of
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.phases import PhaseId, Trust, trust_of
from triage.analysis.spread_contacts import LEASED, contact_of
from triage.analysis.spread_records import (
    Address,
    Contact,
    Encryption,
    FirstSign,
    Machine,
    Pointer,
    Sign,
    State,
)
from triage.analysis.spread_replug import replug_of
from triage.analysis.spread_steps import Steps, distinct, steps_of
from triage.analysis.spread_traits import TraitsSeen
from triage.analysis.traces import Evidence, placed_at
from triage.model import Confidence, Entry, Event, Finding, Severity, UnixNs
from triage.times import from_isoformat

FACTS: Final = (
    *("os.product", "os.build", "patch.ms17_010", "smb1.server", "host.domain", "time.zone"),
    *("firewall.domain", "firewall.private", "firewall.public"),
)
"""Facts that a comparison shows."""

_PER_PEER: Final = 32
_CONTACTS: Final = 4096
_POINTERS: Final = 256
_MINUTE: Final = 60_000_000_000
_CAME: Final = (PhaseId.ARRIVAL, PhaseId.DROP, PhaseId.PERSISTENCE)
_RANK: Final = {Trust.LOGGED: Confidence.HIGH, Trust.KEPT: Confidence.MEDIUM, Trust.WEAK: Confidence.LOW}
_KINDS: Final = {
    PhaseId.ARRIVAL: Sign.PROGRAM,
    PhaseId.DROP: Sign.DROP,
    PhaseId.PERSISTENCE: Sign.AUTOSTART,
    PhaseId.KILL_SWITCH: Sign.KILL_SWITCH,
    PhaseId.USER_FOLDERS: Sign.ENCRYPTED,
    PhaseId.DRIVES: Sign.ENCRYPTED,
    PhaseId.NOTES: Sign.NOTE,
}
_VERDICTS: Final = {
    VerdictLevel.ENCRYPTED: State.ENCRYPTED,
    VerdictLevel.INFECTED: State.INFECTED,
    VerdictLevel.SUSPICIOUS: State.SUSPICIOUS,
    VerdictLevel.INCONCLUSIVE: State.NOT_EXAMINED,
    VerdictLevel.NOTHING_FOUND: State.NOTHING_FOUND,
}


def witness(dossier: Dossier, case: str) -> Machine:
    """What the comparison needs of a case; the rest of it may be forgotten. case: name of its folder."""
    facts = {name: value.rpartition(" | ")[2] for name, value in dossier.facts.items()}
    hosts = tuple(dict.fromkeys(one.strip().upper() for one in dossier.facts.get("host.name", "").split(" | ") if one))
    first = first_sign(dossier)
    state = _state(dossier)
    steps = steps_of(dossier.story.clock.changes)
    anchor = first.when if first else None
    seen, pointers, in_place = _findings(dossier, steps, anchor)
    contacts, leases = _events(dossier, seen, steps, anchor)
    return Machine(
        name=hosts[0] if hosts else case,
        hosts=hosts,
        domain=facts.get("host.domain", "").lower(),
        case=case,
        evidence=dossier.evidence.name,
        fingerprint=dossier.evidence.fingerprint_before,
        state=state,
        verdict=dossier.verdict.level,
        entries=dossier.coverage.entries,
        gaps=dossier.coverage.gaps,
        finished=dossier.finished,
        first=first,
        phases=dossier.story.phases,
        skew=_skew(dossier, facts),
        unclear=anchor is not None and steps.unclear(anchor),
        addresses=tuple(_addresses(dossier.facts.get("network.interface", ""), leases)),
        contacts=contacts,
        pointers=pointers,
        encryption=_encryption(dossier, facts, steps, anchor, in_place),
        remote_confidence=_remote_confidence(dossier) if state is State.REMOTE else None,
        traits=seen.traits(dossier.facts),
        facts={name: facts[name] for name in FACTS if name in facts},
        replug=replug_of(dossier),
    )


def first_sign(dossier: Dossier) -> FirstSign | None:
    """The earliest of what only this malware does; times that any program can set count only where no other does."""
    dated = [
        (one.first, one)
        for phase in dossier.story.phases
        if phase.id is not PhaseId.LAST
        for one in phase.evidence
        if one.sure and one.first is not None
    ]
    firm = [(when, one) for when, one in dated if trust_of(one.source) is not Trust.WEAK]
    found = min(firm or dated, key=_earliest, default=None)
    if found is None:
        return None
    when, one = found
    return FirstSign(
        kind=_kind(one),
        when=when,
        source=one.source,
        confidence=_RANK[trust_of(one.source)],
        text=one.text,
        path=one.example,
    )


def _earliest(dated: tuple[UnixNs, Evidence]) -> tuple[int, int, int, str, str]:
    """Of one moment the surest source, then what the malware does first."""
    when, one = dated
    trust, phase = tuple(Trust).index(trust_of(one.source)), tuple(PhaseId).index(one.phase)
    return when, trust, phase, one.source, one.text


def _kind(one: Evidence) -> Sign:
    if one.phase in (PhaseId.PERSISTENCE, PhaseId.ARRIVAL) and "service" in one.text.lower():
        return Sign.SERVICE
    return _KINDS.get(one.phase, Sign.AFTER)


def _state(dossier: Dossier) -> State:
    """Encrypted files on a machine that nothing of the malware came to were written from elsewhere."""
    level, traces = dossier.verdict.level, dossier.traces
    if level in (VerdictLevel.ENCRYPTED, VerdictLevel.INFECTED):
        phases = (dossier.story.phase(phase) for phase in _CAME)
        came = any(one.sure for phase in phases if phase for one in phase.evidence)
        harmed = bool(traces.states) or dossier.story.phase(PhaseId.NOTES) is not None
        if harmed and not (came or traces.loader_there or traces.autostart_there):
            return State.REMOTE
    if level is VerdictLevel.NOTHING_FOUND and not dossier.finished:
        return State.NOT_EXAMINED
    return _VERDICTS[level]


def _remote_confidence(dossier: Dossier) -> Confidence:
    """Nothing came, as far as one looked: the registry tells what starts, the log what was installed."""
    if not dossier.finished or "os.build" not in dossier.facts:
        return Confidence.LOW  # a data disk of a machine whose Windows lies elsewhere looks alike
    logged = "log.System.records" in dossier.facts and not dossier.coverage.gaps
    return Confidence.HIGH if logged else Confidence.MEDIUM


def _skew(dossier: Dossier, facts: Mapping[str, str]) -> Skew | None:
    """As the story has it, each step of the clock counted once."""
    phases = {phase.id: phase for phase in dossier.story.phases}
    return clock_of(distinct(dossier.story.clock.changes), phases, facts).skew


def _encryption(
    dossier: Dossier, facts: Mapping[str, str], steps: Steps, anchor: UnixNs | None, in_place: int
) -> Encryption:
    times = dossier.traces.encrypted.when
    begun, heartbeat = (from_isoformat(facts.get(f"wannacry.{name}", "")) for name in ("started", "heartbeat"))
    return Encryption(
        files=dossier.inventory.files,
        in_place=in_place,
        bytes=dossier.inventory.bytes,
        first=_by(steps, anchor, UnixNs(min(times))) if times else None,
        last=_by(steps, anchor, UnixNs(max(times))) if times else None,
        begun=_by(steps, anchor, begun),
        heartbeat=_by(steps, anchor, heartbeat),
    )


def _findings(dossier: Dossier, steps: Steps, anchor: UnixNs | None) -> tuple[TraitsSeen, tuple[Pointer, ...], int]:
    """What is carried, whose shortcuts lie here, and how many files were encrypted where they lay."""
    seen, in_place = TraitsSeen(), 0
    pointers: list[Pointer] = []
    for found in dossier.findings():
        seen.add(found)
        finding, entry = found.finding, found.entry
        machine = finding.details.get("machine")
        if finding.severity is Severity.ENCRYPTED and entry.allocated and "state" in finding.details:
            in_place += _older(entry)
        elif _made_elsewhere(finding) and entry.allocated and isinstance(machine, str) and len(pointers) < _POINTERS:
            pointers.append(Pointer(name=machine.upper(), when=_by(steps, anchor, _came(entry)), path=entry.path))
    return seen, tuple(pointers), in_place


def _made_elsewhere(finding: Finding) -> bool:
    return finding.detector == "shortcuts" and bool(finding.family and finding.details.get("machine"))


def _older(entry: Entry) -> bool:
    born, changed = entry.times.born, entry.times.changed
    return born is not None and changed is not None and born < changed - _MINUTE


def _came(entry: Entry) -> UnixNs | None:
    source, when = placed_at(entry)
    return when if source == "$FN" else None


def _events(
    dossier: Dossier, seen: TraitsSeen, steps: Steps, anchor: UnixNs | None
) -> tuple[tuple[Contact, ...], Mapping[str, UnixNs]]:
    """Contacts by the clock of the first sign, and when each address was leased."""
    by_peer: dict[tuple[object, ...], list[Contact]] = defaultdict(list)
    leases: dict[str, UnixNs] = {}
    for _, event in dossier.events():
        seen.event(event)
        if event.what == LEASED:
            address, when = normal(str(event.details.get("address", ""))), _by(steps, anchor, event.when)
            if when is not None:
                leases[address] = when
        elif contact := _contact(event, steps, anchor):
            peers = by_peer[contact.reach, contact.address, contact.name]
            peers.append(contact)
            if len(peers) > 4 * _PER_PEER:
                peers[:] = _nearest(peers, anchor, _PER_PEER)
    kept = [one for peers in by_peer.values() for one in _nearest(peers, anchor, _PER_PEER)]
    near = _nearest(kept, anchor, _CONTACTS)
    return tuple(sorted(near, key=lambda one: (one.when, one.reach.value, one.address, one.name, one.until))), leases


def _by(steps: Steps, anchor: UnixNs | None, when: UnixNs | None) -> UnixNs | None:
    return when if anchor is None or when is None else steps.by_clock_of(anchor, when)


def _contact(event: Event, steps: Steps, anchor: UnixNs | None) -> Contact | None:
    told = contact_of(event, normal)
    if told is None or anchor is None:
        return told
    when, until = steps.by_clock_of(anchor, told.when), steps.by_clock_of(anchor, told.until)
    if when is None:
        return None
    return told.moved(when, until if until is not None and until >= when else when)


def _nearest(contacts: list[Contact], anchor: UnixNs | None, count: int) -> list[Contact]:
    """Those nearest to the first sign; of a machine without one the last."""
    if len(contacts) <= count:
        return contacts
    if anchor is None:
        return sorted(contacts, key=lambda one: (-one.when, one.reach.value, one.address, one.name))[:count]
    return sorted(contacts, key=lambda one: (abs(one.when - anchor), one.when, one.address, one.name))[:count]


def _addresses(told: str, leases: Mapping[str, UnixNs]) -> Iterator[Address]:
    """`10.0.0.5, static, gateway 10.0.0.1`, several separated by a bar."""
    seen: Counter[str] = Counter()
    for interface in told.split(" | "):
        addresses, _, rest = interface.partition(", ")
        leased = rest.startswith("dhcp")
        for text in addresses.split():
            address = normal(text)
            if address and not seen[address]:
                seen[address] += 1
                yield Address(address=address, leased=leased, since=leases.get(address) if leased else None)


@lru_cache(maxsize=65536)
def normal(text: str) -> str:
    """An address in one spelling; empty where it is none, or means the machine itself."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped if mapped is not None else address
    return "" if address.is_loopback or address.is_unspecified or address.is_link_local else str(address)
