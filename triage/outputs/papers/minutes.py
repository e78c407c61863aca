"""Biên bản: how the evidence was taken, examined, sealed and handed on. What people did, people write in by hand.

References:
    Nghị định 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.9; TCVN ISO/IEC 27037:2019.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.dossier import EvidenceInfo
from triage.outputs import figures
from triage.outputs.catalogue import translate
from triage.outputs.journal import detail_of
from triage.outputs.papers.collected import collected
from triage.outputs.papers.materials import Materials, letterhead
from triage.outputs.papers.paper import (
    Block,
    Field,
    Heading,
    Note,
    Paper,
    Signature,
    Signatures,
    State,
    Table,
    known,
    text_paragraph,
)
from triage.outputs.papers.wording import words
from triage.times import in_vietnam

HANDOVERS: Final = 6
"""Empty rows of the chain of custody."""
_LONGEST: Final = 300
_ALGORITHMS: Final = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}


def minutes(materials: Materials) -> Paper:
    """The minutes, as much of them as the case can tell."""
    fixed = words("forms", materials.lang)
    return Paper(
        lang=materials.lang,
        title=fixed["minutes-title"],
        about=fixed["minutes-about"],
        letterhead=letterhead(materials, "BB"),
        blocks=(
            *_opening(fixed),
            *_evidence(materials),
            *_examination(materials),
            *collected(materials),
            *_custody(fixed),
        ),
    )


def _by_hand(fixed: dict[str, str], *keys: str) -> Iterator[Field]:
    for key in keys:
        yield Field(label=fixed[key], state=State.BLANK)


def _opening(fixed: dict[str, str]) -> Iterator[Block]:
    yield from _by_hand(
        fixed, "minutes-began", "minutes-place", "minutes-present", "minutes-chair", "minutes-secretary"
    )
    yield text_paragraph(fixed["minutes-basis"])
    yield Heading(text=fixed["minutes-content"])


def _evidence(materials: Materials) -> Iterator[Block]:
    fixed, evidence, facts = words("forms", materials.lang), materials.dossier.evidence, materials.dossier.facts
    yield Heading(text=fixed["minutes-evidence"], level=2)
    yield from _by_hand(fixed, "evidence-code")
    yield known(fixed["evidence-file"], _short(evidence.name))
    size = figures.number(evidence.size, materials.lang)
    yield known(fixed["evidence-kind"], fixed["evidence-bytes"].format(format=_short(evidence.format), bytes=size))
    yield from _by_hand(fixed, "evidence-model", "evidence-owner")
    zone = " ".join(facts[name] for name in ("time.zone", "time.zone_bias") if name in facts)
    yield known(fixed["evidence-zone"], _short(zone))
    yield from _by_hand(fixed, "evidence-clock", "evidence-blocker")
    yield Heading(text=fixed["minutes-hashes"], level=2)
    yield Table(
        headers=(fixed["hash-kind"], fixed["hash-value"]),
        rows=tuple(_hashes(evidence, fixed)),
        widths=(4, 8),
        empty=fixed["no-hash"],
    )
    if evidence.changed:
        yield Note(text=fixed["changed"], warning=True)
    elif evidence.fingerprint_before and evidence.fingerprint_after:
        yield text_paragraph(fixed["unchanged"])
    else:
        yield text_paragraph(fixed["not-compared"])


def _hashes(evidence: EvidenceInfo, fixed: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, hashes in (("hash-of", evidence.hashes), ("hash-stored", evidence.stored_hashes)):
        for algorithm, value in sorted(hashes.items()):
            yield fixed[key].format(algorithm=_ALGORITHMS.get(algorithm, _short(algorithm))), _short(value)
    for key, value in (("hash-before", evidence.fingerprint_before), ("hash-after", evidence.fingerprint_after)):
        if value:
            yield fixed[key], _short(value)


def _examination(materials: Materials) -> Iterator[Block]:
    fixed, dossier = words("forms", materials.lang), materials.dossier
    yield Heading(text=fixed["minutes-examination"], level=2)
    yield known(fixed["tool"], f"triage {_short(dossier.tool_version)}" if dossier.tool_version else None)
    yield known(fixed["knowledge"], _short(dossier.intel_digest))
    yield text_paragraph(fixed["readonly"])
    yield Table(
        headers=tuple(fixed[f"journal-{key}"] for key in ("when", "who", "act", "detail")),
        rows=tuple(
            (
                in_vietnam(line.when),
                _short(line.who),
                _short(translate(line.act, materials.lang)),
                _short(detail_of(line, materials.lang)),
            )
            for line in dossier.journal
        ),
        widths=(3, 3, 2, 5),
        empty=fixed["no-journal"],
    )


def _short(text: str) -> str:
    return figures.shortened(text, _LONGEST)


def _custody(fixed: dict[str, str]) -> Iterator[Block]:
    yield Heading(text=fixed["minutes-seal"], level=2)
    yield from _by_hand(fixed, "seal-number", "storage", "deviations")
    yield Heading(text=fixed["minutes-chain"], level=2)
    yield Table(
        headers=tuple(fixed[f"chain-{key}"] for key in ("when", "from", "to", "why", "seal")),
        rows=(("\n\n", "", "", "", ""),) * HANDOVERS,
        widths=(3, 3, 3, 3, 2),
    )
    yield text_paragraph(fixed["minutes-end"])
    note = fixed["sign-name"]
    yield Signatures(
        signatures=tuple(Signature(titles=(fixed[f"sign-{key}"],), note=note) for key in ("giver", "taker", "witness"))
    )
    yield Signatures(
        signatures=tuple(Signature(titles=(fixed[f"sign-{key}"],), note=note) for key in ("secretary", "chair"))
    )
