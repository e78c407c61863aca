"""What may be shared of a case: one pass over its findings, bounded, with what was left out.

Files of a known family are told by name and hash; where they lay only as far as the folder is Windows' own. People's
documents are counted by type. A kill-switch host or a Tor relay is told as seen, never as something to block.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final, TypeVar

from triage.analysis.dossier import Dossier, Found, VerdictLevel
from triage.analysis.traces import placed_at
from triage.intel.families import Family, load_families
from triage.intel.roots import rules_root
from triage.model import Confidence, Entry, Finding, Kind, Severity, UnixNs
from triage.outputs.escapes import visible
from triage.outputs.sharing.ids import made
from triage.outputs.sharing.places import folder_of, said
from triage.times import from_isoformat

Key = TypeVar("Key")
Value = TypeVar("Value")

LIMIT: Final = 500
"""Different files, and as many registry values, services and hosts, that one export tells; the rest is counted."""

_BY_CONTENT: Final = frozenset(("hashes", "yara", "pe"))
_OF_FILES: Final = _BY_CONTENT | {"names", "keyfiles", "note", "encrypted"}
_NOT_FILES: Final = frozenset(("trace", "temp", "folder"))
"""Roles of names that are no component: prefetch files, moved originals, folders."""
_EXTENSION: Final = re.compile(r"[a-z0-9]{1,8}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_HIVES: Final = {"system": r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet", "software": r"HKEY_LOCAL_MACHINE\SOFTWARE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file of a known family, told once however often it lay there.

    Attributes:
        folder: as Windows writes it, of system folders alone; empty where it would tell of people.
        indicator: its content alone gives the family away: others may look for this hash.
        titles: what is claimed of it, fixed English phrases.
    """

    name: str
    sha256: str | None
    size: int
    folder: str
    family: str
    severity: Severity
    indicator: bool
    titles: tuple[str, ...]
    first: UnixNs | None
    last: UnixNs | None
    places: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A registry value of a known family."""

    key: str
    name: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundService:
    """A service of a known family; image: its command line."""

    name: str
    display: str
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHost:
    """A host that the machine asked for or reached.

    Attributes:
        meaning: `kill-switch`: must resolve and answer, never block it; `onion`: a hidden service of the family;
            `address`: weak, mostly a Tor relay of its time.
    """

    name: str
    meaning: str
    first: UnixNs | None
    last: UnixNs | None
    count: int = 1


@dataclass(slots=True)
class Shared:
    """Everything an export tells. left_out: what there was more, by kind."""

    level: VerdictLevel
    made: UnixNs
    first: UnixNs | None = None
    last: UnixNs | None = None
    families: dict[str, Family] = field(default_factory=dict)
    attack: set[str] = field(default_factory=set)
    files: dict[tuple[str, str], FoundFile] = field(default_factory=dict)
    keys: dict[tuple[str, str], FoundKey] = field(default_factory=dict)
    services: dict[str, FoundService] = field(default_factory=dict)
    hosts: dict[str, FoundHost] = field(default_factory=dict)
    wallets: tuple[str, ...] = ()
    encrypted: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def infected(self) -> bool:
        """Something was found that names a family."""
        return bool(self.families)


def shared(dossier: Dossier) -> Shared:
    """What may be told of the case."""
    known = {family.id: family for family in load_families(rules_root())}
    found = Shared(level=dossier.verdict.level, made=made(dossier))
    for _, group in groupby(dossier.findings(), key=lambda item: item.entry.id):
        _take(found, list(group), known)
    _from_facts(found, dossier.facts)
    found.families = {ident: known[ident] for ident in sorted(found.families)}
    found.encrypted = {row.key: row.files for row in dossier.inventory.by_state}
    types: dict[str, int] = {}
    for row in dossier.inventory.by_extension:
        name = row.key.lower() if _EXTENSION.fullmatch(row.key.lower()) else ""
        types[name] = types.get(name, 0) + row.files
    found.types = dict(sorted(types.items(), key=lambda item: (-item[1], item[0])))
    _span(found, dossier)
    return found


def _span(found: Shared, dossier: Dossier) -> None:
    """First and last trace of the attack."""
    phases = dossier.story.phases
    times = [when for phase in phases for when in (phase.first, phase.last) if when is not None]
    if found.families and times:
        found.first, found.last = min(times), max(times)


def _take(found: Shared, group: list[Found], known: Mapping[str, Family]) -> None:
    ours = [one for one in group if one.finding.family in known and one.finding.severity is not Severity.INFO]
    for one in ours:
        finding = one.finding
        if finding.severity in (Severity.ENCRYPTED, Severity.INFECTED):
            family = known[str(finding.family)]
            found.families[family.id] = family
        if finding.confidence is not Confidence.LOW:
            found.attack.update(finding.attack)
        _take_registry(found, finding, one.entry)
        _take_host(found, finding, known)
    file = _file([one for one in ours if one.finding.detector in _OF_FILES])
    if file is not None:
        key = (file.sha256 or file.name.lower(), file.family)
        if key in found.files:
            found.files[key] = _merged(found.files[key], file)
        else:
            _put(found, "files", found.files, key, file)


def _file(group: list[Found]) -> FoundFile | None:
    """The component that the findings of one entry speak of; None where it is a document, or a trace of one."""
    if not group or group[0].entry.kind is not Kind.FILE:
        return None
    entry, claims = group[0].entry, [one.finding for one in group]
    if any(claim.severity is Severity.ENCRYPTED or "state" in claim.details for claim in claims):
        return None
    named = any(claim.detector == "names" for claim in claims)
    if any(claim.details.get("role") in _NOT_FILES for claim in claims if claim.detector == "names"):
        return None
    sure = [claim for claim in claims if claim.severity is Severity.INFECTED]
    if not named and not sure:
        return None
    sha256 = group[0].sha256
    when = placed_at(entry)[1]
    strongest = min(claims, key=lambda claim: tuple(Severity).index(claim.severity))
    return FoundFile(
        name=visible(entry.name),
        sha256=sha256 if sha256 and _SHA256.fullmatch(sha256) else None,
        size=entry.size,
        folder=folder_of(entry),
        family=str(strongest.family),
        severity=strongest.severity,
        indicator=any(one.detector in _BY_CONTENT and one.confidence is Confidence.HIGH for one in sure),
        titles=tuple(sorted({claim.title for claim in claims})),
        first=when,
        last=when,
    )


def _take_registry(found: Shared, finding: Finding, entry: Entry) -> None:
    details = finding.details
    if finding.severity is not Severity.INFECTED or details.get("live") is False:
        return
    service = details.get("service")
    if isinstance(service, str) and service:
        one = FoundService(name=said(service), display=said(details.get("display")), image=said(details.get("image")))
        if not any(one.name in (other.name, other.display) for other in found.services.values()):
            _put(found, "services", found.services, one.name, one)
    key, values = details.get("key"), details.get("values")
    if finding.detector == "registry" and isinstance(key, str) and isinstance(values, Mapping):
        hive = _HIVES.get(entry.name.lower(), "HKEY_CURRENT_USER")
        for name, data in values.items():
            value = FoundKey(key=said(f"{hive}\\{key}"), name=said(name), data=said(data))
            _put(found, "registry values", found.keys, (value.key, value.name), value)


def _take_host(found: Shared, finding: Finding, known: Mapping[str, Family]) -> None:
    """Hosts by name where the family knows them, by address where it is one of the Internet."""
    when = from_isoformat(str(finding.details.get("when")))
    last = from_isoformat(str(finding.details.get("until"))) or when
    names = {domain.name: domain for domain in known[str(finding.family)].domains}
    for text in {str(finding.indicator), str(finding.details.get("name", ""))}:
        if domain := names.get(text.lower()):
            meaning = "host" if domain.block else "kill-switch"
            _meet(found, FoundHost(name=domain.name, meaning=meaning, first=when, last=last))
    address = finding.details.get("address")
    if isinstance(address, str) and _is_public(address):
        _meet(found, FoundHost(name=address, meaning="address", first=when, last=last))


def _meet(found: Shared, host: FoundHost) -> None:
    before = found.hosts.get(host.name)
    if before is None:
        _put(found, "hosts", found.hosts, host.name, host)
    else:
        first, last = _earliest(before.first, host.first), _latest(before.last, host.last)
        found.hosts[host.name] = replace(before, first=first, last=last, count=before.count + 1)


def _is_public(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def _from_facts(found: Shared, facts: Mapping[str, str]) -> None:
    """What the malware's own settings name."""
    for name in _words(facts.get("wannacry.onions", "")):
        if name.endswith(".onion"):
            _meet(found, FoundHost(name=name, meaning="onion", first=None, last=None))
    found.wallets = tuple(_words(facts.get("wannacry.wallet", "")))[:LIMIT]


def _words(text: str) -> Iterable[str]:
    return dict.fromkeys(word for word in re.findall(r"[A-Za-z0-9.]+", text))


def _put(found: Shared, what: str, table: dict[Key, Value], key: Key, value: Value) -> None:
    """The first of its key, as long as there is room."""
    if key in table:
        return
    if len(table) < LIMIT:
        table[key] = value
    else:
        found.left_out[what] = found.left_out.get(what, 0) + 1


def _merged(before: FoundFile, now: FoundFile) -> FoundFile:
    return replace(
        before,
        folder=before.folder or now.folder,
        severity=min(before.severity, now.severity, key=tuple(Severity).index),
        indicator=before.indicator or now.indicator,
        titles=tuple(sorted({*before.titles, *now.titles})),
        first=_earliest(before.first, now.first),
        last=_latest(before.last, now.last),
        places=before.places + 1,
    )


def _earliest(*times: UnixNs | None) -> UnixNs | None:
    return min((when for when in times if when is not None), default=None)


def _latest(*times: UnixNs | None) -> UnixNs | None:
    return max((when for when in times if when is not None), default=None)
