"""Windows' event logs, `.evtx` and `.evt`: what was installed, started, reached, cleared; and how sound each log is.

Every record that matters is an event of the timeline with its log, number, computer and account; the family's own are
findings as well. A log that is damaged gives what it holds, and a gap.

Limits:
    Facts are told of the logs that Windows itself writes; of copies elsewhere (Windows.old, exported, deleted) their
    names begin with `copy.`. Texts of messages are not made.

References:
    Sources of each event: the modules `event_*`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from triage.detectors import event_logons, event_processes, event_services, event_system
from triage.detectors.event_knowledge import Handler, knowledge
from triage.detectors.event_told import Stretches, Told
from triage.errors import FormatError
from triage.formats.evt import MAGIC, EvtLog
from triage.formats.evtx import EvtxLog
from triage.formats.logrecord import LogRecord, LogSummary, always
from triage.intel import Intel
from triage.model import Confidence, Content, Entry, Event, Fact, Finding, Json, Kind, Record, Severity, UnixNs
from triage.text import printable
from triage.times import isoformat

CLOCK_BACK = "Clock went back between two records of a log"
EVENTS = (
    *event_services.EVENTS,
    *event_processes.EVENTS,
    *event_logons.EVENTS,
    *event_system.EVENTS,
    CLOCK_BACK,
)

REMOVED = "Records were taken out of an event log"
MISSING = "Record numbers are missing in an event log"
TITLES = (
    *event_services.TITLES,
    *event_processes.TITLES,
    *event_logons.TITLES,
    *event_system.TITLES,
    REMOVED,
    MISSING,
)

FACTS = (
    *("log.<channel>.records", "log.<channel>.first", "log.<channel>.last", "log.<channel>.state"),
    *("log.<channel>.lost", "log.<channel>.rescued", "log.<channel>.recovered", "log.<channel>.failed_logons"),
    *("log.System.boots", "log.System.last_boot", "log.<channel>.computers"),
)
"""Names of the facts told here; computers in order of appearance, separated by a blank."""

HANDLERS: Mapping[tuple[str, int], Handler] = {
    **event_services.HANDLERS,
    **event_processes.HANDLERS,
    **event_logons.HANDLERS,
    **event_system.HANDLERS,
}
"""(channel in lower case, event id) to the function that reads it."""

_SUFFIXES = (".evtx", ".evt")
_LIVE = re.compile(r"(?:^|.*/)windows/system32/(?:winevt/logs/[^/]+\.evtx|config/[^/]+\.evt)")
_OLD = "/windows.old/"
_TEXT_MAX = 4000
_XP_CHANNELS = {"sysevent.evt": "System", "secevent.evt": "Security", "appevent.evt": "Application"}


class EventLogs:
    """All event logs, wherever they lie."""

    name = "event_logs"

    def __init__(self, intel: Intel) -> None:
        self._known = knowledge(intel)
        commands = self._known.commands
        refine: dict[int, Callable[[str], bool]] = {
            4624: event_logons.may_be_remote,
            7035: event_services.matters(commands),
            7036: event_services.matters(commands),
        }
        self._wanted = {number: refine.get(number, always) for _, number in HANDLERS}

    def wants(self, entry: Entry) -> bool:
        return entry.path.lower().endswith(_SUFFIXES) and entry.kind is Kind.FILE and entry.size > 0

    def detect(self, entry: Entry, content: Content) -> Iterator[Record]:
        log = _open(entry, content)
        stretches, seen = Stretches(), _Seen()
        for record in log.records(self._wanted):
            if not record.recovered:
                seen.add(record)
            handler = HANDLERS.get((record.channel.lower(), record.event_id))
            for told in handler(record, self._known) if handler else ():
                if told.repeats is None:
                    yield from self._records(entry, record, told)
                else:
                    for first, sum_ in stretches.add(record, told, told.repeats):
                        yield from self._records(entry, first, sum_)
        for first, sum_ in stretches.rest():
            yield from self._records(entry, first, sum_)
        yield from self._integrity(entry, log.summary)
        yield from self._facts(entry, log.summary, seen)
        if log.summary.first_lost is not None:
            raise FormatError(_loss(log.summary), log.summary.first_lost)

    def _records(self, entry: Entry, record: LogRecord, told: Told) -> Iterator[Record]:
        details: dict[str, Json] = {
            "log": record.channel,
            "record": record.record_id,
            "event": record.event_id,
            "computer": record.computer,
            "user": record.user,
            **told.details,
        }
        if record.recovered:
            details["recovered"] = True
        shown = {key: _shown(value) if isinstance(value, str) else value for key, value in details.items()}
        when = told.when or record.when
        if told.what:
            yield Event(detector=self.name, entry=entry.id, when=when, what=told.what, source=entry.name, details=shown)
        sign = told.sign
        if sign is not None:
            yield Finding(
                detector=self.name,
                entry=entry.id,
                severity=sign.severity,
                confidence=_confidence(entry, record, sign.confidence),
                title=sign.title,
                family=sign.family,
                indicator=_shown(sign.indicator),
                attack=sign.attack,
                details={"when": isoformat(when), **shown},
            )

    def _integrity(self, entry: Entry, summary: LogSummary) -> Iterator[Record]:
        for step in summary.steps:
            yield Event(
                detector=self.name,
                entry=entry.id,
                when=step.after,
                what=CLOCK_BACK,
                source=entry.name,
                details={"record": step.record_id, "before": isoformat(step.before), "after": isoformat(step.after)},
            )
        removed = [gap for gap in summary.gaps if gap.inside]
        if not summary.missing:
            return
        yield Finding(
            detector=self.name,
            entry=entry.id,
            severity=Severity.SUSPICIOUS if removed else Severity.INFO,
            confidence=Confidence.MEDIUM if entry.allocated else Confidence.LOW,
            title=REMOVED if removed else MISSING,
            attack=("T1070.001",) if removed else (),
            details={
                "missing": summary.missing,
                "gaps": [f"{gap.first}-{gap.last}" for gap in (removed or summary.gaps)[:20]],
                "lost": summary.lost,
                "damaged": summary.damaged,
            },
        )

    def _facts(self, entry: Entry, summary: LogSummary, seen: _Seen) -> Iterator[Fact]:
        if summary.newest is None or summary.oldest is None:
            return
        channel = next(iter(summary.channels), "") or entry.name
        state = [word for word, is_so in (("dirty", summary.dirty), ("full", summary.full)) if is_so]
        facts = {
            "records": str(summary.records),
            "first": isoformat(summary.oldest[1]),
            "last": isoformat(summary.newest[1]),
            "state": " ".join(state) or "closed",
            "lost": str(summary.lost) if summary.lost else "",
            "rescued": str(summary.rescued) if summary.rescued else "",
            "recovered": str(summary.recovered) if summary.recovered else "",
            "computers": " ".join(summary.computers),
            **seen.facts(),
        }
        prefix = "" if is_live(entry) else "copy."
        for name, value in facts.items():
            if value:
                yield Fact(
                    detector=self.name,
                    entry=entry.id,
                    name=f"{prefix}log.{_shown(channel)}.{name}",
                    value=_shown(value),
                )


class _Seen:
    """What is counted on the way."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last_boot = UnixNs(0)

    def add(self, record: LogRecord) -> None:
        if record.event_id in event_logons.FAILED_IDS and record.channel == "Security":
            self._counts["failed_logons"] += 1
        elif record.event_id == 6005 and record.channel == "System":
            self._counts["boots"] += 1
            self._last_boot = max(self._last_boot, record.when)

    def facts(self) -> dict[str, str]:
        facts = {name: str(count) for name, count in self._counts.items()}
        if self._last_boot:
            facts["last_boot"] = isoformat(self._last_boot)
        return facts


def is_live(entry: Entry) -> bool:
    """The log that Windows itself writes, and no copy of it."""
    path = entry.path.lower()
    return entry.allocated and _LIVE.fullmatch(path) is not None and _OLD not in path


def _confidence(entry: Entry, record: LogRecord, told: Confidence) -> Confidence:
    """What a deleted log or the slack of one says is less sure."""
    if not entry.allocated:
        return Confidence.LOW
    return Confidence.MEDIUM if record.recovered and told is Confidence.HIGH else told


def _shown(text: str) -> str:
    """A text from a log, without what hides or reorders; paths keep their single back-slashes."""
    return printable(text[:_TEXT_MAX]).replace("\\\\", "\\")


def _open(entry: Entry, content: Content) -> EvtxLog | EvtLog:
    """By the first bytes: names may lie."""
    if content.head[4:8] == MAGIC:
        return EvtLog(content.file(), _XP_CHANNELS.get(entry.name.lower(), ""))
    return EvtxLog(content.file())


def _loss(summary: LogSummary) -> str:
    if summary.lost:
        return f"event log: {summary.lost} of {summary.records + summary.lost} records cannot be decoded, the first"
    return f"event log: {summary.damaged} damaged or missing places, the first"
