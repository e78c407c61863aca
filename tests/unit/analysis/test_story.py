"""The story: phases, times that the malware cannot fool, outcome, contradictions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.attacks import DESKTOP, HOME, SECOND, at, attack, called, copied, encrypted, event, fact, new, write_case
from triage.analysis import contradictions, outcome
from triage.analysis.outcome import Outcome
from triage.analysis.phases import PhaseId
from triage.analysis.rate import STRETCHES, rate_of
from triage.analysis.story import Story, tell
from triage.analysis.traces import gather
from triage.case import Case
from triage.model import Confidence, Entry, Event, Fact, Finding, Severity
from triage.times import in_vietnam, isoformat


def story_of(folder: Path) -> Story:
    with Case.open(folder) as case:
        traces = gather(((finding, entry) for finding, entry, _ in case.findings()), case.events())
        return tell(traces, {one.name: one.value for one in case.facts()})


def told_of(folder: Path, entries: list[Entry], records: list[Finding | Event | Fact]) -> Story:
    return story_of(write_case(folder, entries, records))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story_of(attack(tmp_path_factory.mktemp("attack")))


def test_the_phases_stand_in_the_order_in_which_the_malware_acts(story: Story) -> None:
    assert [phase.id.value for phase in story.phases] == [
        "arrival",
        "drop",
        "persistence",
        "user-folders",
        "drives",
        "notes",
        "last-activity",
    ]


@pytest.mark.parametrize(
    ("phase", "first", "last", "source"),
    [
        (PhaseId.ARRIVAL, "2017-05-12T16:57:40Z", "2017-05-12T16:57:50Z", "Security.evtx"),
        (PhaseId.DROP, "2017-05-12T16:58:00Z", "2017-05-12T16:58:05Z", "$FN"),
        (PhaseId.PERSISTENCE, "2017-05-12T16:58:02Z", "2017-05-12T16:58:02Z", "System.evtx"),
        (PhaseId.USER_FOLDERS, "2017-05-12T16:59:00Z", "2017-05-12T16:59:30Z", "00000000.res"),
        (PhaseId.DRIVES, "2017-05-12T17:00:10Z", "2017-05-12T17:01:00Z", "$SI changed"),
        (PhaseId.NOTES, "2017-05-12T17:00:12Z", "2017-05-12T17:00:12Z", "$FN"),
        (PhaseId.LAST, "2017-05-12T17:05:00Z", "2017-05-12T17:05:00Z", "00000000.res"),
    ],
)
def test_each_phase_is_told_to_the_second_with_its_source(
    story: Story, phase: PhaseId, first: str, last: str, source: str
) -> None:
    found = story.phase(phase)
    assert found is not None
    assert (found.first and isoformat(found.first), found.last and isoformat(found.last)) == (first, last)
    assert found.source == source


def test_a_run_across_midnight_lies_on_two_days_there_and_one_in_utc(story: Story) -> None:
    begun, ended = story.phase(PhaseId.USER_FOLDERS), story.phase(PhaseId.DRIVES)
    assert begun is not None
    assert begun.first is not None
    assert ended is not None
    assert ended.last is not None
    assert in_vietnam(begun.first) == "23:59:00 12/05/2017"
    assert in_vietnam(ended.last) == "00:01:00 13/05/2017"
    assert isoformat(begun.first)[:10] == isoformat(ended.last)[:10]


def test_only_a_logon_shortly_before_is_part_of_the_arrival(story: Story) -> None:
    arrival = story.phase(PhaseId.ARRIVAL)
    assert arrival is not None
    assert [one.count for one in arrival.evidence if one.source == "Security.evtx"] == [1]


def test_the_malwares_own_copy_of_the_note_is_no_note_left(story: Story) -> None:
    notes = story.phase(PhaseId.NOTES)
    assert notes is not None
    assert [one.example for one in notes.evidence] == ["/Data/@Please_Read_Me@.txt"]


def test_what_was_cut_off_and_starts_again_is_said(story: Story) -> None:
    assert (story.outcome, story.resumes) == (Outcome.INTERRUPTED, True)
    assert [reason.text for reason in story.reasons] == [outcome.NOT_FINISHED, outcome.STARTS_AGAIN]
    assert (story.clock.zone, story.clock.bias) == ("SE Asia Standard Time", "+07:00")


def test_logged_times_make_a_phase_sure_and_a_name_alone_does_not(tmp_path: Path, story: Story) -> None:
    persistence = story.phase(PhaseId.PERSISTENCE)
    assert persistence is not None
    assert persistence.confidence is Confidence.HIGH
    note = new(1, "/Users/lan/@Please_Read_Me@.txt", at("2017-05-12T08:00:00"))
    dormant = told_of(tmp_path, [note], [called(note, "note", Severity.SUSPICIOUS)])
    assert [phase.confidence for phase in dormant.phases] == [Confidence.LOW] * len(dormant.phases)
    assert dormant.outcome is Outcome.NOT_BEGUN


def test_a_full_pass_in_the_log_and_the_filler_after_it_make_it_finished(tmp_path: Path) -> None:
    when = at("2017-05-12T08:00:00")
    file = copied(1, f"{DESKTOP}/a.doc.WNCRY", when)
    filler = new(2, "/hibsys.WNCRYT", at("2017-05-12T08:30:00"), allocated=False)
    log = new(3, f"{HOME}/00000000.res", when)
    records = [
        encrypted(file),
        called(filler, "free-space-filler"),
        called(log, "progress"),
        fact(log, "wannacry.pass_finished", "2017-05-12T08:20:00.5Z"),
    ]
    story = told_of(tmp_path, [file, filler, log], records)
    assert (story.outcome, story.confidence, story.resumes) == (Outcome.FINISHED, Confidence.HIGH, False)
    assert [reason.text for reason in story.reasons] == [outcome.FINISHED, outcome.AFTER_PASS, outcome.NOTHING_STARTS]
    assert story.reasons[0].when == at("2017-05-12T08:20:00") + SECOND // 2


def test_contradictions_are_said(tmp_path: Path) -> None:
    loader = new(1, f"{HOME}/tasksche.exe", at("2017-05-12T09:00:00"))
    note = new(2, "/Data/@Please_Read_Me@.txt", at("2017-05-12T08:00:00"))
    file = copied(3, "/Data/a.doc.WNCRY", at("2017-05-12T08:30:00"))
    log = new(4, "/Windows/System32/winevt/Logs/System.evtx", at("2011-01-01T00:00:00"))
    records = [
        called(loader, "loader"),
        called(note, "note"),
        encrypted(file),
        fact(log, "wannacry.heartbeat", "2017-05-12T08:10:00Z"),
        fact(log, "wannacry.started", "2017-05-12T08:40:00Z"),
        fact(log, "wannacry.files_encrypted", "400"),
        event(log, at("2017-05-12T08:15:00"), "System clock was set", "System.evtx"),
        event(log, at("2017-05-13T08:15:00"), "Event log was cleared", "System.evtx"),
    ]
    story = told_of(tmp_path, [loader, note, file, log], records)
    assert [remark.text for remark in story.contradictions] == [
        contradictions.NOTES_FIRST,
        contradictions.ENCRYPTED_FIRST,
        contradictions.AFTER_HEARTBEAT,
        contradictions.LOG_LATE,
        contradictions.COUNTS_DIFFER,
        contradictions.CLOCK_SET,
        contradictions.LOG_CLEARED,
    ]
    assert story.contradictions[0].details == {"seconds": 3600}


def moved(log: Entry, when: str, step: float | None, image: str = "") -> Event:
    return event(log, at(when), "System clock was set", "System.evtx", step_seconds=step, image=image)


def test_a_clock_moved_after_the_attack_tells_by_how_much_it_was_off(tmp_path: Path) -> None:
    file = copied(1, "/Data/a.doc.WNCRY", at("2017-05-12T08:30:00"))
    log = new(2, "/Windows/System32/winevt/Logs/System.evtx", at("2011-01-01T00:00:00"))
    service = r"C:\Windows\System32\svchost.exe"
    records = [
        encrypted(file),
        moved(log, "2017-05-12T08:00:00", -40.0, service),  # before it
        moved(log, "2017-05-12T11:30:00", 7200.0, r"C:\Windows\System32\dllhost.exe"),
        moved(log, "2017-05-12T11:31:00", -2.5, service),
        moved(log, "2017-05-12T11:32:00", None),  # a record that does not say by how much
    ]
    skew = told_of(tmp_path, [file, log], records).clock.skew
    assert skew is not None
    assert (skew.seconds, skew.synchronised, skew.by) == (7197.5, True, service)
    assert isoformat(skew.since) == "2017-05-12T11:31:00Z"


def test_a_clock_set_back_after_the_attack_counts_though_its_record_lies_before(tmp_path: Path) -> None:
    file = copied(1, "/Data/a.doc.WNCRY", at("2017-05-12T08:30:00"))
    log = new(2, "/Windows/System32/winevt/Logs/System.evtx", at("2011-01-01T00:00:00"))
    records = [encrypted(file), moved(log, "2017-05-12T07:31:00", -3600.0, "person.exe")]
    skew = told_of(tmp_path, [file, log], records).clock.skew
    assert skew is not None
    assert (skew.seconds, skew.synchronised) == (-3600.0, False)


def test_a_step_that_two_logs_tell_counts_once(tmp_path: Path) -> None:
    file = copied(1, "/Data/a.doc.WNCRY", at("2017-05-12T08:30:00"))
    logs = [new(number, f"/Windows/{number}.evtx", at("2011-01-01T00:00:00")) for number in (2, 3)]
    records = [encrypted(file), *(moved(log, "2017-05-12T11:30:00", 7200.0) for log in logs)]
    skew = told_of(tmp_path, [file, *logs], records).clock.skew
    assert skew is not None
    assert skew.seconds == 7200.0


def test_without_such_a_record_the_skew_is_unknown(story: Story) -> None:
    assert story.clock.skew is None


@pytest.mark.parametrize(("passed", "said"), [("2017-05-12T08:01:00Z", []), ("", [contradictions.RAN_ON])])
def test_malware_that_waits_after_a_full_pass_contradicts_nothing(tmp_path: Path, passed: str, said: list[str]) -> None:
    when = at("2017-05-12T08:00:00")
    file = copied(1, "/Data/a.doc.WNCRY", when)
    log = new(2, f"{HOME}/00000000.res", when)
    facts = {"wannacry.heartbeat": "2017-05-12T12:00:00Z", "wannacry.pass_finished": passed}
    story = told_of(tmp_path, [file, log], [encrypted(file), *(fact(log, *pair) for pair in facts.items())])
    assert [remark.text for remark in story.contradictions] == said


def test_the_journal_too_knows_the_malwares_own_copy_of_the_note(tmp_path: Path) -> None:
    journal = new(1, "/$Extend/$UsnJrnl:$J", at("2011-01-01T00:00:00"))
    source = "$UsnJrnl:$J"
    records = [
        event(journal, at(f"2017-05-12T{when}"), what, source, parent=parent, indicator=indicator, family="wannacry")
        for when, what, parent, indicator in (
            ("08:00:00", "Known component created", 70, "loader"),
            ("08:00:01", "Ransom note created", 70, "note"),
            ("08:30:00", "Ransom note created", 71, "note"),
        )
    ]
    story = told_of(tmp_path, [journal], records)
    notes, drop = story.phase(PhaseId.NOTES), story.phase(PhaseId.DROP)
    assert notes is not None
    assert drop is not None
    assert notes.first == at("2017-05-12T08:30:00")
    assert drop.last == at("2017-05-12T08:00:01")


def test_an_old_registry_key_does_not_hide_the_logon_before_the_attack(tmp_path: Path) -> None:
    loader = new(1, f"{HOME}/tasksche.exe", at("2017-05-12T08:00:00"))
    hive = new(2, "/Windows/System32/config/SOFTWARE", at("2011-01-01T00:00:00"))
    run = "Microsoft\\Windows\\CurrentVersion\\Run"
    records = [
        replace(called(loader, "loader"), severity=Severity.INFECTED),
        event(
            hive,
            at("2017-05-01T00:00:00"),
            "Registry key with a value of a known family was written",
            "SOFTWARE",
            key=run,
        ),
        event(hive, at("2017-05-12T07:59:00"), "Logon over the network", "Security.evtx", address="10.0.0.7"),
    ]
    arrival = told_of(tmp_path, [loader, hive], records).phase(PhaseId.ARRIVAL)
    assert arrival is not None
    assert arrival.first == at("2017-05-12T07:59:00")


def test_encrypted_files_whose_time_nothing_tells_are_counted_and_not_dated(tmp_path: Path) -> None:
    old = at("2016-01-01T00:00:00")
    stick = new(1, "/a.doc.WNCRY", old, name_times=None, inode="")
    stick = Entry(id=stick.id, volume=0, path=stick.path, kind=stick.kind, times=stick.times)
    story = told_of(tmp_path, [stick], [encrypted(stick)])
    drives = story.phase(PhaseId.DRIVES)
    assert drives is not None
    assert drives.first is None
    assert [remark.text for remark in story.contradictions] == [contradictions.COPIED]
    assert story.rate is None


def test_an_untouched_machine_has_no_story(tmp_path: Path) -> None:
    file = new(1, "/a.txt", at("2016-01-01T00:00:00"))
    vss = event(file, at("2016-01-01T00:00:00"), "Shadow copies were lost", "System.evtx")
    story = told_of(tmp_path, [file], [vss])
    assert story.phases == ()
    assert story.outcome is Outcome.UNDETERMINED


def test_the_rate_counts_every_file_once_in_few_stretches() -> None:
    times = [at("2017-05-12T08:00:00") + number * 700_000_000 for number in range(3000)]
    rate = rate_of(times, [10] * len(times))
    assert rate is not None
    assert len(rate.stretches) <= STRETCHES
    assert sum(stretch.files for stretch in rate.stretches) + rate.outside == 3000
    assert sum(stretch.bytes for stretch in rate.stretches) == 30_000


def test_one_file_renamed_a_year_later_does_not_flatten_the_rate() -> None:
    times = [at("2017-05-12T08:00:00") + number * SECOND for number in range(100)] + [at("2018-05-12T08:00:00")]
    rate = rate_of(times, [1] * len(times))
    assert rate is not None
    assert (rate.width, rate.outside) == (1, 1)


def test_nothing_encrypted_has_no_rate() -> None:
    assert rate_of([], []) is None
