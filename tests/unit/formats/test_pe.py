from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from struct import pack_into

import pefile
import pytest

from samples_fake.pe import FakePe, build_pe
from samples_fake.pe_malformed import MALFORMED
from samples_fake.pe_resources import Resource, version_resource
from triage.errors import FormatError
from triage.formats.imphash import imphash
from triage.formats.pe import screen, section_md5
from triage.formats.pe_directories import PeReport, Want, inspect

ALL = Want.EXPORTS | Want.RESOURCES
IMPORTS = {"KERNEL32.dll": ("CreateFileA", "WriteFile"), "WS2_32.dll": ("connect",), "odd.ocx": ("A", "b@4")}


@pytest.mark.parametrize("bits", [32, 64])
def test_the_headers_say_what_was_built(bits: int) -> None:
    data = build_pe(FakePe(bits=bits, dll=True, timestamp=1290243905, linker=(6, 0), exports=("PlayGame",)))
    seen = screen(data[:4096])
    assert seen is not None
    assert (seen.bits, seen.is_dll, seen.timestamp, seen.linker) == (bits, True, 1290243905, (6, 0))
    assert seen.machine == (0x14C if bits == 32 else 0x8664)
    assert [section.name for section in seen.sections] == [".text", ".rdata", ".data"]
    assert seen.exports
    assert not seen.resources
    assert seen.end == len(data)


@pytest.mark.parametrize("bits", [32, 64])
def test_the_import_hash_is_pefiles(bits: int) -> None:
    data = build_pe(FakePe(bits=bits, imports=IMPORTS))
    program = pefile.PE(data=data)
    seen = screen(data)
    assert seen is not None
    assert imphash(data, seen) == program.get_imphash() != ""


def test_ordinals_of_a_known_library_are_hashed_by_name() -> None:
    data = bytearray(build_pe(FakePe(imports={"WS2_32.dll": ("xx", "yy")})))
    seen = screen(data)
    table = seen.offset(seen.imports)
    lookup = seen.offset(int.from_bytes(data[table : table + 4], "little"))
    for at in (lookup, seen.offset(int.from_bytes(data[table + 16 : table + 20], "little"))):
        pack_into("<II", data, at, 0x80000004, 0x80000000 | 999)
    assert imphash(data, seen) == hashlib.md5(b"ws2_32.connect,ws2_32.ord999").hexdigest()
    assert imphash(data, seen) == pefile.PE(data=bytes(data)).get_imphash()


def test_a_program_without_imports_has_no_import_hash() -> None:
    data = build_pe(FakePe(imports={}))
    assert imphash(data, screen(data)) == ""


def test_directories_are_read_only_when_asked_for() -> None:
    data = build_pe(
        FakePe(
            dll=True,
            module_name="launcher.dll",
            exports=("PlayGame",),
            resources=(
                Resource(type="XIA", id=2058, language=1033, data=b"PK\x03\x04harmless"),
                version_resource({"OriginalFilename": "diskpart.exe"}, (6, 1, 7601, 17514)),
            ),
        )
    )
    report = inspect(memoryview(data), ALL)
    assert (report.module, report.exports) == ("launcher.dll", ("PlayGame",))
    archive = next(one for one in report.resources if one.type == "XIA")
    assert (archive.id, archive.language, data[archive.offset :][: archive.size]) == (
        "2058",
        1033,
        b"PK\x03\x04harmless",
    )
    assert dict(report.strings)["OriginalFilename"] == "diskpart.exe"
    assert inspect(data, Want.NOTHING) == PeReport()


def test_a_sections_hash_is_that_of_its_raw_bytes() -> None:
    data = build_pe(FakePe(strings=("harmless",)))
    seen = screen(data)
    for mine, theirs in zip(seen.sections, pefile.PE(data=data).sections, strict=True):
        assert section_md5(memoryview(data), mine) == theirs.get_hash_md5()


def test_a_section_beyond_the_end_has_no_hash() -> None:
    data = build_pe(FakePe())
    assert section_md5(data[:-512], screen(data).sections[-1]) is None


@pytest.mark.parametrize(
    "old",
    [
        b"MZ",
        (b"MZ" + bytes(0x3A) + b"\x80\0\0\0").ljust(0x80, b"\0") + b"NE" + bytes(64),
        b"MZ" + bytes(0x16) + b"\x1c\0" + bytes(200),
    ],
)
def test_programs_of_dos_and_windows_3_have_nothing_to_screen(old: bytes) -> None:
    assert screen(old) is None


def test_a_text_that_begins_with_mz_is_no_program() -> None:
    with pytest.raises(FormatError):
        screen(b"MZ is how this letter begins. It goes on and on, but there is no header in it.")


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_a_broken_program_neither_hangs_nor_escapes(name: str) -> None:
    data = MALFORMED[name]()
    start = time.process_time()
    with suppress(FormatError):
        seen = screen(data)
        if seen:
            imphash(data, seen)
    with suppress(FormatError):
        inspect(data, ALL)
    assert time.process_time() - start < 2


def test_a_header_cut_by_the_end_is_a_format_error() -> None:
    with pytest.raises(FormatError):
        screen(build_pe(FakePe())[:200])
