"""The rows a reader can search: blocks of compact JSON inside the page.

Plain JSON, not compressed: every browser reads it, and every machine writes the same bytes, whatever its zlib.
Repeated texts stand once in a block, so a hundred thousand findings take about ten megabytes.

A finding is [group, folder, name, volume, size, confidence, indicator, attack, sha256, modified, born, keys,
value, …]: folder, indicator, attack and keys are places in the block's texts, times are Unix seconds UTC; a value is
the place of a text, or a list around anything else.
A gap is [reason, folder, name, volume, stage, detail], all but name and volume being places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from markupsafe import Markup

from triage.analysis.dossier import Found
from triage.model import Confidence, Entry, Gap, Json, UnixNs
from triage.outputs.catalogue import translate
from triage.outputs.escapes import to_script, visible, visible_json
from triage.outputs.sampling import Key, key_of

_BLOCK: Final = 4096
_CONFIDENCES: Final = {confidence: place for place, confidence in enumerate(Confidence)}


class _Texts(dict[str, int]):
    """Each text once; its place is the number the rows carry."""

    def __missing__(self, text: str) -> int:
        self[text] = place = len(self)
        return place

    def place(self, text: str | None) -> int:
        return self[visible(text or "")]


def finding_blocks(findings: Iterable[Found], places: Mapping[Key, int], lang: str) -> Iterator[Markup]:
    """Findings as script texts, some thousands in each; places has the number of each group."""
    stream = iter(findings)
    while part := list(islice(stream, _BLOCK)):
        texts = _Texts()
        rows = [_finding(found, places[key_of(found)], texts, lang) for found in part]
        yield _block(texts, rows)


def gap_blocks(gaps: Iterable[tuple[Entry, Gap]], lang: str) -> Iterator[Markup]:
    """Gaps as script texts, some thousands in each."""
    stream = iter(gaps)
    while part := list(islice(stream, _BLOCK)):
        texts = _Texts()
        rows = [_gap(entry, gap, texts, lang) for entry, gap in part]
        yield _block(texts, rows)


def plain_details(details: Mapping[str, Json], lang: str) -> list[tuple[str, Json]]:
    """What a finding saw: keys worded for the reader, states and yes or no translated, everything visible."""
    return [
        (visible(translate(key, lang, "detail")), _worded(key, value, lang))
        for key, value in details.items()
        if value is not None
    ]


def _worded(key: str, value: Json, lang: str) -> Json:
    if key in {"state", "recovery"} and isinstance(value, str):
        return visible(translate(value, lang, "state"))
    if isinstance(value, bool):
        return translate("yes", lang) if value else translate("no", lang)
    return visible_json(value)


def _finding(found: Found, group: int, texts: _Texts, lang: str) -> list[Json]:
    finding, entry = found.finding, found.entry
    details = plain_details(finding.details, lang)
    values: list[Json] = [texts[value] if isinstance(value, str) else [value] for _, value in details]
    return [
        group,
        *_path(entry, texts),
        entry.volume,
        entry.size,
        _CONFIDENCES[finding.confidence],
        texts.place(finding.indicator),
        texts.place(" ".join(finding.attack)),
        found.sha256 or 0,
        _seconds(entry.times.modified),
        _seconds(entry.times.born),
        texts["\n".join(key.replace("\n", " ") for key, _ in details)],
        *values,
    ]


def _gap(entry: Entry, gap: Gap, texts: _Texts, lang: str) -> list[Json]:
    return [
        texts.place(translate(gap.reason.value, lang, "gap")),
        *_path(entry, texts),
        entry.volume,
        texts.place(gap.stage),
        texts.place(gap.detail),
    ]


def _path(entry: Entry, texts: _Texts) -> tuple[int, str]:
    folder, slash, name = entry.path.rpartition("/")
    return texts.place(folder + slash), visible(name)


def _seconds(when: UnixNs | None) -> int | None:
    return None if when is None else when // 1_000_000_000


def _block(texts: _Texts, rows: list[list[Json]]) -> Markup:
    # Safe as it stands: to_script leaves no character that HTML would read.
    return Markup(to_script({"texts": list(texts), "rows": rows}))  # noqa: S704
