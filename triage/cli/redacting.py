"""What leaves the office: a dossier under tokens, whose meaning stays in the case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from triage.analysis import Dossier
from triage.analysis.redaction import Names, learn, redact
from triage.case.redactions import Redactions
from triage.cli.files import made
from triage.errors import UsageError
from triage.intel.families import load_families
from triage.intel.organisation import Organisation
from triage.intel.public_names import load_public_names
from triage.intel.roots import rules_root
from triage.outputs.checklist.saved import Saved
from triage.outputs.papers.answers import Answers


@contextmanager
def redacting(folder: Path, dossier: Dossier, hidden: Iterable[str] = ()) -> Iterator[tuple[Dossier, Names]]:
    """The dossier under tokens, and the names for more that is told of the case.

    Args:
        folder: of the case, where the meaning of the tokens is kept.
        dossier: of the case.
        hidden: what else must not be read.

    Raises:
        CaseError: the table of tokens cannot be written.
    """
    root = rules_root()
    with Redactions.open(folder) as tokens:
        names = Names(tokens, load_public_names(root, load_families(root)), hidden)
        learn(dossier, names)
        yield redact(dossier, names), names


def outside(case: Path, out: Path) -> Path:
    """The folder for a redacted copy, made if new: anywhere but in the case, whose table would leave with it.

    Raises:
        UsageError: it lies in the case, or cannot be made.
    """
    if out.resolve().is_relative_to(case.resolve()) or case.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"--out {out} and the case are in one folder: a copy to give away must not lie with its names")
    return made(out)


def names_of(organisation: Organisation) -> Iterator[str]:
    """Every name by which an office could be known."""
    person = organisation.contact
    yield from (organisation.name, organisation.address, organisation.phone, organisation.email, organisation.operator)
    yield from (organisation.managing_body, organisation.place, organisation.symbol, organisation.signatory_name)
    yield from (person.name, person.phone, person.email, *organisation.copies_to)
    for system in organisation.system:
        yield from (system.name, *system.domains, *system.addresses)


# -- what people wrote themselves may name anything: none of it is in a redacted copy --------------------------------


def nameless(organisation: Organisation) -> Organisation:
    """An office without anything that it could be known by."""
    return Organisation(level=organisation.level)


def without_words(answers: Answers) -> Answers:
    """Answers without free text: ticks and times stay."""
    texts: dict[str, Any] = {item.name: "" for item in fields(answers) if isinstance(getattr(answers, item.name), str)}
    return replace(answers, **texts, documents=())


def only_ticks(saved: Saved) -> Saved:
    """A ticked list without what was written into it."""
    ticks = {name: value for name, value in saved.fields.items() if isinstance(value, bool)}
    return Saved(answers=replace(saved.answers, neighbours=""), fields=ticks)
