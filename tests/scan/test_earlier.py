"""What is seen in a shadow copy is marked as of then."""

from __future__ import annotations

from triage.model import Confidence, EntryId, Event, Fact, Finding, Severity, UnixNs
from triage.scan.earlier import as_of_then

NOON = UnixNs(1_494_590_400_000_000_000)
LIVE, COPY = EntryId(1), EntryId(2)


def fact(name: str, entry: EntryId = COPY) -> Fact:
    return Fact(detector="registry", entry=entry, name=name, value="x")


def test_findings_and_events_of_a_copy_say_from_when_it_is() -> None:
    finding = Finding(
        detector="d", entry=COPY, severity=Severity.INFO, confidence=Confidence.LOW, title="t", details={"a": 1}
    )
    event = Event(detector="d", entry=COPY, when=NOON, what="w", source="s")
    then = {"live": False, "shadow_copy": "2017-05-12T12:00:00Z"}
    told = [one.details for one in as_of_then([finding, event], {COPY: NOON}) if not isinstance(one, Fact)]
    assert told == [{"a": 1, **then}, then]


def test_facts_of_a_copy_are_those_of_a_backup_once() -> None:
    names = [one.name for one in as_of_then([fact("host.name"), fact("backup.os.build")], {COPY: NOON})]
    assert names == ["backup.host.name", "backup.os.build"]


def test_what_is_no_property_of_the_host_is_not_told_again() -> None:
    assert not list(as_of_then([fact("observed.random"), fact("log.System.records"), fact("usn.last")], {COPY: NOON}))


def test_live_records_stay_as_they_are() -> None:
    records = [fact("host.name", LIVE), Event(detector="d", entry=LIVE, when=NOON, what="w", source="s")]
    assert list(as_of_then(records, {COPY: NOON})) == records
