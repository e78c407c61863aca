"""What recovered bytes say of themselves."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from samples_fake import documents
from triage.recover.proof import Proof, prove

WHOLE = {
    "a.docx": (documents.docx("Báo cáo"), Proof.PROVEN),
    "a.xlsx": (documents.xlsx("Bảng"), Proof.PROVEN),
    "a.zip": (documents.archive({"x": b"content" * 100}), Proof.PROVEN),
    "a.png": (documents.png(3), Proof.PROVEN),
    "a.gz": (gzip.compress(b"text" * 1000), Proof.PROVEN),
    "a.pdf": (documents.pdf("Công văn"), Proof.FITS),
    "a.jpg": (documents.jpeg(3), Proof.FITS),
    "a.txt": (documents.text("Ghi chú"), Proof.UNPROVEN),
}


def said(tmp_path: Path, name: str, data: bytes) -> Proof:
    path = tmp_path / "recovered"
    path.write_bytes(data)
    return prove(path, name)


@pytest.mark.parametrize("name", WHOLE)
def test_whole_files_hold_their_formats_checks(tmp_path: Path, name: str) -> None:
    data, proof = WHOLE[name]
    assert said(tmp_path, name, data) is proof


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "a.txt"])
def test_another_files_bytes_under_the_name_are_broken(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, name, bytes(5000)) is Proof.BROKEN
    assert said(tmp_path, name, documents.noise(4, 5000)) is Proof.BROKEN


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "a.txt"])
def test_a_file_whose_end_was_taken_is_broken(tmp_path: Path, name: str) -> None:
    data = WHOLE[name][0]
    half = len(data) // 2
    assert said(tmp_path, name, data[:half] + bytes(len(data) - half)) is Proof.BROKEN


def test_nothing_can_be_said_of_an_empty_file(tmp_path: Path) -> None:
    assert said(tmp_path, "a.docx", b"") is Proof.UNPROVEN


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"{number}", bytes(8 << 20))
    assert prove(path, "bomb.zip") is Proof.FITS
