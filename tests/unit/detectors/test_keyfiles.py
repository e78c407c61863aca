from __future__ import annotations

import random
from struct import pack

import pytest

from tests.contents import entry_of, records
from tests.wannacry_files import config, private, progress, public, record
from triage.detectors.keyfiles import EVENTS, FACTS, MISNAMED, TITLES, KeyFiles
from triage.model import Confidence, Event, Fact, Finding, Kind, Level, Severity

DETECTOR = KeyFiles()
BATCH = (
    b'@echo off\r\necho SET ow = WScript.CreateObject("WScript.Shell")> m.vbs\r\n'
    b"cscript.exe //nologo m.vbs\r\ndel m.vbs\r\n"
)


def told(name: str, data: bytes, **more: object) -> tuple[Finding, dict[str, str], dict[str, int]]:
    """The finding, the facts and the events of one file."""
    found = records(DETECTOR, f"/ProgramData/evmdthrukdvwcqn063/{name}", data, **more)
    (finding,) = (item for item in found if isinstance(item, Finding))
    facts = {item.name: item.value for item in found if isinstance(item, Fact)}
    events = {item.what: item.when for item in found if isinstance(item, Event)}
    assert finding.title in TITLES
    assert set(facts) <= set(FACTS)
    assert set(events) <= set(EVENTS)
    return finding, facts, events


def test_the_progress_log_becomes_facts_and_events() -> None:
    finding, facts, events = told("00000000.res", progress(finished=1494639000))
    assert (finding.severity, finding.confidence) == (Severity.INFECTED, Confidence.MEDIUM)
    assert facts == {
        "wannacry.victim_id": "01" * 8,
        "wannacry.started": "2017-05-12T23:49:36Z",
        "wannacry.heartbeat": "2017-05-13T01:46:40Z",
        "wannacry.pass_finished": "2017-05-13T01:30:00Z",
        "wannacry.files_encrypted": "12",
        "wannacry.bytes_encrypted": "3456",
    }
    assert sorted(events.values()) == [1494632976 * 10**9, 1494639000 * 10**9, 1494640000 * 10**9]


def test_an_unfinished_pass_has_neither_fact_nor_event() -> None:
    _, facts, events = told("00000000.res", progress())
    assert "wannacry.pass_finished" not in facts
    assert len(events) == 2


def test_the_settings_tell_the_wallet() -> None:
    finding, facts, events = told("c.wnry", config())
    assert finding.severity is Severity.INFECTED
    assert facts["wannacry.wallet"] == "13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94"
    assert facts["wannacry.onions"] == "gx7ekbenv2riucmf.onion 57g7spgrzlojinas.onion"
    assert list(events.values()) == [1494632976 * 10**9]


def test_public_and_private_key_share_a_fingerprint() -> None:
    _, public_facts, _ = told("00000000.pky", public())
    finding, private_facts, _ = told("00000000.dky", private())
    assert private_facts["wannacry.private_key"] == "valid"
    assert private_facts["wannacry.private_key_modulus_sha256"] == public_facts["wannacry.key_modulus_sha256"]
    assert finding.severity is Severity.INFECTED


def test_wrapped_keys_are_counted_at_any_depth() -> None:
    data = b"".join(record(seed) for seed in range(4))
    assert told("00000000.eky", data)[1] == {"wannacry.wrapped_keys": "4"}
    (finding, fact) = records(DETECTOR, "/00000000.eky", data, Level.HEAD)
    assert (finding.details, fact.value) == ({"records": 4}, "4")


def test_demo_files_are_listed() -> None:
    _, facts, _ = told("f.wnry", b"C:\\Users\\lan\\a.jpg\r\nC:\\b.doc\r\n")
    assert facts["wannacry.demo_files"] == "C:\\Users\\lan\\a.jpg\nC:\\b.doc"


def test_the_batch_files_name_gives_the_time() -> None:
    finding, _, events = told("274901494632976.bat", BATCH)
    assert finding.attack == ("T1059.003",)
    assert list(events.values()) == [1494632976 * 10**9]


def test_the_note_template_is_known() -> None:
    assert told("r.wnry", b"Q:  What's wrong?\r\n%s %s %s\r\n")[0].severity is Severity.INFECTED


@pytest.mark.parametrize(
    "name", ["00000000.pky", "00000000.eky", "00000000.dky", "00000000.res", "c.wnry", "f.wnry", "r.wnry"]
)
@pytest.mark.parametrize("data", [b"", b"a shopping list", random.Random(1).randbytes(276)])
def test_the_familys_own_name_with_other_content_is_suspicious(name: str, data: bytes) -> None:
    (finding,) = records(DETECTOR, f"/x/{name}", data)
    assert (finding.title, finding.severity, finding.confidence) == (MISNAMED, Severity.SUSPICIOUS, Confidence.LOW)


@pytest.mark.parametrize("name", ["12345678.res", "20240101120000.bat", "00000007.eky"])
def test_a_name_that_others_use_too_is_silent_without_the_content(name: str) -> None:
    assert records(DETECTOR, f"/build/{name}", b"echo hello") == []


@pytest.mark.parametrize("path", ["/c.wnry.bak", "/t.wnry", "/000000000.res", "/a.bat", "/00000000.res/x"])
def test_other_names_are_not_asked(path: str) -> None:
    assert not DETECTOR.wants(entry_of(path, bytes(136)))


def test_a_folder_of_that_name_is_not_asked() -> None:
    assert not DETECTOR.wants(entry_of("/00000000.res", kind=Kind.FOLDER))


def test_a_huge_file_of_that_name_is_not_read() -> None:
    (finding,) = records(DETECTOR, "/00000000.eky", pack("<I", 0x500) * 100_000)
    assert finding.title == MISNAMED


def test_a_deleted_file_may_hold_anothers_bytes() -> None:
    finding, _, _ = told("00000000.pky", public(), allocated=False)
    assert (finding.confidence, finding.details["deleted"]) == (Confidence.LOW, True)
