"""By when an incident has to be reported, from the time of its detection. Pure: the clock is an argument.

Limits:
    Whether an incident is serious, or touches national security or personal data, no program can say: every deadline
    of the day is given with its condition. Days are counted as 24 hours from detection, which is never too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.intel.law import BeforeSending, Deadline, Law, LegalDocument, Recipient, in_force
from triage.times import VIETNAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One deadline with its last moment, in UTC+7; at once is the moment of detection."""

    deadline: Deadline
    document: LegalDocument
    by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What holds for an incident detected at a moment.

    Attributes:
        detected: in UTC+7.
        due: the soonest first.
        documents: in force on that day, the newest first.
        recipients: to be told on that day.
        checks: what somebody has to look at before sending.
    """

    detected: datetime
    due: tuple[Due, ...]
    documents: tuple[LegalDocument, ...]
    recipients: tuple[Recipient, ...]
    checks: tuple[BeforeSending, ...]


def clock_of(law: Law, detected: datetime) -> Clock:
    """The deadlines of an incident.

    Args:
        law: what is known.
        detected: T0, with its time zone; the law of its day in Viet Nam holds.

    Raises:
        ValueError: detected has no time zone.
    """
    if detected.tzinfo is None:
        raise ValueError("the time of detection needs a time zone")
    local = detected.astimezone(VIETNAM)
    day = local.date()
    due = [
        Due(deadline=row, document=law.find(row.document), by=local + timedelta(hours=row.hours))
        for row in in_force(law.deadline, day)
    ]
    return Clock(
        detected=local,
        due=tuple(sorted(due, key=lambda one: one.by)),
        documents=tuple(sorted(in_force(law.document, day), key=lambda one: one.since, reverse=True)),
        recipients=tuple(row for row in in_force(law.recipient, day) if not row.local),
        checks=in_force(law.check, day),
    )


def remaining(due: Due, now: datetime) -> timedelta:
    """What is left until a deadline; negative where it has passed."""
    return due.by - now
