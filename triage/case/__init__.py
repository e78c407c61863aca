"""The case: the one thing both wings share."""

from triage.case.records import Aggregate, JournalLine, UnitPlan, UnitResult, VolumeInfo
from triage.case.store import FILE_NAME, GIVEN_UP, Case

__all__ = ["FILE_NAME", "GIVEN_UP", "Aggregate", "Case", "JournalLine", "UnitPlan", "UnitResult", "VolumeInfo"]
