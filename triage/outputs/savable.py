"""What can be saved of each encrypted file, as rows for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.dossier import Dossier
from triage.analysis.recovery import Recovery
from triage.model import UnixNs
from triage.outputs.catalogue import translate
from triage.outputs.timeline.fields import cell, csv_line
from triage.times import in_vietnam, isoformat

_BOM: Final = b"\xef\xbb\xbf"
COLUMNS: Final = (
    "Original",
    "Folder",
    "Type",
    "Size",
    "User",
    "Volume",
    "Encrypted (UTC)",
    "Encrypted (UTC+7)",
    "Recovery",
    "Confidence",
    "Reason",
    "Encrypted file",
)


def render(dossier: Dossier, lang: str) -> Iterator[bytes]:
    """The header, then a line for each encrypted file."""
    yield _BOM + csv_line(translate(column, lang) for column in COLUMNS)
    for row in rows(dossier, lang):
        yield csv_line(cell(value) if isinstance(value, str) else value for value in row)


def rows(dossier: Dossier, lang: str) -> Iterator[tuple[str | int, ...]]:
    """The columns of each encrypted file, in words."""
    encrypted = dossier.traces.encrypted
    when = dict(zip(encrypted.entry, encrypted.when, strict=True))
    for one in dossier.recoveries():
        yield _row(one, when.get(one.entry.id), lang)


def _row(one: Recovery, when: int | None, lang: str) -> tuple[str | int, ...]:
    folder, _, name = one.original.rpartition("/")
    return (
        name,
        folder or "/",
        name.rpartition(".")[2].lower() if "." in name[1:] else "",
        "" if one.size is None else one.size,
        one.user,
        one.entry.volume,
        "" if when is None else isoformat(UnixNs(when)),
        "" if when is None else in_vietnam(UnixNs(when)),
        translate(one.state.value, lang, "recovery"),
        translate(one.confidence.value, lang, "confidence"),
        translate(one.reason, lang)
        + (f" ({translate('several files fit equally well', lang)})" if one.ambiguous else ""),
        one.entry.path,
    )
