"""Contents made to break or to hold up a reader: each costs itself at most, and says so."""

from __future__ import annotations

import io
import os
import time
import zipfile

import pytest

from samples_fake import components, documents, wncry
from samples_fake.pe_malformed import MALFORMED
from tests.scanning import ORDER, scan
from triage.scan.reading import WINDOW

GIB = 1 << 30


@pytest.fixture
def tree(tmp_path):
    place = tmp_path / "tree"
    place.mkdir()
    return place


def sparse(path, size, head=b""):
    path.write_bytes(head)
    os.truncate(path, size)


@pytest.mark.parametrize("depth", ["quick", "standard", "full"])
def test_malformed_programs_are_read_or_gaps_and_never_malware(depth, tree, tmp_path):
    for name, build in MALFORMED.items():
        for ending in (".exe", ".dll", ".jpg", ""):
            (tree / (name + ending)).write_bytes(build())
    started = time.monotonic()
    scanned = scan(tree, case=tmp_path / "case", depth=depth)
    assert time.monotonic() - started < 20
    assert {gap.stage for _, gap in scanned.gaps} <= {"pe"}
    assert {gap.reason.value for _, gap in scanned.gaps} <= {"unparsable"}
    assert all(ORDER.index(severity) <= ORDER.index("suspicious") for severity in scanned.worst.values())
    if depth == "full":
        programs = {entry.path for entry, _ in scanned.gaps}
        assert {"/truncated_headers.exe", "/e_lfanew_out_of_range.dll"} <= programs
        assert all(path.endswith((".exe", ".dll")) for path in programs)  # under another name it is no program


def test_a_malformed_program_does_not_hide_its_neighbour(tree, tmp_path):
    for name, build in MALFORMED.items():
        (tree / f"{name}.exe").write_bytes(build())
    (tree / "z.exe").write_bytes(components.tasksche())
    assert scan(tree, case=tmp_path / "case").worst[0, "/z.exe"] == "infected"


def test_archives_that_swell_are_read_as_they_lie(tree, tmp_path):
    """They are not opened: what is in them is not examined, and their size on disk is all they cost."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", bytes(64 << 20))
    with zipfile.ZipFile(tree / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(16):
            archive.writestr(f"{number}.zip", inner.getvalue())
    scanned = scan(tree, case=tmp_path / "case", depth="full")
    assert (scanned.code, scanned.gaps) == (0, [])
    assert scanned.coverage["bytes_read"] == (tree / "bomb.zip").stat().st_size


def test_empty_files_with_the_names_of_components_are_only_suspicious(tree, tmp_path):
    names = {
        "ProgramData/abcdefghij123/tasksche.exe",
        "Windows/mssecsvc.exe",
        "Windows/tasksche.exe",
        "Users/an/Desktop/@Please_Read_Me@.txt",
        "Users/an/Desktop/@WanaDecryptor@.exe",
        "Users/an/Documents/00000000.pky",
        "Users/an/Documents/00000000.eky",
        "Users/an/Documents/00000000.res",
        "Users/an/Documents/c.wnry",
        "Users/an/Documents/b.docx.WNCRY",
    }
    for name in names:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch()
    scanned = scan(tree, case=tmp_path / "case", depth="full")
    assert scanned.verdict == "suspicious"
    assert scanned.gaps == []
    assert {path.removeprefix("/") for _, path in scanned.worst} == names


@pytest.mark.parametrize("depth", ["quick", "standard"])
def test_an_encrypted_file_of_more_than_4_gib_is_found_by_its_header(depth, tree, tmp_path):
    original = 5 * GIB - 16
    sparse(tree / "Phim họp.mkv.WNCRY", wncry.HEADER_SIZE + original, wncry.header(original))
    sparse(tree / "Cắt.mkv.WNCRY", 4 * GIB + 1, wncry.header(original))
    scanned = scan(tree, case=tmp_path / "case", depth=depth)
    states = {one["path"]: one["details"]["state"] for one in scanned.findings if one["severity"] == "encrypted"}
    assert states == {"/Phim họp.mkv.WNCRY": "valid", "/Cắt.mkv.WNCRY": "truncated"}
    assert scanned.summary["encrypted"]["bytes"] == 2 * original
    assert scanned.coverage["bytes_read"] < 1 << 20


@pytest.mark.parametrize("depth", ["quick", "standard"])
def test_a_sparse_file_of_half_a_terabyte_costs_nothing_unless_every_byte_is_asked_for(depth, tree, tmp_path):
    sparse(tree / "disk.vhdx", 500 * GIB)
    sparse(tree / "upcase", 500 * GIB, b"\0\0\1\0")
    scanned = scan(tree, case=tmp_path / "case", depth=depth)
    assert (scanned.code, scanned.coverage["first_bytes"]) == (0, 2)
    assert scanned.coverage["bytes_read"] == 2 * 4096


def test_the_hole_of_a_sparse_file_is_not_read(tree, tmp_path):
    """A smaller hole shows it: no more is read than the window that the file's bytes lie in."""
    sparse(tree / "hole.bin", 256 << 20, documents.noise(1, 4096))
    scanned = scan(tree, case=tmp_path / "case", depth="full")
    assert scanned.code == 0
    assert scanned.coverage["bytes_read"] <= WINDOW


SLOW = """
rule never_ends
{
    condition:
        filename == "slow.bin" and for all i in (0..0x7fffffff) : (uint8(i & 0xfff) < 256 or i < 0)
}
rule quick_one
{
    strings:
        $a = "needle in the other file"
    condition:
        $a
}
"""


def test_a_rule_that_never_ends_costs_its_file_and_not_the_scan(tree, tmp_path):
    (tmp_path / "slow.yar").write_text(SLOW)
    (tree / "other.txt").write_text("a needle in the other file\n")
    (tree / "slow.bin").write_bytes(documents.noise(2, 8192))
    (tree / "zzz.WNCRY").write_bytes(wncry.encrypted(100))
    started = time.monotonic()
    scanned = scan(tree, case=tmp_path / "case", rules=tmp_path / "slow.yar", entry_limit=1)
    assert time.monotonic() - started < 20
    assert scanned.gap_reasons == {"/slow.bin": "timeout"}
    assert scanned.worst == {(0, "/other.txt"): "suspicious", (0, "/zzz.WNCRY"): "encrypted"}


def test_a_scan_with_nothing_but_a_timeout_is_inconclusive(tree, tmp_path):
    (tmp_path / "slow.yar").write_text(SLOW)
    (tree / "slow.bin").write_bytes(documents.noise(2, 8192))
    scanned = scan(tree, case=tmp_path / "case", rules=tmp_path / "slow.yar", entry_limit=1)
    assert (scanned.code, scanned.verdict) == (3, "inconclusive")


HARD = {
    "many matches": b"WANACRY!" * 500_000,
    "long runs": b"A" * 4_000_000,
    "many short lines": b"\r\n" * 2_000_000,
    "nearly a mutex": b"Global\\MsWinZonesCacheCounterMutex" * 100_000,
    "nearly a program": (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0") * 60_000,
    "nearly utf-16": b"\xff\xfe" + b"W\0A\0N\0A\0" * 500_000,
    "nested braces": b"{\\rtf1" + b"{" * 2_000_000,
}


def test_contents_that_are_hard_to_match_take_seconds(tree, tmp_path):
    for name, data in HARD.items():
        (tree / f"{name}.bin").write_bytes(data)
        (tree / f"{name}.txt").write_bytes(b"x" + data)
    started = time.monotonic()
    scanned = scan(tree, case=tmp_path / "case", depth="full", workers=2)
    assert time.monotonic() - started < 20
    assert scanned.gaps == []
    assert scanned.coverage["full_content"] == 2 * len(HARD)
    assert all(ORDER.index(severity) <= ORDER.index("suspicious") for severity in scanned.worst.values())
