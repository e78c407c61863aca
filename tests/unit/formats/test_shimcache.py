from __future__ import annotations

import random
import struct
from contextlib import suppress

import pytest

from samples_fake.registry import shimcache
from tests.samples import corpus_bytes
from triage.errors import FormatError
from triage.formats.shimcache import programs
from triage.times import from_unix

WHEN = from_unix(1494575040)
ROWS = [("\\??\\C:\\Windows\\mssecsvc.exe", WHEN), ("C:\\b.exe", WHEN)]
FOLDER = "ez-appcompat/AppCompatCacheParserTest/TestFiles/"


def chained(mark: bytes, rows: list[tuple[str, int]]) -> bytes:
    """Windows 8.1 (a header of 128 bytes) or 10 (one of 52)."""
    header = 52 if mark == b"ten" else 128
    data = struct.pack("<I", 52 if header == 52 else 0).ljust(header, b"\0")
    for path, when in rows:
        raw = path.encode("utf-16-le")
        body = struct.pack("<H", len(raw)) + raw
        if header == 128:
            body += struct.pack("<HII", 0, 2, 0)
        body += struct.pack("<QI", when // 100 + 116444736000000000, 0)
        data += b"10ts" + struct.pack("<II", 0, len(body)) + body
    return data


@pytest.mark.parametrize("data", [shimcache(ROWS), chained(b"eight", ROWS), chained(b"ten", ROWS)])
def test_programs_come_in_the_caches_order(data: bytes) -> None:
    assert [(one.path, one.modified) for one in programs(data)] == ROWS


def test_an_empty_cache_of_windows_10_holds_nothing() -> None:
    assert list(programs(chained(b"ten", []))) == []


@pytest.mark.parametrize(
    "data", [b"", bytes(64), b"\xee\x0f\xdc\xba\xff\xff\0\0".ljust(200, b"\1"), b"\xef\xbe\xad\xde" + bytes(20)]
)
def test_what_is_no_cache_is_refused_or_empty(data: bytes) -> None:
    with suppress(FormatError):
        assert list(programs(data)) == []


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("WinXPx86.bin", 17, "\\??\\C:\\WINDOWS\\system32\\oobe\\msoobe.exe"),
        ("win7x86.bin", 91, "\\??\\C:\\Windows\\system32\\LogonUI.exe"),
        ("win7x64.bin", 304, "\\??\\C:\\Windows\\system32\\wuauclt.exe"),
        ("Win81.bin", 1024, "SYSVOL\\Program Files\\CrashPlan\\jre\\bin\\java.exe"),
        ("Win10Creators.bin", 506, "C:\\Program Files (x86)\\NVIDIA Corporation\\3D Vision\\nvstreg.exe"),
    ],
)
def test_real_caches(name: str, count: int, first: str) -> None:
    found = list(programs(corpus_bytes(FOLDER + name)))
    assert len(found) == count
    assert found[0].path == first
    assert all(one.modified is None or 900000000 * 10**9 < one.modified < 1577836800 * 10**9 for one in found)


def test_mutated_caches_give_what_they_hold_or_a_format_error() -> None:
    for seed in range(900):
        chance = random.Random(seed)
        data = bytearray((shimcache(ROWS), chained(b"eight", ROWS), chained(b"ten", ROWS))[seed % 3])
        for _ in range(6):
            data[chance.randrange(len(data))] = chance.choice((0, 255, 128, chance.randrange(256)))
        with suppress(FormatError):
            for one in programs(bytes(data[: chance.randrange(len(data))] if seed % 5 == 0 else data)):
                assert isinstance(one.path, str)
