"""Prevention and going back to the network: each answer with its proof, and never "met" without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples_fake.build import build_image
from samples_fake.images import demo_image
from samples_fake.scenes import SCENES
from tests.dossiers import EVIDENCE, infected_dossier, make_dossier, make_found
from tests.scanning import scan
from triage.analysis.criteria import State
from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.prevention import measures
from triage.analysis.reconnection import CHECKS, Answer, may_reconnect
from triage.intel.checklists import load_criteria
from triage.intel.roots import rules_root
from triage.model import Confidence, Entry, EntryId, Gap, GapReason, Severity

GOOD = {
    "registry.control_set": "ControlSet001",
    "services.count": "180",
    "os.build": "7601",
    "patch.ms17_010": "patched",
    "srv.sys.version": "6.1.7601.23689",
    "smb1.server": "disabled",
    "firewall.smb_inbound": "blocked",
    "firewall.netbios_inbound": "blocked",
    "backup.apart": "yes",
}


def sound(**facts: str) -> Dossier:
    """A machine that meets every criterion; facts replace those named, an empty one removes it."""
    told = {
        name: value for name, value in (GOOD | {key.replace("__", "."): v for key, v in facts.items()}).items() if value
    }
    return make_dossier(VerdictLevel.NOTHING_FOUND, entries=500, facts=told, arguments={"depth": "standard"})


def state(dossier: Dossier, criterion: str) -> State:
    return next(one.state for one in may_reconnect(dossier).criteria if one.id == criterion)


def start(**fields: object) -> Dossier:
    given = {"detector": "registry", "indicator": "registry-run", "confidence": Confidence.HIGH, **fields}
    found = make_found(1, "/Users/an/NTUSER.DAT", Severity.INFECTED, "Start entry of a known family", **given)
    return replace(sound(), findings=lambda: iter([found]))


def test_a_machine_that_meets_everything_may_go_back() -> None:
    answer = may_reconnect(sound())
    assert answer.answer is Answer.YES
    assert answer.count(State.MET) == len(CHECKS) == 9
    assert all(one.proofs for one in answer.criteria)


@pytest.mark.parametrize(
    ("criterion", "fact", "bad"),
    [
        ("patched", "patch.ms17_010", "vulnerable"),
        ("smb1-off", "smb1.server", "enabled"),
        ("smb-blocked", "firewall.smb_inbound", "open"),
        ("smb-blocked", "firewall.netbios_inbound", "open"),
        ("backup-apart", "backup.apart", "no"),
    ],
)
def test_a_fact_decides_and_its_absence_is_no_proof(criterion: str, fact: str, bad: str) -> None:
    name = fact.replace(".", "__")
    assert state(sound(**{name: bad}), criterion) is State.NOT_MET
    assert may_reconnect(sound(**{name: bad})).answer is Answer.NO
    for doubt in ("", "undetermined", f"{GOOD[fact]} | undetermined", "anything"):
        assert state(sound(**{name: doubt}), criterion) is State.NOT_EXAMINED
        assert may_reconnect(sound(**{name: doubt})).answer is Answer.UNDETERMINED
    assert state(sound(**{name: f"{GOOD[fact]} | {bad}"}), criterion) is State.NOT_MET


@given(
    st.dictionaries(
        st.sampled_from(sorted(GOOD)), st.sampled_from(["", "undetermined", "enabled", "vulnerable", "open", "no"])
    )
)
def test_nothing_is_met_without_a_fact_that_says_so(facts: dict[str, str]) -> None:
    dossier = make_dossier(VerdictLevel.NOTHING_FOUND, entries=500, facts=facts, arguments={"depth": "standard"})
    met = {one.id for one in may_reconnect(dossier).criteria if one.state is State.MET}
    read = all(name in facts for name in ("registry.control_set", "services.count", "os.build"))
    assert met <= {"no-component", "explained", "examined", "unchanged"} | ({"no-persistence"} if read else set())
    assert may_reconnect(dossier).answer is not Answer.YES


def test_what_starts_the_malware_keeps_the_machine_off() -> None:
    assert state(start(), "no-persistence") is State.NOT_MET
    task = start(detector="tasks", indicator="loader")
    assert state(task, "no-persistence") is State.NOT_MET
    assert state(start(details={"live": False}), "no-persistence") is State.MET  # an older hive's


@pytest.mark.parametrize("missing", ["registry.control_set", "services.count", "os.build"])
def test_no_start_entry_in_a_registry_that_was_not_read_proves_nothing(missing: str) -> None:
    assert state(sound(**{missing.replace(".", "__"): ""}), "no-persistence") is State.NOT_EXAMINED


def test_a_registry_not_fully_written_proves_nothing() -> None:
    assert state(sound(registry__dirty="SYSTEM"), "no-persistence") is State.NOT_EXAMINED


def test_a_part_of_the_malware_counts_only_where_it_still_lies() -> None:
    found = make_found(1, "/a.exe", Severity.INFECTED, "Known malicious file (hash)", confidence=Confidence.HIGH)
    there = replace(sound(), findings=lambda: iter([found]))
    deleted = replace(found, entry=replace(found.entry, allocated=False))
    log = replace(found, finding=replace(found.finding, detector="event_logs"))
    assert state(there, "no-component") is State.NOT_MET
    assert state(replace(there, findings=lambda: iter([deleted, log])), "no-component") is State.MET


def gapped() -> Dossier:
    entry = Entry(id=EntryId(1), volume=0, path="/x", kind=infected_kind())
    gap = Gap(entry=EntryId(1), stage="read", reason=GapReason.UNREADABLE, detail="")
    return make_dossier(
        VerdictLevel.INCONCLUSIVE, gaps=[(entry, gap)], entries=500, facts=GOOD, arguments={"depth": "standard"}
    )


def infected_kind() -> object:
    return next(infected_dossier(files=1).findings()).entry.kind


def test_one_gap_takes_the_proof_from_everything_that_needs_the_whole() -> None:
    for criterion in ("no-persistence", "no-component", "explained"):
        assert state(gapped(), criterion) is State.NOT_EXAMINED
    assert state(gapped(), "examined") is State.NOT_MET


def test_a_quick_look_and_a_scan_cut_off_prove_nothing() -> None:
    quick = replace(sound(), arguments={"depth": "quick"})
    assert {state(quick, one) for one in ("examined", "no-component", "explained", "no-persistence")} == {
        State.NOT_EXAMINED
    }
    assert state(replace(sound(), finished=False), "examined") is State.NOT_MET


def test_the_evidence_must_be_what_it_was() -> None:
    changed = replace(EVIDENCE, fingerprint_after="other")
    assert state(replace(sound(), evidence=changed), "unchanged") is State.NOT_MET
    folder = replace(EVIDENCE, fingerprint_before="", fingerprint_after="")
    assert state(replace(sound(), evidence=folder), "unchanged") is State.NOT_EXAMINED


def measured(dossier: Dossier) -> dict[str, str]:
    return {one.id: one.state.value for one in measures(dossier, load_criteria(rules_root(), "prevention"))}


def test_measures_that_no_disk_can_answer_are_never_done() -> None:
    told = measured(sound(firewall__domain="enabled", firewall__private="enabled", firewall__public="enabled"))
    for by_hand in ("block-list", "mail-care", "antivirus", "reporting-line"):
        assert told.pop(by_hand) == "not-examined"
    assert set(told.values()) == {"met"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "not-examined"),
        ({"firewall.domain": "enabled", "firewall.private": "enabled"}, "not-examined"),
        ({"firewall.domain": "enabled", "firewall.private": "enabled", "os.version": "5.1"}, "met"),
        ({"firewall.domain": "enabled", "firewall.private": "disabled"}, "not-met"),
        (
            {f"firewall.{one}": "disabled" for one in ("domain", "private", "public")}
            | {f"firewall.policy.{one}": "enabled" for one in ("domain", "private", "public")},
            "met",
        ),
    ],
)
def test_the_firewall_is_on_where_every_profile_is(facts: dict[str, str], expected: str) -> None:
    assert measured(make_dossier(entries=1, facts=facts))["firewall-on"] == expected


# -- real scans of fakes ----------------------------------------------------------------------------------------------


def test_the_demo_disk_may_not_go_back(tmp_path: Path) -> None:
    told = scan(demo_image(tmp_path / "demo.img"), case=tmp_path / "case").summary["reconnection"]
    states = {name: one["state"] for name, one in told["criteria"].items()}
    assert told["answer"] == "no"
    for broken in ("no-persistence", "no-component", "explained", "patched", "smb1-off"):
        assert states[broken] == "not-met", broken
    assert states["examined"] == states["unchanged"] == "met"
    assert states["backup-apart"] == "not-examined"
    assert "srv.sys.version: 6.1.7601.17514" in told["criteria"]["patched"]["evidence"]


@pytest.mark.image
def test_a_patched_machine_lacks_only_what_the_disk_cannot_tell(tmp_path: Path) -> None:
    image = build_image(SCENES["patched_windows"], tmp_path / "disk.img")
    told = scan(image, case=tmp_path / "case").summary["reconnection"]
    met = {name for name, one in told["criteria"].items() if one["state"] == "met"}
    assert met == set(CHECKS) - {"smb-blocked", "backup-apart"}
    assert told["answer"] != "yes"
