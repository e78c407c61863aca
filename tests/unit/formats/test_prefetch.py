"""Prefetch files of every Windows, compressed or not, as an independent reader sees them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from samples_fake.prefetch import EIGHT, SEVEN, TEN, XP, FakePrefetch, build_prefetch
from tests.samples import corpus_files
from triage.errors import FormatError
from triage.formats.prefetch import SIZE_MAX, Prefetch, parse
from triage.model import UnixNs
from triage.times import isoformat

NOON = UnixNs(1_494_590_400_000_000_000)
RUNS = tuple(UnixNs(NOON - hour * 3_600_000_000_000) for hour in range(8))
LOADED = ("\\WINDOWS\\SYSTEM32\\NTDLL.DLL", "\\PROGRAMDATA\\EVMDTHRUKDVWCQN063\\TASKSCHE.EXE")


def fake(version: int, **more: object) -> FakePrefetch:
    runs = RUNS if version in (EIGHT, TEN) else RUNS[:1]
    fields = {"name": "tasksche.exe", "run_count": 12, "loaded": LOADED, **more}
    return FakePrefetch(version=version, runs=runs, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [XP, SEVEN, EIGHT, TEN])
def test_a_program_is_read_as_it_was_written(version: int) -> None:
    seen = parse(build_prefetch(fake(version)))
    assert (seen.version, seen.name, seen.path_hash, seen.run_count) == (version, "TASKSCHE.EXE", 0x1A2B3C4D, 12)
    assert seen.runs == (RUNS if version in (EIGHT, TEN) else RUNS[:1])
    assert seen.loaded == tuple("\\DEVICE\\HARDDISKVOLUME1" + path for path in LOADED)
    assert seen.path == seen.loaded[1]
    assert [(volume.serial, volume.device) for volume in seen.volumes] == [(0x5EED0001, "\\DEVICE\\HARDDISKVOLUME1")]


def test_a_long_name_is_found_among_the_loaded_files_by_what_is_kept_of_it() -> None:
    name = "A" * 40 + ".EXE"
    assert parse(build_prefetch(fake(SEVEN, name=name, loaded=(f"\\X\\{name}",)))).path.endswith(name)


def test_a_run_time_that_is_not_set_is_none() -> None:
    few = FakePrefetch(name="a.exe", runs=(NOON,), version=EIGHT, loaded=LOADED)
    assert parse(build_prefetch(few)).runs == (NOON,)


@pytest.mark.parametrize("data", [b"", b"MZ", b"\x17\0\0\0SCCA", b"MAM\x04" + b"\xff\0\0\0" + b"\x99" * 20])
def test_what_is_none_is_said(data: bytes) -> None:
    with pytest.raises(FormatError, match="prefetch"):
        parse(data)


def test_a_file_that_would_grow_beyond_all_size_is_not_unpacked() -> None:
    with pytest.raises(FormatError, match="size"):
        parse(b"MAM\x04" + (SIZE_MAX + 1).to_bytes(4, "little") + bytes(300))


def test_the_reason_is_the_innermost_one() -> None:
    with pytest.raises(FormatError, match="unsupported format version"):
        parse(b"\x63" + build_prefetch(fake(SEVEN))[1:])


def told_by_sccainfo(path: Path) -> tuple[object, ...] | None:
    out = subprocess.run(["sccainfo", path], capture_output=True, text=True, check=False).stdout
    if "Number of filenames" not in out:
        return None

    def value(key: str) -> str:
        return re.search(rf"{key}\s*: (.*)", out)[1]  # type: ignore[index]

    times = [line for line in re.findall(r"Last run time:[ \d]*\s*: (.*)", out) if line.endswith("UTC")]
    serials = tuple(int(serial, 16) for serial in re.findall(r"Serial number\s*: (.*)", out))
    names = tuple(re.findall(r"Filename: \d+\s*: (.*)", out))
    return (
        *(value("Executable filename"), int(value("Prefetch hash"), 16), int(value("Run count"))),
        *(sum("1601" not in time for time in times), serials, names),
    )


def as_told(seen: Prefetch) -> tuple[object, ...]:
    serials = tuple(volume.serial for volume in seen.volumes)
    return seen.name, seen.path_hash, seen.run_count, len(seen.runs), serials, seen.loaded


@pytest.mark.corpus
@pytest.mark.skipif(shutil.which("sccainfo") is None, reason="libscca-utils is not installed")
@pytest.mark.parametrize("path", corpus_files("**/*.pf"), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_real_files_are_read_as_sccainfo_reads_them(path: Path) -> None:
    try:
        seen = parse(path.read_bytes())
    except FormatError:
        assert told_by_sccainfo(path) is None
        return
    told = told_by_sccainfo(path)
    if told is None:
        assert seen.version > 30, "the installed sccainfo is older than Windows 11"
    else:
        assert as_told(seen) == told


@pytest.mark.corpus
def test_a_file_of_windows_11_is_read() -> None:
    for path in corpus_files("plaso/test_data/winprefetch/AM_DELTA*.pf"):
        seen = parse(path.read_bytes())
        assert (seen.version, seen.name, seen.run_count) == (31, "AM_DELTA_PATCH_1.443.990.0.EX", 1)
        assert [isoformat(run)[:10] for run in seen.runs] == ["2026-02-04"]
        assert seen.path is not None
