"""A machine with Windows' own records, through the command line: what happened is told to the second, and by whom."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache

import pytest

from samples_fake.build import build_image
from samples_fake.folder import build_folder
from samples_fake.scenes import SCENES, infected_windows
from samples_fake.scenes.infected_windows import ARRIVED, BEGUN, FOLDERS, PASSED, TAG, WHEN, Witness
from samples_fake.scenes.windows_records import CONFIG, LOGS
from tests.scanning import scan, triage
from triage.analysis.phases import PhaseId
from triage.model import UnixNs
from triage.outputs.catalogue import translate
from triage.times import in_vietnam, isoformat

pytestmark = pytest.mark.image

NAMED = {Witness.JOURNAL: "$UsnJrnl:$J", Witness.CHANGED: "$SI changed", Witness.NAMES: "$FN"}
SYSMON = "Microsoft-Windows-Sysmon%4Operational.evtx"


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """The disk, built once for each witness, and its case."""
    place = tmp_path_factory.mktemp("windows")

    @cache
    def scanned(witness):
        path = build_image(infected_windows.scene(witness), place / f"{witness.value}.img")
        return scan(path, case=place / witness.value)

    return scanned


@pytest.fixture(scope="module")
def infected(disk):
    """The case of the disk with a journal."""
    return disk(Witness.JOURNAL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same files as a copied tree: no journal, no `$FILE_NAME`."""
    place = tmp_path_factory.mktemp("folder")
    return scan(build_folder(SCENES["infected_windows"], place / "tree"), case=place / "case")


def timeline(scanned, form="csv"):
    code, text, errors = triage("timeline", scanned.case, "--as", form, "--lang", "en")
    assert (code, errors) == (0, "")
    return text


def rows(scanned):
    return list(csv.DictReader(io.StringIO(timeline(scanned).removeprefix("\N{BYTE ORDER MARK}"))))


def encryptions(scanned):
    """(path, time, source) of every row that says a file was encrypted."""
    found = [row for row in rows(scanned) if row["What"] == "File encrypted"]
    return [(row["Path"], row["Time (UTC)"], row["Source"]) for row in found]


def events(scanned):
    """What was told, by path and source, without what only says where its entry lies."""
    return [
        (row["Time (UTC)"], row["What"], row["Source"], row["Path"], row["Details"])
        for row in rows(scanned)
        if row["Meaning"] == "Event"
    ]


def second(when):
    return isoformat(UnixNs(when // 1_000_000_000 * 1_000_000_000))


@pytest.fixture(params=["disk", "folder"])
def anyhow(request, infected, folder):
    return infected if request.param == "disk" else folder


def test_both_services_are_found_where_windows_logged_them(anyhow):
    found = {
        (one["title"], one["details"].get("event"), one["details"].get("service"))
        for one in anyhow.findings
        if one["path"] == f"{LOGS}/System.evtx" and one["severity"] == "infected"
    }
    services = {(event, service) for _, event, service in found}
    assert services >= {(7045, "Microsoft Security Center (2.0) Service"), (7045, TAG)}


def test_the_registry_starts_it_by_service_and_by_run_value(anyhow):
    seen = {
        (one["path"].rpartition("/")[2], one["indicator"]) for one in anyhow.findings if one["detector"] == "registry"
    }
    assert seen >= {("SYSTEM", "service-worm"), ("SYSTEM", "service-loader"), ("SOFTWARE", "registry-run")}


def test_what_ran_is_found_in_prefetch(anyhow):
    programs = {
        (one["details"]["program"], one["severity"]) for one in anyhow.findings if one["detector"] == "prefetch"
    }
    assert programs == {("MSSECSVC.EXE", "infected"), ("TASKSCHE.EXE", "infected"), ("TASKDL.EXE", "suspicious")}


def test_the_tag_is_that_of_this_computer(anyhow):
    assert anyhow.summary["facts"]["wannacry.tag"] == "evmdthrukdvwcqn063"
    (own,) = [one for one in anyhow.findings if one["detector"] == "tag"]
    assert (own["indicator"], own["severity"], own["confidence"]) == (TAG, "infected", "high")
    assert own["details"] == {"computer": "DESKTOP-V5VC9B3"}


def test_the_facts_are_those_of_the_machine(anyhow):
    facts = anyhow.summary["facts"]
    wanted = SCENES["infected_windows"].expected.facts
    assert {name: facts.get(name) for name in wanted} == dict(wanted)
    assert (anyhow.verdict, anyhow.code, anyhow.gaps) == ("encrypted", 1, [])


@pytest.mark.parametrize("witness", Witness)
def test_every_encryption_is_told_to_the_second_by_its_source(disk, witness):
    wanted = [(path, second(when), NAMED[witness]) for path, when in WHEN.items()]
    assert sorted(encryptions(disk(witness))) == sorted(wanted)


@pytest.mark.parametrize("witness", [Witness.JOURNAL, Witness.CHANGED])
def test_copied_times_are_given_to_the_original(disk, witness):
    own = [
        row for row in rows(disk(witness)) if row["Path"] in WHEN and row["Meaning"] != "Event" and "M" in row["MACB"]
    ]
    told = {row["Path"]: row for row in own if row["Source"] == "$SI"}
    assert set(told) == set(WHEN)
    for path, row in told.items():
        assert row["Time (UTC)"] == isoformat(infected_windows.original(path).modified)
        assert row["Meaning"] == "Times of the original, copied by the malware"


def test_times_that_were_all_forged_belong_to_no_phase(disk):
    forged = [row for row in rows(disk(Witness.NAMES)) if row["Path"] in WHEN and row["Source"] == "$SI"]
    assert len(forged) == len(WHEN)
    assert {(row["MACB"], row["Phase"]) for row in forged} == {("MACB", "")}


def test_later_changes_of_rights_do_not_move_what_the_journal_tells(infected):
    late = isoformat(infected_windows.SHARED_AGAIN)
    moved = {row["Path"] for row in rows(infected) if row["Time (UTC)"] == late and row["Path"] in WHEN}
    assert moved == {path for path in WHEN if path.startswith(FOLDERS[3][0])}
    assert max(when for _, when, _ in encryptions(infected)) == second(max(WHEN.values()))


def test_a_copied_tree_does_not_know_when_files_were_encrypted(folder):
    assert encryptions(folder) == []
    triage("report", folder.case, "--as", "report.html", "--lang", "en")
    assert "Encrypted files whose real time nothing tells" in (folder.case / "report.html").read_text("utf-8")


@pytest.mark.parametrize("witness", Witness)
def test_the_story_crosses_midnight_in_vietnam_and_not_in_utc(disk, witness):
    scanned = disk(witness)
    assert triage("report", scanned.case, "--as", "report.html", "--lang", "en")[0] == 0
    story = (scanned.case / "report.html").read_text("utf-8").partition('id="story"')[2].partition("</section>")[0]
    for when in (ARRIVED, BEGUN, PASSED, max(WHEN.values()), infected_windows.COURSE.shadow_copies):
        if when != max(WHEN.values()):  # the end of the drives' phase is the end of the pass
            assert isoformat(when) in story
            assert f"{in_vietnam(when)} (UTC+7)" in story
    assert (in_vietnam(BEGUN), in_vietnam(PASSED)) == ("23:30:12 12/05/2017", "00:35:47 13/05/2017")
    assert f"by {NAMED[witness]}" in story
    assert "No contradiction was found between the sources." in story
    assert "SE Asia Standard Time (UTC+07:00)" in story


def test_phases_are_in_the_order_in_which_the_malware_acts(infected):
    first: dict[str, str] = {}
    for row in rows(infected):
        if row["Phase"] and row["Meaning"] == "Event":
            first.setdefault(row["Phase"], row["Time (UTC)"])
    course = ("arrival", "drop", "user-folders", "drives", "shadow-copies", "filler", "last-activity")
    worded = [translate(phase, "en", "phase") for phase in course]
    assert sorted(worded, key=first.__getitem__) == worded
    assert first[worded[2]] == isoformat(BEGUN)
    assert set(first) == {translate(phase.value, "en", "phase") for phase in PhaseId}


@pytest.mark.skipif(shutil.which("mactime") is None, reason="needs mactime of the Sleuth Kit")
def test_mactime_reads_every_line_of_the_bodyfile(infected):
    body = timeline(infected, "bodyfile")
    done = subprocess.run(
        ["mactime", "-b", "-", "-d", "-y", "-z", "UTC"], input=body.encode(), capture_output=True, check=True
    )
    assert done.stderr == b""
    read = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    wanted = {
        (when, name)
        for line in body.splitlines()
        for _, name, *_, a, m, c, b in [line.split("|")]
        for when in {a, m, c, b} - {"0"}
    }
    assert {row["Date"] for row in read} == {
        datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for when, _ in wanted
    }
    told = {(row["Date"], row["File Name"].partition(": ")[0]) for row in read}
    assert (isoformat(ARRIVED), "[System.evtx] Service was installed") in told


def test_the_same_events_whichever_container_holds_the_disk(infected, folder, tmp_path):
    ewf = scan(build_image(SCENES["infected_windows"], tmp_path / "disk", fmt="e01"), case=tmp_path / "case")
    assert ewf.findings_file == infected.findings_file
    assert timeline(ewf) == timeline(infected)
    assert timeline(ewf, "bodyfile") == timeline(infected, "bodyfile")
    kept = [
        one for one in events(infected) if one[2] != "$UsnJrnl:$J" and one[1] != "Shortcut to a known component made"
    ]
    assert events(folder) == kept  # a copied tree has neither journal nor birth of files


def test_the_report_groups_what_is_known_of_the_computer(infected):
    page = (infected.case / "report.html").read_text("utf-8")
    about = page.partition('id="facts"')[2].partition("</section>")[0]
    order = [about.index(title) for title in ("MS17-010, SMBv1 and firewall", "Computer and users", "Event logs of")]
    assert order == sorted(order)
    for name, value in infected.summary["facts"].items():
        if name.endswith((".computers", ".records", ".version", ".name")):
            assert value.split(" | ")[0] in about
    assert "log." not in about


def test_a_patched_machine_without_a_trace_is_told_so(tmp_path):
    scene = SCENES["patched_windows"]
    scanned = scan(build_image(scene, tmp_path / "disk.img"), case=tmp_path / "case")
    assert (scanned.verdict, scanned.code, scanned.gaps) == ("nothing-found", 0, [])
    facts = scanned.summary["facts"]
    assert (facts["patch.ms17_010"], facts["smb1.server"]) == ("patched", "disabled")
    assert facts["patch.reason"] == "srv.sys has the fix"
    assert "KB4012215" in facts["patch.updates"]
    assert json.loads((scanned.case / "summary.json").read_bytes())["counts"]["infected"] == 0


def test_records_of_the_machine_lie_where_windows_keeps_them(infected):
    paths = {entry.path for entry in infected.entries}
    assert paths >= {f"{CONFIG}/SAM", f"{LOGS}/{SYSMON}", "/$Extend/$UsnJrnl:$J", "/$Extend/$UsnJrnl:$Max"}
