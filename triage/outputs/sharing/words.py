"""What the exports say in words: English, as their readers are programs and people of every country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from triage.analysis.dossier import Dossier, VerdictLevel
from triage.outputs.escapes import visible
from triage.outputs.sharing.found import Shared
from triage.outputs.sharing.ids import stamp

NOBODY: Final = "Organisation (not named)"
CVE: Final = "CVE-2017-0144"
CVE_SAYS: Final = "Remote code execution in the SMBv1 server of Windows, fixed by MS17-010; WannaCry's way in."

OBSERVABLES: Final = frozenset(("file", "directory", "windows-registry-key", "domain-name", "ipv4-addr", "ipv6-addr"))
"""Types of STIX that are facts: they carry no time of their own."""

HOSTS: Final[Mapping[str, str]] = {
    "kill-switch": (
        "Kill switch of WannaCry: no indicator, and never to be blocked. It must resolve and answer on port 80; "
        "a machine that asks for it is infected."
    ),
    "address": "Seen on this machine. Lists of 2017 hold relays of the Tor network: weak by itself, nothing to block.",
    "onion": "Hidden service named by the settings of the malware on this machine.",
}
"""What a host that was met means, by its meaning."""

_VERDICTS: Final[Mapping[VerdictLevel, str]] = {
    VerdictLevel.ENCRYPTED: "files encrypted",
    VerdictLevel.INFECTED: "infected",
    VerdictLevel.SUSPICIOUS: "suspicious",
    VerdictLevel.INCONCLUSIVE: "nothing found, but not everything was examined",
    VerdictLevel.NOTHING_FOUND: "nothing found in what was examined",
}


def title(found: Shared) -> str:
    """One line about the case."""
    names = ", ".join(family.name for family in found.families.values())
    return f"Forensic triage of one machine: {_VERDICTS[found.level]}{f' ({names})' if names else ''}"


def machine(dossier: Dossier) -> str:
    """What the machine is called."""
    return visible(dossier.facts.get("host.name", "")) or "Examined machine"


def system(dossier: Dossier) -> str:
    """Which Windows it has."""
    facts = dossier.facts
    parts = (facts.get("os.product", ""), facts.get("os.service_pack", ""), facts.get("os.build", ""))
    return visible(", ".join(part for part in parts if part)) or "Operating system unknown"


def patch(dossier: Dossier) -> str:
    """What is known of MS17-010, empty where nothing is."""
    state = dossier.facts.get("patch.ms17_010", "")
    if not state:
        return ""
    why = dossier.facts.get("patch.reason", "")
    driver = dossier.facts.get("srv.sys.version", "")
    more = "; ".join(part for part in (why, f"srv.sys {driver}" if driver else "") if part)
    return visible(f"MS17-010 on this machine: {state}{f' ({more})' if more else ''}")


def family_name(found: Shared, ident: str) -> str:
    """A family as people call it."""
    return found.families[ident].name if ident in found.families else visible(ident)


def told(dossier: Dossier, found: Shared) -> str:
    """What cannot be said by objects: verdict, counts, coverage, what was left out."""
    return "\n".join(_lines(dossier, found))


def _lines(dossier: Dossier, found: Shared) -> list[str]:
    coverage, evidence = dossier.coverage, dossier.evidence
    lines = [f"Verdict: {_VERDICTS[found.level]}."]
    if found.first is not None and found.last is not None:
        lines.append(f"Traces from {stamp(found.first)} to {stamp(found.last)} (clock of the machine).")
    if found.encrypted:
        states = ", ".join(f"{visible(state)} {count}" for state, count in found.encrypted.items())
        types = ", ".join(f"{kind or 'other'} {count}" for kind, count in found.types.items())
        lines.append(f"Encrypted files: {dossier.inventory.files} ({states}); by type of the original: {types}.")
    if tag := dossier.facts.get("wannacry.tag", ""):
        lines.append(f"Name that WannaCry takes on this machine, from the computer's name: {visible(tag)}.")
    if found.wallets:
        lines.append(f"Bitcoin addresses in its settings: {', '.join(found.wallets)}.")
    if state := patch(dossier):
        lines.append(f"{state}.")
    lines.append(f"Entries: {coverage.entries}; examined {coverage.examined}; not examined {coverage.gaps}.")
    if found.left_out:
        more = ", ".join(f"{kind} {count}" for kind, count in sorted(found.left_out.items()))
        lines.append(f"Left out of this export for its size: {more}; findings.jsonl of the case has them all.")
    if not dossier.finished:
        lines.append("The scan was cut off before its end.")
    fingerprint = visible(evidence.fingerprint_before) or "none"
    lines.append(f"Evidence: {visible(evidence.format)}, {evidence.size} bytes, fingerprint {fingerprint}.")
    lines.append(f"Made by triage {visible(dossier.tool_version)}. Names of people's documents are not told.")
    return lines
