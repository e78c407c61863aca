"""What papers are made of, and the parts that several of them share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final, Literal

from triage.analysis.deadlines import Clock, clock_of
from triage.analysis.dossier import Dossier
from triage.intel.law import Law
from triage.intel.organisation import Organisation, check_internet
from triage.outputs import figures
from triage.outputs.papers.answers import Answers
from triage.outputs.papers.incident import Incident, incident_of
from triage.outputs.papers.paper import Choice, Field, Heading, Letterhead, Paper, Signature, State, known
from triage.outputs.papers.wording import words
from triage.times import VIETNAM

FormId = Literal["mau-03", "mau-04"]

REPORT: Final = "BC"
"""Báo cáo, in the number of a paper."""

SUBJECT: Final = "[TBSC]"
"""What the subject of a mail with a report begins with."""


_DOTTED: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The sealed archive of what was collected. size: bytes; key: fingerprint, empty where nobody signed."""

    name: str
    size: int
    sha256: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Everything papers may say.

    Attributes:
        clock: None where the time of detection is not known.
        form: the report that letter and mail go with.
        archive: None where nothing was collected.
    """

    dossier: Dossier
    incident: Incident
    organisation: Organisation
    answers: Answers
    law: Law
    clock: Clock | None
    lang: str
    form: FormId = "mau-03"
    archive: Archive | None = None


def gathered(
    dossier: Dossier,
    organisation: Organisation,
    answers: Answers,
    law: Law,
    lang: str,
    form: FormId = "mau-03",
    archive: Archive | None = None,
) -> Materials:
    """The materials of a case."""
    return Materials(
        dossier=dossier,
        incident=incident_of(dossier, lang),
        organisation=organisation,
        answers=answers,
        law=law,
        clock=clock_of(law, answers.detected_at) if answers.detected_at else None,
        lang=lang,
        form=form,
        archive=archive,
    )


def archive_line(materials: Materials) -> str:
    """The sealed archive in one sentence, empty where there is none."""
    archive, collection = materials.archive, materials.dossier.collection
    if archive is None or collection is None:
        return ""
    return words("forms", materials.lang)["archive-line"].format(
        name=archive.name,
        files=figures.number(collection.contents, materials.lang),
        bytes=figures.number(archive.size, materials.lang),
        sha256=archive.sha256,
    )


def missing(papers: Iterable[Paper]) -> list[str]:
    """What is mandatory and not known, as `heading: label`, each once."""
    found: dict[str, None] = {}
    for paper in papers:
        heading = ""
        for block in paper.blocks:
            if isinstance(block, Heading):
                heading = f"{block.text}: "
            elif isinstance(block, Field | Choice) and block.mandatory and block.state is not State.KNOWN:
                found[block.label if block.label.isupper() else heading + block.label] = None
    return list(found)


def internal_addresses(answers: Answers) -> list[str]:
    """IPv4 addresses in free answers that are none of the Internet: the forms want none."""
    texts = [text for item in fields(answers) if isinstance(text := getattr(answers, item.name), str)]
    return [found for text in texts for found in _DOTTED.findall(text) if not _of_internet(found)]


def _of_internet(text: str) -> bool:
    try:
        check_internet(text)
    except ValueError:
        return False
    return True


def letterhead(materials: Materials, kind: str, subject: str = "") -> Letterhead:
    """Of the organisation. kind: of the paper (`BC`, `BB`), empty for a letter; the number given is the report's."""
    organisation, answers = materials.organisation, materials.answers
    return Letterhead(
        authority=organisation.managing_body,
        organisation=organisation.name,
        number=answers.number if kind == REPORT else "",
        symbol="-".join(part for part in (kind, organisation.symbol or "……") if part),
        subject=subject,
        place=organisation.place,
        day=answers.reported_at.astimezone(VIETNAM).date() if answers.reported_at else None,
    )


def addressees(materials: Materials) -> tuple[str, ...]:
    """Whom a paper goes to: what the profile says, else what the law of the day names, the managing body beside it."""
    if materials.organisation.send_to:
        return materials.organisation.send_to
    named = [row.name.of(materials.lang) for row in materials.clock.recipients] if materials.clock else []
    own = materials.organisation.managing_body
    return tuple(named + ([own] if own and named else []))


def copies(materials: Materials) -> tuple[str, ...]:
    """Nơi nhận, the line of archiving last."""
    fixed = words("forms", materials.lang)
    own = materials.organisation.copies_to or (fixed["as-addressed"],)
    archive = fixed["archive"]
    return own if any(name.startswith(archive.partition(":")[0]) for name in own) else (*own, archive)


def signature(materials: Materials, title: str) -> Signature:
    """Of the office's signatory, of `title` where the profile names none."""
    organisation = materials.organisation
    return Signature(
        titles=organisation.signatory_titles or (title,),
        note=words("forms", materials.lang)["sign-and-seal"],
        name=organisation.signatory_name,
    )


def day_field(label: str, moment: date | None, *, mandatory: bool = False) -> Field:
    """A day as `22/11/2026`."""
    return known(label, moment.strftime("%d/%m/%Y") if moment else None, mandatory=mandatory)


def detection(materials: Materials) -> tuple[Field, Field]:
    """Day and time of detection, in UTC+7."""
    fixed = words("forms", materials.lang)
    moment = materials.clock.detected if materials.clock else None
    clock = fixed["clock-time"].format(hour=f"{moment.hour:02}", minute=f"{moment.minute:02}") if moment else None
    return (
        day_field(fixed["detected-day"], moment.date() if moment else None, mandatory=True),
        known(fixed["detected-time"], clock, mandatory=True),
    )


def five_parts(moment: datetime, pattern: str) -> str:
    """Day, month, year, hour and minute put into a pattern, in UTC+7."""
    local = moment.astimezone(VIETNAM)
    return pattern.format(
        day=f"{local.day:02}",
        month=f"{local.month:02}",
        year=local.year,
        hour=f"{local.hour:02}",
        minute=f"{local.minute:02}",
    )
