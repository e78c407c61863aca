"""The story without names: its evidence names files, its remarks and the clock's changes name programs and accounts."""

from __future__ import annotations

from dataclasses import replace

from triage.analysis.clock import Clock
from triage.analysis.course import Phase, Remark
from triage.analysis.recovery import Recovery
from triage.analysis.redaction.records import Records
from triage.analysis.story import Story
from triage.analysis.traces import Evidence, Traces
from triage.model import Event


def read_story(story: Story, records: Records) -> Story:
    """The same story under tokens."""
    return replace(
        story,
        phases=tuple(_phase(phase, records) for phase in story.phases),
        reasons=tuple(_remark(remark, records) for remark in story.reasons),
        contradictions=tuple(_remark(remark, records) for remark in story.contradictions),
        clock=_clock(story.clock, records),
    )


def read_traces(traces: Traces, records: Records) -> Traces:
    """What outputs take from the traces: marks and times. What the story was told from is in the story."""
    return replace(
        traces,
        tallies={},
        clock_changes=[_event(event, records) for event in traces.clock_changes],
        cleared=[_event(event, records) for event in traces.cleared],
    )


def read_recovery(one: Recovery, records: Records) -> Recovery:
    """What can be saved of a file, under tokens."""
    return replace(
        one,
        entry=records.entry(one.entry),
        original=records.paths.entry(one.original, folder=False),
        user=records.names.user(one.user),
    )


def _phase(phase: Phase, records: Records) -> Phase:
    evidence = tuple(_evidence(one, records) for one in phase.evidence)
    return replace(phase, source=records.source(phase.source), evidence=evidence)


def _evidence(one: Evidence, records: Records) -> Evidence:
    return replace(one, source=records.source(one.source), example=records.paths.entry(one.example, folder=False))


def _remark(remark: Remark, records: Records) -> Remark:
    return replace(remark, details=records.details(remark.details))


def _clock(clock: Clock, records: Records) -> Clock:
    skew = clock.skew and replace(clock.skew, by=records.texts.strict(clock.skew.by))
    return replace(clock, changes=tuple(_event(event, records) for event in clock.changes), skew=skew)


def _event(event: Event, records: Records) -> Event:
    return replace(event, source=records.source(event.source), details=records.details(event.details))
