"""The dossier, and the chronicle, under tokens. Streams stay streams."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from triage.analysis.dossier import (
    Dossier,
    EvidenceInfo,
    Inventory,
    JournalLine,
    LeftOut,
    Reason,
    Tally,
    Verdict,
    VolumeInfo,
)
from triage.analysis.inventory import OTHERS
from triage.analysis.recovery import Recovery
from triage.analysis.redaction.names import ANALYST, DEVICE, EVIDENCE, LABEL, Names
from triage.analysis.redaction.records import Records
from triage.analysis.redaction.told import read_recovery, read_story, read_traces
from triage.analysis.savable import summed
from triage.analysis.timeline import Chronicle, Row
from triage.case.seal import ACTS

REDACTED: Final = "redacted"
"""Among a dossier's arguments: it is a copy under tokens."""
SAYS_SO: Final = "names of people, machines and documents are replaced by tokens"
_OURS: Final = re.compile(
    r"(?:depth|engine|shadow-copies)=[a-z]+|(?:workers|collect)=[0-9]+|intel=[0-9a-f]{64}"
    r"|[0-9]+ (?:kept|" + "|".join(why.value for why in LeftOut) + r")|key: [0-9a-f -]+|made again: report\.html"
)
_ARGUMENTS: Final = frozenset(("depth", "engine", "workers", "intel", "collect", "shadow-copies"))


def is_redacted(dossier: Dossier) -> bool:
    """It is a copy under tokens."""
    return REDACTED in dossier.arguments


def learn(dossier: Dossier, names: Names) -> None:
    """Meets every name that the dossier can tell; after it names have their tokens."""
    seen = redact(dossier, names)
    for stream in (seen.entries(), seen.findings(), seen.gaps(), seen.events(), seen.collected()):
        deque(stream, maxlen=0)
    names.ready()


def redact(dossier: Dossier, names: Names) -> Dossier:
    """The same dossier, without a name that is not public."""
    records = Records(names)

    def recovered() -> Iterator[Recovery]:
        return (read_recovery(one, records) for one in dossier.recoveries())

    return replace(
        dossier,
        verdict=_verdict(dossier, records),
        facts=dict(records.fact(name, value) for name, value in dossier.facts.items()),
        evidence=_evidence(dossier.evidence, records),
        volumes=tuple(_volume(volume, names, records) for volume in dossier.volumes),
        inventory=_inventory(dossier.inventory, records),
        recoveries=recovered,
        savable=cache(lambda: summed(recovered())),
        traces=read_traces(dossier.traces, records),
        story=read_story(dossier.story, records),
        journal=tuple(_journal(line, names, records) for line in dossier.journal),
        arguments={
            **{
                name: value if name in _ARGUMENTS else records.texts.strict(value)
                for name, value in dossier.arguments.items()
            },
            REDACTED: SAYS_SO,
        },
        findings=lambda: map(records.found, dossier.findings()),
        gaps=lambda: map(records.gap, dossier.gaps()),
        events=lambda: map(records.event, dossier.events()),
        entries=lambda: map(records.entry, dossier.entries()),
        collected=lambda: map(records.collected, dossier.collected()),
    )


def redact_chronicle(chronicle: Chronicle, names: Names) -> Chronicle:
    """The same timeline, without a name that is not public."""
    records = Records(names)

    def row(told: Row) -> Row:
        entry, details = records.entry(told.entry), records.details(told.details)
        source = entry.name if told.source == told.entry.name else records.source(told.source)
        return replace(told, entry=entry, source=source, details=details)

    def rows(of: Iterator[Row]) -> Iterator[Row]:
        return map(row, of)

    return replace(
        chronicle,
        host=names.host(chronicle.host),
        rows=lambda: rows(chronicle.rows()),
        events=lambda: rows(chronicle.events()),
        entries=lambda: map(records.entry, chronicle.entries()),
    )


def _verdict(dossier: Dossier, records: Records) -> Verdict:
    """Examples are paths, or the name of the evidence; the rest is ours."""
    own = {"": "", dossier.evidence.name: _evidence(dossier.evidence, records).name}

    def read(reason: Reason) -> Reason:
        shown = own.get(reason.example)
        return replace(reason, example=records.paths.entry(reason.example, folder=False) if shown is None else shown)

    return replace(dossier.verdict, reasons=tuple(map(read, dossier.verdict.reasons)))


def _evidence(evidence: EvidenceInfo, records: Records) -> EvidenceInfo:
    stem, endings = records.paths.peeled(evidence.name)
    return replace(evidence, name=records.names.token(EVIDENCE, stem) + endings)


def _volume(volume: VolumeInfo, names: Names, records: Records) -> VolumeInfo:
    return replace(
        volume,
        label=names.token(LABEL, volume.label),
        serial=names.token(DEVICE, volume.serial),
        problem=records.texts.loose(volume.problem),
    )


def _journal(line: JournalLine, names: Names, records: Records) -> JournalLine:
    return replace(line, who=names.token(ANALYST, line.who), detail=_detail(line, records))


def _detail(line: JournalLine, records: Records) -> str:
    """What our own lines say stays: arguments, counts, the key that signed, what was made again."""
    between = " " if line.act == "begun" else ", " if line.act == "files collected" else "; "
    parts = line.detail.split(between)
    if all(map(_OURS.fullmatch, parts)):
        return line.detail
    if line.act in ACTS:
        return between.join(part if _OURS.fullmatch(part) else records.texts.strict(part) for part in parts)
    return records.texts.strict(line.detail)


def _inventory(inventory: Inventory, records: Records) -> Inventory:
    return replace(
        inventory,
        by_folder=_tallies(inventory.by_folder, lambda key: records.paths.entry(key, folder=True)),
        by_user=_tallies(inventory.by_user, records.names.user),
        by_extension=_tallies(inventory.by_extension, records.paths.ending),
    )


def _tallies(rows: tuple[Tally, ...], read: Callable[[str], str]) -> tuple[Tally, ...]:
    return tuple(row if row.key in ("", OTHERS) else replace(row, key=read(row.key)) for row in rows)
