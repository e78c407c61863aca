from __future__ import annotations

import io
import zipfile

import pytest

from triage.formats.leading import TYPES, leading_type

HEADS = {
    "pe": b"MZ\x90\x00\x03",
    "wanacry": b"WANACRY!\x00\x01\x00\x00",
    "elf": b"\x7fELF\x02\x01",
    "ole": bytes.fromhex("d0cf11e0a1b11ae1"),
    "pdf": b"%PDF-1.7\n",
    "rtf": b"{\\rtf1\\ansi",
    "jpeg": bytes.fromhex("ffd8ffe000104a464946"),
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a\x01\x00",
    "bmp": b"BM" + bytes(12) + b"\x28\x00\x00\x00" + bytes(8),
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "avi": b"RIFF\x24\x00\x00\x00AVI LIST",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "mp3": bytes.fromhex("fffb9064000000"),
    "mp4": b"\x00\x00\x00\x20ftypisom",
    "sqlite": b"SQLite format 3\x00",
    "regf": b"regf\x01\x00\x00\x00",
    "evtx": b"ElfFile\x00",
    "evt": b"\x30\x00\x00\x00LfLe",
    "lnk": bytes.fromhex("4c0000000114020000000000"),
    "ese": b"\x12\x34\x56\x78\xef\xcd\xab\x89",
    "font": b"\x00\x01\x00\x00\x00\x12\x01\x00",
    "access": b"\x00\x01\x00\x00Standard Jet DB\x00",
    "prefetch": b"\x1e\x00\x00\x00SCCA",
    "cab": b"MSCF\x00\x00\x00\x00",
    "html": b"<!DOCTYPE html><html>",
    "xml": b'<?xml version="1.0"?><a/>',
    "tar": b"a.txt".ljust(257, b"\0") + b"ustar\x0000",
}


@pytest.mark.parametrize(("expected", "head"), HEADS.items())
def test_a_head_is_told_by_its_first_bytes(expected: str, head: bytes) -> None:
    assert leading_type(head, "no-extension") == expected
    assert expected in TYPES


def zip_of(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("member", "data", "expected"),
    [
        ("[Content_Types].xml", b"<Types/>", "ooxml"),
        ("_rels/.rels", b"", "ooxml"),
        ("word/document.xml", b"", "ooxml"),
        ("mimetype", b"application/vnd.oasis.opendocument.text", "odf"),
        ("mimetype", b"application/epub+zip", "zip"),
        ("photo.jpg", b"", "zip"),
    ],
)
def test_an_archive_is_told_by_its_first_member(member: str, data: bytes, expected: str) -> None:
    assert leading_type(zip_of((member, data)), "a.zip") == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Đơn xin nghỉ phép\r\n".encode(), "don.txt", "text"),
        ("Đơn xin nghỉ phép\r\n".encode("cp1258", "replace"), "don.txt", "text"),
        ("Đơn xin".encode("utf-16"), "don.txt", "text"),
        ("plain without a mark".encode("utf-16-le"), "don.txt", "text"),
        (b"@echo off\r\n", "a.BAT", "script"),
        (b"#!/bin/sh\n", "a", "script"),
        (b"From here on", "py", "text"),
        (b"<html><script></script></html>", "a.hta", "script"),
        (b"Received: from a by b\r\n", "a", "eml"),
    ],
)
def test_text_is_told_by_its_bytes_and_scripts_by_their_names(text: bytes, name: str, expected: str) -> None:
    assert leading_type(text, name) == expected


def test_a_letter_of_two_bytes_cut_by_the_sample_is_still_text() -> None:
    assert leading_type(b"a" + "ế".encode() * 400, "a.txt") == "text"


@pytest.mark.parametrize(
    "head", [b"\x00\x00", b"\x80\x81\x82\x00", b"BMW is a car\x00\x00\x00\x01", b"\xff\xff\xff\xff"]
)
def test_bytes_without_a_mark_are_unknown(head: bytes) -> None:
    assert leading_type(head, "a.bin") == "unknown"


def test_nothing_is_empty() -> None:
    assert leading_type(b"", "a.docx") == "empty"
