from __future__ import annotations

import random

import pytest

from samples_fake.pe import FakePe, build_pe
from tests.contents import records
from triage.detectors.type import DOUBLE, PRETENDS, RANDOM, REVERSED, TITLES, Type
from triage.model import Confidence, Fact, Finding, Severity

DETECTOR = Type()
PROGRAM = build_pe(FakePe())
NOISE = random.Random(7).randbytes(8192)


@pytest.mark.parametrize(
    ("path", "title", "technique"),
    [
        ("/Users/lan/Ảnh.jpg", PRETENDS, "T1036.008"),
        ("/Users/lan/Báo cáo.docx", PRETENDS, "T1036.008"),
        ("/Users/lan/đọc.txt", PRETENDS, "T1036.008"),
        ("/Users/lan/invoice.pdf.exe", DOUBLE, "T1036.007"),
        ("/Users/lan/invoice.pdf      .scr", DOUBLE, "T1036.007"),
        ("/Users/lan/\\u202exslx.exe", REVERSED, "T1036.002"),
    ],
)
def test_a_program_dressed_as_a_document_is_suspicious(path: str, title: str, technique: str) -> None:
    (finding,) = records(DETECTOR, path, PROGRAM)
    assert (finding.title, finding.severity, finding.attack) == (title, Severity.SUSPICIOUS, (technique,))
    assert finding.title in TITLES
    assert "PE32 executable" in finding.details["magic"]


def test_a_script_behind_a_documents_extension_is_suspicious() -> None:
    (finding,) = records(DETECTOR, "/hoá đơn.pdf.vbs", b'MsgBox "harmless"\r\n')
    assert finding.title == DOUBLE


@pytest.mark.parametrize("extension", ["docx", "xls", "pdf", "jpg", "mp4", "zip"])
def test_a_document_of_noise_is_information_and_an_observation(extension: str) -> None:
    fact, finding = records(DETECTOR, f"/Users/lan/a.{extension}", NOISE)
    assert (fact.name, fact.value) == ("observed.random", extension)
    assert (finding.title, finding.severity, finding.confidence) == (RANDOM, Severity.INFO, Confidence.LOW)


def test_noise_behind_a_documents_extension_is_only_an_observation() -> None:
    (fact,) = records(DETECTOR, "/Users/lan/a.docx.locked", NOISE)
    assert isinstance(fact, Fact)
    assert fact.value == "locked"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/a.exe", PROGRAM),
        ("/setup.exe.mui", PROGRAM),
        ("/a.docx.gpg", NOISE),
        ("/a.bin", NOISE),
        ("/a.txt", NOISE),
        ("/docx", NOISE),
        ("/sqlite3", b"\x7fELF\x02\x01\x01" + bytes(99)),
        ("/a.docx", NOISE[:500]),
        ("/a.docx", b""),
        ("/a.jpg", bytes(8192)),
        ("/a.txt", b"MZ is how this text begins, and it is no program at all."),
        ("/run.txt", b"#!/bin/sh\necho\n"),
        ("/invoice.pdf.exe.txt", b"plain text"),
    ],
)
def test_ordinary_files_are_silent(path: str, data: bytes) -> None:
    assert [item for item in records(DETECTOR, path, data) if isinstance(item, Finding | Fact)] == []
