"""Indicators by which machines of one outbreak can be told apart: wallets, builds, kill switches, names, keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from triage.analysis.dossier import Found
from triage.analysis.tag import FOREIGN, FORMER, OWN
from triage.model import Event, Severity

WALLET: Final = "wallet"
BUILD: Final = "component"
KILL_SWITCH: Final = "kill-switch"
TAG: Final = "tag"
FAMILY: Final = "family"
ONIONS: Final = "onions"
KEY: Final = "key"

KINDS: Final = (WALLET, BUILD, KILL_SWITCH, TAG, FAMILY, ONIONS, KEY)

_FACTS: Final = {
    WALLET: "wannacry.wallet",
    ONIONS: "wannacry.onions",
    KEY: "wannacry.key_modulus_sha256",
}
_PROGRAMS: Final = frozenset(
    ("worm", "loader", "previous-loader", "temp-deleter", "session-launcher", "decryptor", "archive-member")
)
"""Names whose content is the same wherever one build came; the archive holds fixed files only."""
_TAGS: Final = {OWN: "own", FORMER: "former", FOREIGN: "foreign"}
_LOOKED_UP: Final = "Kill-switch address was looked up"
_VALUES: Final = 64


class TraitsSeen:
    """Gathers what findings and events carry; bounded."""

    def __init__(self) -> None:
        self._values: dict[str, set[str]] = defaultdict(set)

    def add(self, found: Found) -> None:
        """Takes a finding."""
        finding = found.finding
        if finding.severity is Severity.INFO:
            return
        if finding.family:
            self._put(FAMILY, finding.family)
        if finding.detector == "names" and finding.indicator in _PROGRAMS and found.sha256 and found.entry.allocated:
            self._put(BUILD, f"{found.entry.name.lower()} {found.sha256}")
        if finding.detector == "tag" and finding.title in _TAGS:
            self._put(TAG, _TAGS[finding.title])

    def event(self, event: Event) -> None:
        """Takes an event."""
        name = event.details.get("name")
        if event.what == _LOOKED_UP and isinstance(name, str):
            self._put(KILL_SWITCH, name.lower())

    def traits(self, facts: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        """Kind to values, sorted; kinds without one are left out. facts: name to value, several by a bar."""
        for kind, name in _FACTS.items():
            for value in facts.get(name, "").split(" | "):
                if value:
                    self._put(kind, value)
        return {kind: tuple(sorted(self._values[kind])) for kind in KINDS if self._values.get(kind)}

    def _put(self, kind: str, value: str) -> None:
        if len(self._values[kind]) < _VALUES:
            self._values[kind].add(value)
