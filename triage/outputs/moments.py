"""The rows of the report's timeline: blocks of numbers inside the page, for a picture of half a million times.

A block is `{texts, names, moments}`. moments: base64 of unsigned LEB128 numbers: for each file its volume,
the places of its folder and of what is known of it in texts, and how many rows follow; for each row a code, the zigzag
difference in milliseconds to the row before, and its phase (0 none, else its place from 1); an event's row (EVENT_CODE)
then has the places of source, phrase and details in texts. Any other code is the bits M 1, A 2, C 4, B 8, NAME_CODE for
`$FILE_NAME`, COPIED_CODE for times that are the original's, PLAIN_CODE where the file system is not NTFS.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from triage.analysis.phases import PhaseId
from triage.analysis.story import Story
from triage.analysis.timeline import EVENT, NAME, PLAIN, TIMES_OF_ORIGINAL, Row, encryption_row, event_rows, rows_of
from triage.analysis.traces import Traces
from triage.model import Entry, Event, UnixNs
from triage.outputs.catalogue import translate
from triage.outputs.escapes import to_json, to_script, visible, visible_json

CARRIED: Final = 100_000
"""Times of other files that the page carries beside the malware's own; `triage timeline` has them all."""

NAME_CODE: Final = 16
COPIED_CODE: Final = 32
PLAIN_CODE: Final = 64
EVENT_CODE: Final = 128

_BLOCK: Final = 16_384
_HOUR: Final = 3_600_000_000_000
_SECOND: Final = 1_000_000_000
_MARGINS: Final = (30 * 24 * _HOUR, 7 * 24 * _HOUR, 24 * _HOUR, _HOUR, 0)
_BITS: Final = {"M": 1, "A": 2, "C": 4, "B": 8}
_PLACE: Final = {phase: place for place, phase in enumerate(PhaseId, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which times of files that the malware did not touch are carried: from begin to end, none where both are 0.

    Attributes:
        carried: how many times of such files that makes: all those of a file of which one lies within.
        others: how many there are in the case.
    """

    begin: UnixNs
    end: UnixNs
    carried: int = 0
    others: int = 0

    def holds(self, entry: Entry) -> bool:
        """Some time of the entry lies within."""
        return bool(self.end) and any(self.begin <= when <= self.end for when in _times(entry))


NOTHING: Final = Span(begin=UnixNs(0), end=UnixNs(0))


def span_of(story: Story, entries: Iterable[Entry], traces: Traces) -> Span:
    """Around the attack, as wide as the page can carry; whole seconds."""
    times = [when for phase in story.phases for when in (phase.first, phase.last) if when is not None]
    begin, end = (min(times), max(times)) if times else (UnixNs(0), UnixNs(0))
    spans = [
        Span(
            begin=UnixNs((begin - margin) // _SECOND * _SECOND),
            end=UnixNs(-(-(end + margin) // _SECOND) * _SECOND),
        )
        for margin in (_MARGINS if times else ())
    ]
    counts, others = [0] * len(spans), 0
    for entry in entries:
        if entry.id in traces.marks:
            continue
        rows = _count(entry)
        others += rows
        whens = _times(entry)
        for place, span in enumerate(spans):
            if not any(span.begin <= when <= span.end for when in whens):
                break  # each lies within the one before
            counts[place] += rows
    found = ((span, count) for span, count in zip(spans, counts, strict=True) if count <= CARRIED)
    span, count = next(found, (NOTHING, 0))
    return replace(span, carried=count, others=others)


def moment_blocks(
    entries: Iterable[Entry], events: Iterable[tuple[Entry, Event]], traces: Traces, span: Span, lang: str
) -> Iterator[Markup]:
    """Files by volume and path, then events; the page sorts."""
    block = _Block(lang)
    places = {entry: place for place, entry in enumerate(traces.encrypted.entry)}
    for entry in entries:
        if entry.id in traces.marks or span.holds(entry):
            rows = list(rows_of(entry, traces))
            if (at := places.get(entry.id)) is not None:
                rows.append(encryption_row(entry, at, traces))
            block.add(entry, rows)
            if block.rows >= _BLOCK:
                yield block.taken()
    for row in event_rows(events, traces):
        block.add(row.entry, [row])
        if block.rows >= _BLOCK:
            yield block.taken()
    if block.rows:
        yield block.taken()


def _count(entry: Entry) -> int:
    """How many rows its times make: one for each that differs, of the file and of its name apart."""
    t, n = entry.times, entry.name_times
    rows = len({t.modified, t.accessed, t.changed, t.born} - {None})
    return rows if n is None else rows + len({n.modified, n.accessed, n.changed, n.born} - {None})


def _times(entry: Entry) -> list[UnixNs]:
    t, n = entry.times, entry.name_times
    every = [t.modified, t.accessed, t.changed, t.born]
    if n is not None:
        every += [n.modified, n.accessed, n.changed, n.born]
    return [when for when in every if when is not None]


class _Block:
    """One block in the making."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._begin()

    def _begin(self) -> None:
        self.rows = 0
        self._texts: dict[str, int] = {"": 0}
        self._names: list[str] = []
        self._numbers = bytearray()
        self._last = 0

    def taken(self) -> Markup:
        """The block as a script's text; begins the next."""
        numbers = base64.b64encode(self._numbers).decode()
        text = to_script({"texts": list(self._texts), "names": self._names, "moments": numbers})
        self._begin()
        return Markup(text)  # noqa: S704 - to_script leaves no character that HTML would read

    def add(self, entry: Entry, rows: list[Row]) -> None:
        folder, slash, name = entry.path.rpartition("/")
        self._names.append(visible(name))
        known = next((row for row in rows if row.kind != EVENT and row.what), None)
        what = visible(translate(known.what, self._lang)) if known else ""
        self._put(entry.volume, self._text(visible(folder + slash)), self._text(what), len(rows))
        for row in rows:
            self._row(row)
        self.rows += len(rows)

    def _row(self, row: Row) -> None:
        when = row.when // 1_000_000
        delta, self._last = when - self._last, when
        zigzag = delta << 1 if delta >= 0 else (-delta << 1) - 1
        phase = _PLACE[row.phase] if row.phase else 0
        self._put(_code(row), zigzag, phase)
        if row.kind == EVENT:
            details = to_json(visible_json(dict(row.details))) if row.details else ""
            phrase = visible(translate(row.what, self._lang))
            self._put(self._text(visible(row.source)), self._text(phrase), self._text(details))

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _put(self, *numbers: int) -> None:
        out = self._numbers
        for number in numbers:
            while number > 127:
                out.append(number & 127 | 128)
                number >>= 7
            out.append(number)


def _code(row: Row) -> int:
    if row.kind == EVENT:
        return EVENT_CODE
    code = sum(_BITS[letter] for letter in row.kind)
    if row.source in (NAME, PLAIN):
        code |= NAME_CODE if row.source == NAME else PLAIN_CODE
    return code | (COPIED_CODE if row.meaning == TIMES_OF_ORIGINAL else 0)
