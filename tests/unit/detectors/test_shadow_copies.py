"""What the catalogue of shadow copies and the names of their stores tell."""

from __future__ import annotations

import pytest

from samples_fake.usn import FILE_DELETE, FakeChange, build_journal
from tests.contents import MemoryContent, entry_of, records
from tests.shadow_images import at, catalogue
from triage.analysis.phases import PhaseId, phase_of_event, weak_phase_of_event
from triage.detectors.shadow_copies import EVENTS, OBSERVED, TITLES, UNKNOWN, ShadowCopies
from triage.detectors.usn import EVENTS as USN_EVENTS
from triage.detectors.usn import Usn
from triage.errors import FormatError
from triage.formats.vss import IDENTIFIER, ShadowCopy
from triage.intel import load_intel
from triage.model import Event, Fact, Finding, Kind, Level, Severity, UnixNs

FOLDER = "/System Volume Information/"
STORE = "600f0b69-5bdf-11e3-9d6c-005056c00008"
MADE = at(130305261097363787)
COPY = ShadowCopy(identifier=STORE, created=MADE, size=1 << 30, stored_here=True)
NOON = UnixNs(1_494_590_400_000_000_000)


@pytest.fixture
def detector() -> ShadowCopies:
    return ShadowCopies()


@pytest.mark.parametrize("level", [Level.HEAD, Level.FULL])
def test_each_copy_of_the_catalogue_is_an_event_when_it_was_made(detector: ShadowCopies, level: Level) -> None:
    fact, event = records(detector, FOLDER + IDENTIFIER, catalogue([COPY]), level)
    assert isinstance(fact, Fact)
    assert isinstance(event, Event)
    assert (fact.name, fact.value) == (OBSERVED, f"2013-12-03T06:35:09.7363787Z {STORE}")
    assert (event.when, event.what in EVENTS) == (MADE, True)
    assert event.details == {"volume": 0, "store": STORE, "stored_here": True}


def test_an_empty_catalogue_and_one_that_reads_as_zeros_are_told_apart(detector: ShadowCopies) -> None:
    (empty,) = records(detector, FOLDER + IDENTIFIER, catalogue([]))
    (zeros,) = records(detector, FOLDER + IDENTIFIER, bytes(65536))
    assert isinstance(empty, Fact)
    assert isinstance(zeros, Fact)
    assert (empty.value, zeros.value) == ("none", UNKNOWN)


def test_a_damaged_catalogue_says_that_the_number_is_unknown_and_is_refused(detector: ShadowCopies) -> None:
    entry, data = entry_of(FOLDER + IDENTIFIER), b"\x01" * 65536
    said = iter(detector.detect(entry, MemoryContent(data)))
    fact = next(said)
    assert isinstance(fact, Fact)
    assert fact.value == UNKNOWN
    with pytest.raises(FormatError):
        next(said)


def test_a_deleted_store_is_told_but_weighs_nothing(detector: ShadowCopies) -> None:
    (finding,) = records(detector, f"{FOLDER}{{{STORE.upper()}}}{IDENTIFIER}", b"", allocated=False)
    assert isinstance(finding, Finding)
    assert (finding.severity, finding.indicator, finding.title in TITLES) == (Severity.INFO, STORE, True)


def test_a_store_that_is_there_says_nothing(detector: ShadowCopies) -> None:
    assert records(detector, f"{FOLDER}{{{STORE}}}{IDENTIFIER}", b"x") == []


def test_other_files_are_not_wanted(detector: ShadowCopies) -> None:
    assert not detector.wants(entry_of(FOLDER + "tracking.log", b""))


def test_the_journal_tells_when_stores_were_deleted() -> None:
    changes = [
        FakeChange(when=UnixNs(NOON + number), name=f"{{{name}}}{IDENTIFIER}", file=file, reason=FILE_DELETE)
        for number, (file, name) in enumerate([(70, STORE), (71, STORE.replace("69", "6d"))])
    ]
    changes += [FakeChange(when=NOON, name=IDENTIFIER, file=72, reason=FILE_DELETE)]
    told = records(Usn(load_intel()), "/$Extend/$UsnJrnl:$J", build_journal(changes), kind=Kind.STREAM)
    (event,) = (one for one in told if isinstance(one, Event))
    assert (event.what, event.what in USN_EVENTS) == ("Shadow copies deleted", True)
    assert (event.when, event.details["files"]) == (NOON, 2)
    assert not [one for one in told if isinstance(one, Finding)]


def test_deleted_stores_and_wmic_belong_to_the_attack_only_beside_it() -> None:
    journal = entry_of("/$Extend/$UsnJrnl:$J", b"")
    deleted = Event(detector="usn", entry=journal.id, when=NOON, what="Shadow copies deleted", source="$UsnJrnl:$J")
    ran = Event(
        detector="prefetch",
        entry=journal.id,
        when=NOON,
        what="Tool that ransomware calls ran",
        source="WMIC.EXE-A7D06383.pf",
        details={"program": "WMIC.EXE"},
    )
    made = Event(detector="shadow-copies", entry=journal.id, when=NOON, what="Shadow copy was made", source="VSS")
    for event in (deleted, ran):
        assert phase_of_event(journal, event) is None
        assert weak_phase_of_event(journal, event) is PhaseId.SHADOW_COPIES
    assert phase_of_event(journal, made) is None
    assert weak_phase_of_event(journal, made) is None
