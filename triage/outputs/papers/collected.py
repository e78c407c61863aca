"""What the minutes say of the files that were collected: the archive, its password and key, and each file in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triage.analysis.dossier import Collected, Dossier
from triage.case import Worth
from triage.model import Entry
from triage.outputs import figures
from triage.outputs.catalogue import translate
from triage.outputs.papers.materials import Materials
from triage.outputs.papers.paper import Block, Field, Heading, Note, Table, known, text_paragraph
from triage.outputs.papers.wording import words

LISTED: Final = 60
"""Rows of the table: some five pages; the archive's own index holds them all."""
_LONGEST: Final = 160
_WORTH: Final = {worth: place for place, worth in enumerate(Worth)}


@dataclass(slots=True)
class _Member:
    """A file of the archive: where it was found first, and in how many places."""

    entry: Entry
    one: Collected
    places: int = 1


def collected(materials: Materials) -> Iterator[Block]:
    """The section of the minutes."""
    fixed, collection = words("forms", materials.lang), materials.dossier.collection
    yield Heading(text=fixed["minutes-collected"], level=2)
    if materials.archive is not None:
        yield from _archive(materials)
        yield from _table(materials)
    else:
        yield text_paragraph(f"{fixed['collected-none']}.")
    for why, count in sorted(collection.left_out.items(), key=lambda row: row[0].value) if collection else ():
        reason = translate(why.value, materials.lang, "left_out")
        number = figures.number(count, materials.lang)
        yield Note(text=fixed["collected-left-out"].format(count=number, reason=reason))


def _archive(materials: Materials) -> Iterator[Field]:
    fixed, archive, collection = words("forms", materials.lang), materials.archive, materials.dossier.collection
    assert archive is not None
    counts = {
        "bytes": archive.size,
        "files": collection.contents if collection else 0,
        "entries": collection.entries if collection else 0,
    }
    told = {name: figures.number(count, materials.lang) for name, count in counts.items()}
    yield known(fixed["collected-archive"], fixed["collected-archive-value"].format(name=archive.name, **told))
    yield known(fixed["collected-hash"], archive.sha256)
    yield known(fixed["collected-password"], fixed["collected-password-value"])
    yield known(fixed["collected-key"], archive.key or fixed["collected-unsigned"])


def _table(materials: Materials) -> Iterator[Block]:
    fixed = words("forms", materials.lang)
    members = _members(materials.dossier)
    yield Table(
        headers=tuple(fixed[f"collected-{key}"] for key in ("number", "member", "path", "size", "sha256")),
        rows=tuple(_row(number, member, materials) for number, member in enumerate(members[:LISTED], 1)),
        widths=(0.9, 2.5, 4.1, 1.7, 3.8),
        empty=fixed["collected-none"],
    )
    if len(members) > LISTED:
        shown, rest = (figures.number(count, materials.lang) for count in (LISTED, len(members) - LISTED))
        yield Note(text=fixed["collected-more"].format(shown=shown, more=rest))


def _members(dossier: Dossier) -> list[_Member]:
    """Every file of the archive once; what is worth most first."""
    found: dict[str, _Member] = {}
    for entry, one in dossier.collected():
        if one.why is not None:
            continue
        if one.member in found:
            found[one.member].places += 1
        else:
            found[one.member] = _Member(entry, one)
    return sorted(found.values(), key=lambda member: (_WORTH[member.one.worth], member.entry.id))


def _row(number: int, member: _Member, materials: Materials) -> tuple[str, ...]:
    fixed, lang = words("forms", materials.lang), materials.lang
    path = figures.shortened(member.entry.path, _LONGEST)
    if len(materials.dossier.volumes) > 1:
        path = fixed["collected-volume"].format(volume=member.entry.volume, path=path)
    if member.places > 1:
        path = fixed["collected-places"].format(path=path, more=figures.number(member.places - 1, lang))
    return str(number), member.one.member, path, figures.number(member.one.size, lang), member.one.sha256 or "–"
