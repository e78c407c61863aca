"""thu-dien-tu.txt: the subject and text of the mail, by when it must be sent, and what to check before."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysis.deadlines import Due
from triage.intel.law import Contact
from triage.outputs.catalogue import translate
from triage.outputs.papers.layout import printed
from triage.outputs.papers.materials import SUBJECT, Materials, addressees
from triage.outputs.papers.wording import words


def mail(materials: Materials, files: Sequence[str], missing: Sequence[str]) -> bytes:
    """UTF-8 text. files: what is attached; missing: labels of what is mandatory and not known."""
    fixed = words("mail", materials.lang)
    return (
        "\n\n".join(
            "\n".join(printed(line) for line in part)
            for part in (
                _head(materials, fixed),
                fixed["body"].format(**_body(materials, files, words("layout", materials.lang)["unknown"])).split("\n"),
                [fixed["sample"]],
                ["-" * 72],
                _checks(materials, missing, fixed),
                deadline_lines(materials),
                _documents(materials, fixed),
                _contacts(materials, fixed),
            )
            if part
        ).encode()
        + b"\n"
    )


def subject(materials: Materials) -> str:
    """`[TBSC] …`, one line."""
    title = materials.law.find_form(materials.form).title.of(materials.lang)
    line = words("mail", materials.lang)["subject-line"].format(title=title, incident=materials.incident.name)
    assert line.startswith(SUBJECT)
    return printed(line).replace("\n", " ")


def deadline_lines(materials: Materials) -> list[str]:
    """By when what has to be told, the soonest first."""
    fixed, clock = words("mail", materials.lang), materials.clock
    if clock is None:
        return [fixed["no-clock"]]
    head = fixed["deadlines"].format(detected=clock.detected.strftime("%H:%M %d/%m/%Y"))
    return [head, *(_due(row, materials.lang) for row in clock.due)]


def _due(row: Due, lang: str) -> str:
    fixed, rule = words("mail", lang), row.deadline
    moment = row.by.strftime("%H:%M %d/%m/%Y")
    return fixed["due"].format(
        by=fixed["hours"].format(moment=moment, hours=rule.hours) if rule.hours else fixed["at-once"],
        what=rule.what.of(lang),
        when=rule.when.of(lang),
        document=row.document.number,
        article=rule.article,
    )


def _head(materials: Materials, fixed: dict[str, str]) -> list[str]:
    names = "; ".join(addressees(materials)) or fixed["nobody"]
    return [fixed["to"].format(names=names), fixed["subject"].format(subject=subject(materials))]


def _body(materials: Materials, files: Sequence[str], unknown: str) -> dict[str, str]:
    person = materials.organisation.contact
    contact = ", ".join(part for part in (person.name, person.title, person.phone, person.email) if part)
    return {
        "organisation": materials.organisation.name or unknown,
        "incident": materials.incident.name,
        "files": ", ".join((*files, *materials.answers.documents)),
        "contact": contact or unknown,
    }


def _checks(materials: Materials, missing: Sequence[str], fixed: dict[str, str]) -> list[str]:
    lines = [fixed["before"]]
    if missing:
        lines.append("[ ] " + fixed["missing"].format(labels="; ".join(missing)))
    checks = materials.clock.checks if materials.clock else materials.law.check
    return lines + [f"[ ] {check.text.of(materials.lang)}" for check in checks]


def _documents(materials: Materials, fixed: dict[str, str]) -> list[str]:
    clock, lang = materials.clock, materials.lang
    if clock is None:
        return []
    lines = [fixed["in-force"].format(reviewed=materials.law.reviewed.strftime("%d/%m/%Y"))]
    for row in clock.documents:
        line = fixed["document"].format(title=row.title.of(lang), number=row.number)
        doubt = row.doubted(clock.detected.date())
        lines.append(line if doubt is None else fixed["doubt"].format(line=line, doubt=doubt.of(lang)))
    return lines


def _contacts(materials: Materials, fixed: dict[str, str]) -> list[str]:
    if materials.clock is None:
        return []
    rows = [
        _contact(contact, row.name.of(materials.lang), materials.lang)
        for row in materials.clock.recipients
        for contact in materials.law.contacts(row.id)
    ]
    return [fixed["contacts"], *rows] if rows else []


def _contact(contact: Contact, recipient: str, lang: str) -> str:
    return words("mail", lang)["contact"].format(
        value=contact.value,
        recipient=recipient,
        source=contact.source,
        seen=contact.seen.strftime("%d/%m/%Y"),
        confidence=translate(contact.confidence, lang, "confidence"),
        note=f"; {contact.note.of(lang)}" if contact.note else "",
    )
