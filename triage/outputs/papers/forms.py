"""Mẫu số 03 (initial report) and Mẫu số 04 (closing report) of Thông tư 20/2017/TT-BTTTT, field by field.

Limits:
    The fields are those of VNCERT's own reporting form. Under the law of 2026 no official form is known: the content
    of these two stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.intel.organisation import System
from triage.outputs.papers.materials import (
    REPORT,
    Materials,
    addressees,
    archive_line,
    copies,
    day_field,
    detection,
    five_parts,
    letterhead,
    signature,
)
from triage.outputs.papers.paper import (
    Block,
    Choice,
    Field,
    Heading,
    Note,
    Option,
    Paper,
    State,
    Table,
    choice,
    known,
)
from triage.outputs.papers.wording import words

_SERVICES = ("web", "mail", "database", "ftp", "proxy", "application", "other")


def initial(materials: Materials) -> Paper:
    """Mẫu số 03."""
    return _form(materials, "mau-03", "initial-title", _initial_blocks(materials))


def closing(materials: Materials) -> Paper:
    """Mẫu số 04."""
    return _form(materials, "mau-04", "closing-title", _closing_blocks(materials))


def _form(materials: Materials, form: str, title: str, blocks: Iterator[Block]) -> Paper:
    fixed = words("forms", materials.lang)
    row = materials.law.find_form(form)
    number = materials.law.find(row.document).number
    return Paper(
        lang=materials.lang,
        title=fixed[title],
        about=materials.incident.name,
        form=fixed["of-form"].format(number=row.number, document=number),
        letterhead=letterhead(materials, REPORT),
        addressees=addressees(materials),
        blocks=(*blocks, Note(text=fixed["form-note"])),
        recipients=copies(materials),
        signature=signature(materials, fixed["representative"]),
    )


# -- parts of both --------------------------------------------------------------------------------------------------


def _reporter(materials: Materials) -> Iterator[Block]:
    fixed, organisation = words("forms", materials.lang), materials.organisation
    yield Heading(text=fixed["reporter"])
    for key in ("name", "address", "phone", "email"):
        yield known(fixed[key], getattr(organisation, key), mandatory=True)


def _system(materials: Materials) -> Iterator[Field]:
    fixed, organisation = words("forms", materials.lang), materials.organisation
    yield known(fixed["operator"], organisation.operator, mandatory=True)
    yield known(fixed["managing-body"], organisation.managing_body)
    machine = fixed["machine"].format(name=materials.incident.host)
    named = [_system_line(system) for system in organisation.system if system.name]
    yield known(fixed["system"], "; ".join([*named, machine]))
    level = organisation.level
    yield known(fixed["level"], fixed["level-number"].format(level=level) if level else None)


def _system_line(system: System) -> str:
    inside = ", ".join((*system.domains, *system.addresses))
    return f"{system.name} ({inside})" if inside else system.name


# -- Mẫu số 03 ------------------------------------------------------------------------------------------------------


def _initial_blocks(materials: Materials) -> Iterator[Block]:
    fixed, organisation, answers = words("forms", materials.lang), materials.organisation, materials.answers
    yield from _reporter(materials)
    yield Heading(text=fixed["contact"])
    yield known(fixed["contact-name"], organisation.contact.name, mandatory=True)
    yield known(fixed["contact-title"], organisation.contact.title)
    yield known(fixed["phone"], organisation.contact.phone, mandatory=True)
    yield known(fixed["email"], organisation.contact.email, mandatory=True)
    yield Heading(text=fixed["about-system"])
    yield from _system(materials)
    yield known(fixed["security-provider"], organisation.security_provider)
    yield known(fixed["internet-provider"], organisation.internet_provider)
    yield from _description(materials)
    yield from detection(materials)
    yield _yes_no(fixed["state"], answers.handled, fixed["state-handled"], fixed["state-open"], mandatory=True)
    yield _ticks(materials, "how", ("ids", "log", "notice", "other"), answers.how, answers.how_note, mandatory=True)
    yield _ticks(materials, "notified", ("network", "isp", "coordinator"), answers.notified, mandatory=True)
    yield from _more(materials)
    yield known(fixed["request"], answers.request)
    reported = five_parts(answers.reported_at, fixed["reported-time"]) if answers.reported_at else None
    yield known(fixed["reported"], reported, mandatory=True)


def _description(materials: Materials) -> Iterator[Block]:
    fixed, incident, answers = words("forms", materials.lang), materials.incident, materials.answers
    yield Heading(text=f"{fixed['description']}(*)")
    yield known(fixed["summary"], _lines(incident.summary, answers.summary), mandatory=True)
    yield known(fixed["risk"], _lines(incident.risk, answers.risk))
    yield known(fixed["sensitivity"], answers.sensitivity)
    yield known(fixed["affected"], answers.affected)
    yield Note(text=f"{fixed['course']}:")
    yield Table(
        headers=tuple(fixed[f"course-{key}"] for key in ("phase", "first", "last", "source", "confidence")),
        rows=incident.course,
        widths=(4, 3, 3, 4, 2),
        empty=fixed["no-course"],
    )


def _more(materials: Materials) -> Iterator[Block]:
    fixed, organisation, answers = words("forms", materials.lang), materials.organisation, materials.answers
    yield Heading(text=fixed["more"])
    yield known(fixed["os"], materials.incident.os)
    yield _ticks(materials, "services", _SERVICES, answers.services, answers.services_note, prefix="service")
    measures = ("antivirus", "firewall", "ids", "other")
    yield _ticks(materials, "measures", measures, answers.measures, answers.measures_note, prefix="measure")
    yield known(fixed["addresses"], ", ".join(one for system in organisation.system for one in system.addresses))
    yield known(fixed["domains"], ", ".join(one for system in organisation.system for one in system.domains))
    yield known(fixed["purpose"], answers.purpose)
    yield _ticks(materials, "attached", ("log", "sample", "other"), answers.attached, answers.attached_note)
    if sealed := archive_line(materials):
        yield Note(text=sealed)
    yield _yes_no(fixed["secret"], answers.secret, fixed["yes"], fixed["no"])


# -- Mẫu số 04 ------------------------------------------------------------------------------------------------------


def _closing_blocks(materials: Materials) -> Iterator[Block]:
    fixed, answers = words("forms", materials.lang), materials.answers
    yield from _reporter(materials)
    yield known(fixed["initial-number"], answers.initial_number)
    yield day_field(fixed["initial-day"], answers.initial_day)
    yield Heading(text=fixed["about-system"])
    yield from _system(materials)
    yield Heading(text=fixed["incident"])
    yield known(fixed["summary"], _lines(materials.incident.name, materials.incident.summary, answers.summary))
    yield from detection(materials)
    yield Heading(text=fixed["result"])
    yield known(fixed["result-summary"], answers.result)
    yield known(fixed["result-solution"], answers.solution)
    yield known(fixed["result-proposal"], answers.proposal)
    sealed = archive_line(materials)
    documents = (*answers.documents, *((sealed,) if sealed else ()))
    yield known(fixed["documents"], "\n".join(f"- {name}" for name in documents))


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _yes_no(label: str, answer: bool | None, yes: str, no: str, *, mandatory: bool = False) -> Choice:
    ticked = () if answer is None else (yes,) if answer else (no,)
    return choice(label, (yes, no), ticked, mandatory=mandatory)


def _ticks(
    materials: Materials,
    label: str,
    ids: Sequence[str],
    ticked: Sequence[str],
    note: str = "",
    *,
    prefix: str = "",
    mandatory: bool = False,
) -> Choice:
    """Boxes by their ids; the note stands behind the last that is ticked, else behind the last."""
    fixed = words("forms", materials.lang)
    noted = next((one for one in reversed(ids) if one in ticked), ids[-1])
    options = tuple(
        Option(text=fixed[f"{prefix or label}-{one}"], ticked=one in ticked, note=note if one == noted else "")
        for one in ids
    )
    state = State.UNKNOWN if mandatory and not ticked else State.KNOWN
    return Choice(label=fixed[label], options=options, mandatory=mandatory, state=state)
