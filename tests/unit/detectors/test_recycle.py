"""What the Recycle Bin tells."""

from __future__ import annotations

import pytest

from samples_fake.recycle import build_info2, build_item
from tests.contents import entry_of, records
from triage.detectors.recycle import EVENTS, TITLES, RecycleBin
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Confidence, Event, Finding, Level, UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
BIN = "/$Recycle.Bin/S-1-5-21-1-2-3-1001/"


@pytest.fixture(scope="module")
def detector() -> RecycleBin:
    return RecycleBin(load_intel())


def test_a_deleted_file_is_an_event_at_its_deletion(detector: RecycleBin) -> None:
    data = build_item("C:\\Users\\Lan\\a.docx", 77, NOON)
    (event,) = records(detector, BIN + "$IABC123.docx", data, Level.HEAD)
    assert (event.when, event.what in EVENTS) == (NOON, True)
    assert event.details == {"path": "C:\\\\Users\\\\Lan\\\\a.docx", "size": 77, "user": "S-1-5-21-1-2-3-1001"}


@pytest.mark.parametrize(
    ("name", "confidence"), [("a.docx.WNCRY", Confidence.LOW), ("@WanaDecryptor@.exe", Confidence.MEDIUM)]
)
def test_a_file_of_a_family_is_a_finding(detector: RecycleBin, name: str, confidence: Confidence) -> None:
    data = build_item(f"C:\\Users\\Lan\\{name}", 77, NOON)
    event, finding = records(detector, BIN + "$IABC123.x", data)
    assert isinstance(event, Event)
    assert isinstance(finding, Finding)
    assert (finding.title in TITLES, finding.family, finding.confidence) == (True, "wannacry", confidence)
    assert finding.details["deleted_at"] == "2017-05-12T12:00:00Z"


def test_the_list_of_windows_xp_gives_one_event_a_file(detector: RecycleBin) -> None:
    data = build_info2([("C:\\a.doc", 1, NOON), ("D:\\b.doc", 2, NOON)])
    events = records(detector, "/RECYCLER/S-1-5-21-1-2-3-500/INFO2", data)
    assert [(event.details["path"], event.details["index"]) for event in events] == [
        ("C:\\\\a.doc", 0),
        ("D:\\\\b.doc", 1),
    ]


@pytest.mark.parametrize("path", [BIN + "$RABC123.docx", "/$RECYCLE/1.WNCRYT", "/a/$I30", BIN + "desktop.ini"])
def test_other_files_of_the_bin_are_left_alone(detector: RecycleBin, path: str) -> None:
    assert not detector.wants(entry_of(path))


def test_damage_is_said(detector: RecycleBin) -> None:
    with pytest.raises(FormatError):
        records(detector, BIN + "$IABC123", b"\x09" * 40)
    assert records(detector, BIN + "$IABC123", b"\x09" * 40, allocated=False) == [], "its bytes may be another's by now"
