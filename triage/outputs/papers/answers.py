"""What neither the disk nor the profile can tell: the answers of those who found the incident, as options or a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from triage.intel.strict import load_toml

How = Literal["ids", "log", "notice", "other"]
Notified = Literal["network", "isp", "coordinator"]
Service = Literal["web", "mail", "database", "ftp", "proxy", "application", "other"]
Measure = Literal["antivirus", "firewall", "ids", "other"]
Attached = Literal["log", "sample", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Empty, or None: not answered.

    Attributes:
        detected_at: T0, with its time zone.
        how_note: of the notice or of "other".
        reported_at: when the paper is made; also the day on its letterhead.
        number: of the report, without the symbol.
        initial_number, initial_day: of the first report, for the closing one.
        result, solution, proposal: of the closing report.
        documents: attached beside the papers themselves.
    """

    detected_at: datetime | None = None
    how: tuple[How, ...] = ()
    how_note: str = ""
    notified: tuple[Notified, ...] = ()
    handled: bool | None = None
    summary: str = ""
    risk: str = ""
    sensitivity: str = ""
    affected: str = ""
    services: tuple[Service, ...] = ()
    services_note: str = ""
    measures: tuple[Measure, ...] = ()
    measures_note: str = ""
    purpose: str = ""
    attached: tuple[Attached, ...] = ()
    attached_note: str = ""
    secret: bool | None = None
    request: str = ""
    reported_at: datetime | None = None
    number: str = ""
    initial_number: str = ""
    initial_day: date | None = None
    result: str = ""
    solution: str = ""
    proposal: str = ""
    documents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, moment in (("detected_at", self.detected_at), ("reported_at", self.reported_at)):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} {moment.isoformat()} has no time zone; write 2026-11-22T08:15:00+07:00")
        if self.detected_at and self.reported_at and self.reported_at < self.detected_at:
            raise ValueError("reported_at is before detected_at")


def load_answers(path: Path) -> Answers:
    """Answers kept in a file.

    Raises:
        RuleError: the file cannot be read, or holds what it must not.
    """
    return load_toml(path, Answers)
