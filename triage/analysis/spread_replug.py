"""Who may be plugged in again, as another judgement says; where there is none, nothing was examined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Protocol

from triage.analysis.dossier import Dossier

_JUDGEMENT: Final = "triage.analysis.reconnection"
NOT_EXAMINED: Final = "not-examined"


class Criterion(Protocol):
    """One condition, answered: met, not-met, not-examined."""

    @property
    def id(self) -> str: ...
    @property
    def state(self) -> Enum: ...


class Answered(Protocol):
    """yes, no or undetermined, with every condition."""

    @property
    def answer(self) -> Enum: ...
    @property
    def criteria(self) -> Sequence[Criterion]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Replug:
    """May it be plugged in again: `yes`, `no`, `undetermined`, `not-examined`; ids of what is not met or examined."""

    answer: str
    not_met: tuple[str, ...] = ()
    not_examined: tuple[str, ...] = ()


def replug_of(dossier: Dossier) -> Replug:
    """The answer for one machine."""
    if find_spec(_JUDGEMENT) is None:
        return Replug(answer=NOT_EXAMINED)
    judge: Callable[[Dossier], Answered] = import_module(_JUDGEMENT).may_reconnect
    told = judge(dossier)
    by_state = {one.id: one.state.value for one in told.criteria}
    return Replug(
        answer=str(told.answer.value),
        not_met=tuple(name for name, state in by_state.items() if state == "not-met"),
        not_examined=tuple(name for name, state in by_state.items() if state == "not-examined"),
    )
