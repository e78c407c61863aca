"""The case: the one thing both wings share."""

from triage.case.records import (
    Aggregate,
    Collected,
    JournalLine,
    LeftOut,
    UnitPlan,
    UnitResult,
    VolumeInfo,
    Worth,
)
from triage.case.store import FILE_NAME, GIVEN_UP, Case

__all__ = [
    "FILE_NAME",
    "GIVEN_UP",
    "Aggregate",
    "Case",
    "Collected",
    "JournalLine",
    "LeftOut",
    "UnitPlan",
    "UnitResult",
    "VolumeInfo",
    "Worth",
]
