"""What is known of the machine that the disk came from: traits, each with every value it may still have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.outcome import Outcome
from triage.analysis.phases import PhaseId
from triage.analysis.story import Story
from triage.intel.checklists import TRAITS
from triage.model import Severity
from triage.times import in_vietnam, isoformat

Told = Literal["yes", "no", "unknown"]

Traits = Mapping[str, frozenset[str]]
"""Every trait of `intel.checklists.TRAITS` with the values that are possible; one value is certainty."""

OPEN: Final = frozenset(
    (
        *("running", "rebooted", "network", "backup", "backup_made", "live_keys"),
        *("os_family", "role", "resumes", "drives"),
    )
)
"""Traits that may stay open; of all others one value is known."""

RESTARTED: Final = (
    "Windows was shut down or started after the encryption began, the disk says, though the answer was no"
)

TITLES: Final = (RESTARTED,)

_GENERATIONS: Final = {
    "5.1": "xp",
    "5.2": "2003",
    "6.0": "vista",
    "6.1": "7",
    "6.2": "8",
    "6.3": "8",
    "10.0": "10",
}
_FIXED: Final = re.compile(r"([A-Z]:)[; ]+(?:disk|partition)[= ]")
_KEYS_STAY: Final = frozenset(("xp", "2003", "vista", "7"))
"""Windows that leave the primes in freed memory; later ones wipe them (wanakiwi)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The three questions that no disk answers. What nobody knows stays unknown.

    Attributes:
        running: it is switched on now.
        rebooted: it was started again since it was infected.
        network: it is still connected.
        neighbours: which machines share its segment, in the words of whoever answered.
        backup: there is a backup kept apart.
        backup_date: the day of its last copy.
    """

    running: Told = "unknown"
    rebooted: Told = "unknown"
    network: Told = "unknown"
    neighbours: str = ""
    backup: Told = "unknown"
    backup_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Traits, the story they were read from, and what does not fit together (fixed English phrases)."""

    traits: Traits
    story: Story
    remarks: tuple[str, ...]


def machine_of(dossier: Dossier, answers: Answers) -> Machine:
    """The machine as the disk and the answers show it."""
    traces, story = dossier.traces, dossier.story
    rebooted, remarks = _rebooted(dossier.facts, story, answers)
    known: dict[str, set[str]] = {
        "verdict": {dossier.verdict.level.value},
        "family": {_family(dossier)},
        "running": _told(answers.running),
        "rebooted": rebooted,
        "network": _told(answers.network),
        "backup": _told(answers.backup),
        "backup_made": _backup_made(story, answers),
        "os_family": _generation(dossier.facts),
        "role": _role(dossier.facts),
        "encryption": {story.outcome.value},
        "resumes": _maybe(story.resumes),
        "pending": _maybe(traces.pending_there),
        "drives": _drives(dossier),
        "usb": _maybe("usb.device" in dossier.facts),
        "patch": {dossier.facts.get("patch.ms17_010", "undetermined")},
        "smb1": {_worst(dossier.facts.get("smb1.server", "undetermined"), ("enabled", "undetermined"))},
        "kill_switch": {"seen" if story.phase(PhaseId.KILL_SWITCH) else "not-seen"},
        "key_file": {_key_file(dossier.facts)},
        "locked": _maybe(any(volume.filesystem == "bitlocker" for volume in dossier.volumes)),
        "examined": _maybe(dossier.finished and not dossier.coverage.gaps and bool(dossier.coverage.entries)),
    }
    known["live_keys"] = _live_keys(known, story)
    return Machine(
        traits={trait: frozenset(known[trait] & set(values)) for trait, values in TRAITS.items()},
        story=story,
        remarks=remarks,
    )


def _told(answer: Told) -> set[str]:
    return {"yes", "no"} if answer == "unknown" else {answer}


def _maybe(value: bool | None) -> set[str]:
    return {"yes", "no"} if value is None else {"yes" if value else "no"}


def _last(value: str) -> str:
    """Of several values the last, as the story takes it."""
    return value.rpartition(" | ")[2]


def _worst(value: str, order: tuple[str, ...]) -> str:
    """Of several Windows on one disk the worst decides."""
    said = value.split(" | ")
    return next((bad for bad in order if bad in said), said[0])


def _family(dossier: Dossier) -> str:
    families = {
        found.finding.family or "" for found in dossier.findings() if found.finding.severity is not Severity.INFO
    }
    if "wannacry" in families:
        return "wannacry"
    return "other" if families - {""} else "none"


def _generation(facts: Mapping[str, str]) -> set[str]:
    """By the version that the registry gives, else by the driver's."""
    for fact in ("os.version", "srv.sys.version"):
        numbers = _last(facts.get(fact, "")).split(".")[:2]
        if (found := _GENERATIONS.get(".".join(numbers))) is not None:
            return {found}
    return set(_GENERATIONS.values())


def _role(facts: Mapping[str, str]) -> set[str]:
    product = _last(facts.get("os.product", ""))
    if not product:
        return {"client", "server"}
    return {"server" if "server" in product.lower() else "client"}


def _drives(dossier: Dossier) -> set[str]:
    letters = dossier.facts.get("drive.letter", "")
    fixed = set(_FIXED.findall(letters))
    volumes = sum(1 for volume in dossier.volumes if volume.filesystem)
    if len(fixed) > 1 or volumes > 1:
        return {"several"}
    return {"one"} if fixed else {"one", "several"}


def _key_file(facts: Mapping[str, str]) -> str:
    if "wannacry.private_key" in facts:
        return "clear"
    return "wrapped" if "wannacry.wrapped_keys" in facts else "none"


def _rebooted(facts: Mapping[str, str], story: Story, answers: Answers) -> tuple[set[str], tuple[str, ...]]:
    """The disk may know: a start or an orderly shutdown after the first encrypted file. A changed clock may not."""
    begun = [
        phase.first
        for phase in (story.phase(PhaseId.USER_FOLDERS), story.phase(PhaseId.DRIVES))
        if phase is not None and phase.first is not None
    ]
    said = [_last(facts.get(fact, ""))[:19] for fact in ("last.shutdown", "log.System.last_boot")]
    if not begun or story.clock.changes or max(said) <= isoformat(min(begun))[:19]:
        return _told(answers.rebooted), ()
    if answers.rebooted == "no":
        return {"yes", "no"}, (RESTARTED,)
    return {"yes"}, ()


def _backup_made(story: Story, answers: Answers) -> set[str]:
    """Whole days in Vietnam's time; a copy made on the day of the attack may hold encrypted files."""
    if answers.backup == "no":
        return set()
    times = [phase.first for phase in story.phases if phase.first is not None]
    if answers.backup_date is None or not times:
        return {"before", "after"}
    day, month, year = in_vietnam(min(times)).partition(" ")[2].split("/")
    return {"before" if answers.backup_date < date(int(year), int(month), int(day)) else "after"}


def _live_keys(known: Mapping[str, set[str]], story: Story) -> set[str]:
    """Only while the process that made them runs, on a Windows that leaves them in freed memory (wanakiwi)."""
    (level,) = known["verdict"]
    doubtful = level == VerdictLevel.INCONCLUSIVE.value
    possible = known["family"] == {"wannacry"} or doubtful
    ruled_out = (
        not possible,
        level == VerdictLevel.NOTHING_FOUND.value,
        known["running"] == {"no"},
        known["rebooted"] == {"yes"},
        not known["os_family"] & _KEYS_STAY,
    )
    if any(ruled_out):
        return {"no"}
    certain = (
        not doubtful,
        known["running"] == {"yes"},
        known["rebooted"] == {"no"},
        known["os_family"] <= _KEYS_STAY,
        story.outcome in (Outcome.FINISHED, Outcome.INTERRUPTED),
    )
    return {"possible"} if all(certain) else {"possible", "no"}
