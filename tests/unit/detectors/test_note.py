from __future__ import annotations

import hashlib
import unicodedata

import pytest

from tests.contents import records
from triage.detectors.note import NOTE_MAX, Note
from triage.model import Level

DETECTOR = Note()

NOTE = "All your files have been ENCRYPTED.\r\nBuy bitcoin, open our site in Tor Browser, do not rename anything.\r\n"
VIETNAMESE = (
    "Dữ liệu của bạn đã bị mã hóa. Muốn giải mã, hãy trả tiền chuộc; liên hệ trong 3 ngày, không được đổi tên tệp.\r\n"
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((NOTE, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le")),
        *((VIETNAMESE, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16")),
    ],
)
def test_a_note_is_observed_by_its_hash(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    (fact,) = records(DETECTOR, "/Users/lan/README.txt", data)
    assert (fact.name, fact.value) == ("observed.note", hashlib.sha256(data).hexdigest())


def test_a_decomposed_vietnamese_note_reads_the_same() -> None:
    assert records(DETECTOR, "/a.txt", unicodedata.normalize("NFD", VIETNAMESE).encode())


def test_the_hash_is_of_the_whole_text_at_any_depth() -> None:
    data = (NOTE + " " * 10_000).encode()
    (fact,) = records(DETECTOR, "/a.txt", data, Level.HEAD)
    assert fact.value == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "Our backup tool encrypts your files with AES before it uploads them. Nothing else is needed for that.",
        "Bitcoin and Tor Browser: what they are, and why the police reads about them in the news every day now.",
        "Encryption, decryption and the mathematics behind public keys: a course in twelve lectures. Do not try this.",
        "Chào bạn, đây là báo cáo tháng của phòng. Dữ liệu của bạn được lưu trên máy chủ, liên hệ khi cần hỗ trợ.",
    ],
)
def test_texts_of_one_or_two_subjects_are_not_notes(text: str) -> None:
    assert records(DETECTOR, "/a.txt", text.encode()) == []


def test_large_and_binary_files_are_not_read() -> None:
    assert records(DETECTOR, "/a.txt", NOTE.encode().ljust(NOTE_MAX + 1)) == []
    assert records(DETECTOR, "/a.bin", b"\0\1\2\3" + NOTE.encode()) == []
