from __future__ import annotations

from struct import pack

import pytest

from tests.contents import records
from triage.detectors.encrypted import COMPONENT, DAMAGED, DECOY, FILLER, MOVED, TITLES, Encrypted, user_of
from triage.model import Confidence, Kind, Macb, Severity, UnixNs

DETECTOR = Encrypted()


def container(original: int, *, kind: int = 4, body: int | None = None) -> bytes:
    size = (original + 15) // 16 * 16 if body is None else body
    return b"WANACRY!" + pack("<I", 256) + b"k" * 256 + pack("<IQ", kind, original) + b"c" * size


def one(path: str, data: bytes, **more: object):
    (finding,) = records(DETECTOR, path, data, **more)
    assert finding.title in TITLES
    assert finding.family == "wannacry"
    return finding


def test_an_encrypted_file_is_found_and_described() -> None:
    finding = one("/Users/Lan/Desktop/Báo cáo.DOCX.WNCRY", container(1000))
    assert (finding.severity, finding.confidence, finding.attack) == (Severity.ENCRYPTED, Confidence.HIGH, ("T1486",))
    assert finding.details == {
        "state": "valid",
        "type": 4,
        "original_size": 1000,
        "encrypted_at": None,
        "recovery": "lost-without-key",
        "original_extension": "docx",
        "user": "Lan",
        "expected_size": 280 + 1008,
        "component": False,
    }


@pytest.mark.parametrize("path", ["/a.txt", "/a", "/x.WNCRY", "/a.jpg:hidden"])
def test_the_header_counts_whatever_the_name(path: str) -> None:
    kind = Kind.STREAM if ":" in path else Kind.FILE
    assert one(path, container(64), kind=kind).details["state"] == "valid"


@pytest.mark.parametrize(
    ("path", "data", "state", "recovery"),
    [
        ("/a.doc.WNCRY", container(1000, body=500), "truncated", "lost-without-key"),
        ("/a.doc.WNCRY", container(1000)[:100], "truncated", "lost-without-key"),
        ("/a.doc.WNCRYT", container(1000, body=500), "partial", "original-present"),
        ("/a.doc.WNCRY", container(1000, body=5000), "partial", "lost-without-key"),
        ("/a.vhd.WNCYR", container(100, kind=3, body=70000), "staged", "recoverable-without-key"),
        ("/a.vhd.WNCYR", container(1 << 30, kind=3, body=10), "staged", "partly-recoverable-without-key"),
    ],
)
def test_a_container_says_how_complete_it_is(path: str, data: bytes, state: str, recovery: str) -> None:
    finding = one(path, data)
    assert finding.severity is Severity.ENCRYPTED
    assert (finding.details["state"], finding.details["recovery"]) == (state, recovery)


def test_the_time_of_encryption_is_the_one_that_cannot_be_set() -> None:
    times = Macb(modified=UnixNs(0), changed=UnixNs(1494632976_000000000))
    assert (
        one("/a.WNCRY", container(9), times=times, name_times=Macb()).details["encrypted_at"] == "2017-05-12T23:49:36Z"
    )
    assert one("/a.WNCRY", container(9), times=times).details["encrypted_at"] is None


def test_the_encryptors_own_container_is_a_component() -> None:
    finding = one("/ProgramData/evmdthrukdvwcqn063/t.wnry", container(65536))
    assert (finding.title, finding.severity) == (COMPONENT, Severity.INFECTED)
    assert finding.details["component"] is True


@pytest.mark.parametrize("path", ["/a.docx.WNCRY", "/a.WNCYR", "/a.wcry", "/a.WNCRYT"])
def test_a_name_without_content_is_a_decoy(path: str) -> None:
    finding = one(path, b"")
    assert (finding.title, finding.severity, finding.confidence) == (DECOY, Severity.SUSPICIOUS, Confidence.LOW)
    assert (finding.details["state"], finding.details["recovery"]) == ("decoy", "none-needed")


def test_a_name_with_other_content_is_a_decoy() -> None:
    assert one("/a.docx.WNCRY", b"Just a text, nothing else.").title == DECOY


@pytest.mark.parametrize("path", ["/Users/lan/AppData/Local/Temp/17.WNCRYT", "/$RECYCLE/3.WNCRYT"])
def test_a_moved_original_is_not_called_encrypted(path: str) -> None:
    finding = one(path, b"%PDF-1.7 an original")
    assert (finding.title, finding.severity) == (MOVED, Severity.SUSPICIOUS)
    assert (finding.details["recovery"], finding.details["content_type"]) == ("original-present", "pdf")


def test_the_filler_is_told_from_moved_originals() -> None:
    finding = one("/Users/lan/AppData/Local/Temp/hibsys.WNCRYT", b"\x55" * 8192)
    assert (finding.title, finding.confidence) == (FILLER, Confidence.MEDIUM)


def test_a_mark_in_a_text_is_no_container() -> None:
    finding = one("/article.txt", b"WANACRY! is what the first eight bytes say. " * 20)
    assert (finding.title, finding.severity, finding.confidence) == (DAMAGED, Severity.SUSPICIOUS, Confidence.LOW)


def test_what_was_deleted_is_less_certain() -> None:
    finding = one("/a.WNCRY", container(9), allocated=False)
    assert (finding.confidence, finding.details["deleted"]) == (Confidence.MEDIUM, True)
    assert one("/1.WNCRYT", b"overwritten", allocated=False).confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("path", "data"), [("/a.docx", b"PK\x03\x04" + bytes(99)), ("/WANACRY!.txt", b"text" * 9), ("/b", b"")]
)
def test_ordinary_files_are_silent(path: str, data: bytes) -> None:
    assert records(DETECTOR, path, data) == []


def test_folders_are_not_asked() -> None:
    assert records(DETECTOR, "/a.WNCRY", b"", kind=Kind.FOLDER) == []


@pytest.mark.parametrize(
    ("path", "user"),
    [
        ("/Users/Lan/a.txt", "Lan"),
        ("/Documents and Settings/Anh Tú/Desktop/a", "Anh Tú"),
        ("/Users/desktop.ini", None),
        ("/Windows/Users/x/a", None),
        ("/a", None),
    ],
)
def test_a_profile_names_its_user(path: str, user: str | None) -> None:
    assert user_of(path) == user
