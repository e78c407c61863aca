"""May this machine go back on the network? Yes only where every criterion is met, each with its proof. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from triage.analysis import criteria
from triage.analysis.criteria import Check, Judged, State
from triage.analysis.dossier import Dossier

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "no-persistence": criteria.no_persistence,
        "no-component": criteria.no_component,
        "explained": criteria.no_sign,
        "patched": criteria.patched,
        "smb1-off": criteria.smb1_off,
        "smb-blocked": criteria.smb_blocked,
        "backup-apart": criteria.backup_apart,
        "examined": criteria.examined,
        "unchanged": criteria.unchanged,
    }
)
"""Every criterion, by its id in `reconnection.toml`, in order."""


class Answer(Enum):
    """What the criteria together allow."""

    YES = "yes"
    NO = "no"  # one is not met
    UNDETERMINED = "undetermined"  # none is broken, but not all could be examined


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnection:
    """The answer with every criterion."""

    answer: Answer
    criteria: tuple[Judged, ...]

    def count(self, state: State) -> int:
        """How many criteria are in a state."""
        return sum(one.state is state for one in self.criteria)


def may_reconnect(dossier: Dossier) -> Reconnection:
    """The answer for a dossier. Reads the findings once."""
    judged = criteria.judge_all(CHECKS, CHECKS, criteria.look(dossier))
    return Reconnection(answer=_answer({one.state for one in judged}), criteria=judged)


def _answer(states: set[State]) -> Answer:
    if State.NOT_MET in states:
        return Answer.NO
    return Answer.YES if states == {State.MET} else Answer.UNDETERMINED
