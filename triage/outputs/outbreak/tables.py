"""Two tables for a spreadsheet: the machines, and who reached whom. Begin with a byte order mark for Excel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from triage.analysis.spread import Outbreak
from triage.analysis.spread_edges import Edge, Evidence, Undecided
from triage.model import UnixNs
from triage.outputs.outbreak import told
from triage.outputs.outbreak.wording import word
from triage.outputs.timeline.fields import cell, csv_line
from triage.times import in_vietnam, isoformat

_BOM: Final = b"\xef\xbb\xbf"
_SECOND: Final = 1_000_000_000
MACHINES: Final = (
    *("Place in the order", "Machine", "State", "First sign", "First sign (UTC)", "First sign (UTC+7)", "Source"),
    *("Confidence", "Corrected, from", "Corrected, to", "compared with", "Clock ahead by at least, seconds"),
    *("Clock ahead by at most, seconds", "From", "Encrypted files", "MS17-010", "SMBv1", "Plugged in again?"),
    *("Odd in", "Not examined", "Case"),
)
EDGES: Final = (
    *("Way", "From", "To", "Confidence", "Evidence", "When", "Told by", "Address", "Name", "Account", "Count"),
    *("Source", "Record", "Alternatives", "Why not"),
)


def machines(outbreak: Outbreak, lang: str) -> Iterator[bytes]:
    """One line for each machine, in the order of first signs."""
    say = partial(word, lang=lang)
    yield _BOM + csv_line(map(say, MACHINES))
    came = told.sources(outbreak)
    for place in outbreak.order:
        one, start, ahead = outbreak.machines[place], outbreak.starts.get(place), outbreak.shown.ahead(place)
        first, is_known = one.first, outbreak.shown.tied(place)
        group = outbreak.shown.group(place)
        whom = "" if not is_known else told.name(outbreak, group) or say("true time")
        low, high = (isoformat(UnixNs(start.low)), isoformat(UnixNs(start.high))) if start and is_known else ("", "")
        yield csv_line(
            (
                told.rank(outbreak, place),
                cell(one.name),
                say(one.state.value, kind="machine"),
                say(first.kind.value, kind="sign") if first else "",
                isoformat(first.when) if first else "",
                in_vietnam(first.when) if first else "",
                cell(first.source) if first else "",
                say(first.confidence.value, kind="confidence") if first else "",
                low,
                high,
                cell(whom) if is_known else say("unknown"),
                round(ahead.low / _SECOND, 3) if is_known else "",
                round(ahead.high / _SECOND, 3) if is_known else "",
                cell(", ".join(told.name(outbreak, edge.of) for edge in came.get(place, ()))),
                one.encryption.files,
                say(one.facts.get("patch.ms17_010", ""), kind="value"),
                say(one.facts.get("smb1.server", ""), kind="value"),
                say(one.replug.answer, kind="replug"),
                ", ".join(say(kind, kind="trait") for kind in outbreak.odd.get(place, ())),
                one.gaps,
                cell(one.case),
            )
        )


def edges(outbreak: Outbreak, lang: str) -> Iterator[bytes]:
    """One line for each piece of evidence: of edges, then of contacts that accuse nobody."""
    say = partial(word, lang=lang)
    yield _BOM + csv_line(map(say, EDGES))
    for edge in outbreak.edges:
        for one in edge.evidence:
            yield csv_line((*_who(outbreak, edge, lang), *_what(outbreak, one, lang), *_else(outbreak, edge, lang)))
    for contact in outbreak.undecided:
        yield csv_line(
            (*_open(outbreak, contact, lang), *_what(outbreak, contact.evidence, lang), "", told.why(contact, lang))
        )


def _who(outbreak: Outbreak, edge: Edge, lang: str) -> tuple[str, ...]:
    return (
        word(edge.way.value, lang, "way"),
        cell(told.name(outbreak, edge.of)),
        cell(told.name(outbreak, edge.to)),
        word(edge.confidence.value, lang, "confidence"),
    )


def _open(outbreak: Outbreak, contact: Undecided, lang: str) -> tuple[str, ...]:
    whom = " / ".join(told.name(outbreak, place) for place in contact.between)
    return "?", cell(whom), cell(told.name(outbreak, contact.to)), word("unknown", lang)


def _what(outbreak: Outbreak, one: Evidence, lang: str) -> tuple[object, ...]:
    return (
        word(one.kind, lang, "evidence"),
        isoformat(one.when) if one.when is not None else "",
        cell(told.name(outbreak, one.told_by)),
        cell(one.address),
        cell(one.name),
        cell(one.account),
        one.count,
        cell(one.source),
        "" if one.record is None else one.record,
    )


def _else(outbreak: Outbreak, edge: Edge, lang: str) -> tuple[str, str]:
    return cell(told.alternatives(outbreak, edge, lang)), ""
