"""Every family proves itself; adding a folder adds its tests. Nothing ordinary is taken for one."""

from __future__ import annotations

import sysconfig
from dataclasses import replace
from pathlib import Path

import pefile
import pytest

from tests.contents import records
from triage.cli.proof import findings, indicators, unproven
from triage.detectors.hashes import Hashes
from triage.detectors.names import Names
from triage.detectors.yara import Yara
from triage.intel import load_intel
from triage.intel.families import Family
from triage.intel.matcher import GATES
from triage.intel.roots import rules_root
from triage.model import Finding, Kind, Severity

INTEL = load_intel()
DETECTORS = (Names(INTEL), Hashes(INTEL), Yara(INTEL))
BENIGN = Path(__file__).parents[1] / "benign"
WEAK = (Severity.SUSPICIOUS, Severity.INFO)

ORDINARY_NAMES = """
/Windows/System32/cmd.exe /Windows/System32/diskpart.exe /Windows/System32/cliconfg.exe /Windows/System32/waitfor.exe
/Windows/System32/dfrgui.exe /Windows/System32/taskmgr.exe /Windows/System32/taskhost.exe /Windows/explorer.exe
/Windows/Prefetch/CMD.EXE-0BD30981.pf /Windows/Temp/~DF1234.tmp /Windows/Temp/17.tmp /$Recycle.Bin/S-1-5-18/$R1.txt
/ProgramData/Microsoft/Windows/Start_Menu/a.lnk /ProgramData/regid.1991-06.com.microsoft/x.swidtag
/Users/Lan/Documents/README.txt /Users/Lan/Documents/project.README.txt /Users/Lan/Documents/how-to-decrypt.txt
/Users/Lan/Documents/báo_cáo_2026.docx /Users/Lan/Pictures/IMG_20170512.jpg /Users/Lan/Desktop/start.bat
/Users/Lan/AppData/Local/Temp/msg.txt /Program_Files/Tor_Browser/tor.exe /Program_Files/Git/usr/bin/tor.dll
/Intel/Logs/IntelGFX.log /Intel/gp/setup.exe /Users/Lan/x.crabs /Users/Lan/x.lockbits /Users/Lan/m.txt
""".split()  # noqa: SIM905 - a list of paths


def seen(path: str, data: bytes) -> list[Finding]:
    return [found for detector in DETECTORS for found in records(detector, path, data)]


FAMILIES = pytest.mark.parametrize("family", INTEL.families, ids=lambda family: family.id)


@FAMILIES
def test_every_indicator_finds_a_fake_of_its_own(family: Family) -> None:
    seen_here = {one.indicator for found in findings(INTEL, family.fakes) for one in found}

    assert {indicator for _, indicator in indicators(INTEL, family)} <= seen_here


@FAMILIES
def test_no_fake_is_taken_for_another_family(family: Family) -> None:
    assert {one.family for found in findings(INTEL, family.fakes) for one in found} == {family.id}


@FAMILIES
def test_a_fake_program_is_one_ret_and_imports_nothing(family: Family) -> None:
    for fake in family.fakes:
        if fake.pe:
            program = pefile.PE(data=fake.content())
            assert program.get_data(program.OPTIONAL_HEADER.AddressOfEntryPoint, 1) == b"\xc3"
            assert not hasattr(program, "DIRECTORY_ENTRY_IMPORT")
            names = [symbol.name.decode() for symbol in program.DIRECTORY_ENTRY_EXPORT.symbols] if fake.exports else []
            assert names == list(fake.exports)
            assert program.FILE_HEADER.Machine == (0x8664 if fake.pe == 64 else 0x14C)


@FAMILIES
def test_an_indicator_without_its_fakes_is_called_unproven(family: Family) -> None:
    naked = replace(family, fakes=family.fakes[:1], headers=())
    proven = {one.indicator for found in findings(INTEL, naked.fakes) for one in found}

    faults = unproven(replace(INTEL, families=(naked,)))

    assert len(faults) == len({indicator for _, indicator in indicators(INTEL, family)} - proven) > 0
    assert all(str(family.folder / "family.toml") in fault for fault in faults)


def test_a_fake_of_another_family_is_called_out() -> None:
    wannacry = next(family for family in INTEL.families if family.id == "wannacry")
    gandcrab = next(family for family in INTEL.families if family.id == "gandcrab")
    mixed = replace(gandcrab, fakes=(*gandcrab.fakes, wannacry.fakes[0]))

    (fault,) = unproven(replace(INTEL, families=(mixed, wannacry)))

    assert "is found as wannacry" in fault


@pytest.mark.parametrize("path", ORDINARY_NAMES)
def test_ordinary_names_are_nobodys(path: str) -> None:
    assert records(Names(INTEL), path, b"") == []


@pytest.mark.parametrize("path", ["/Users", "/ProgramData/microsoft365", "/ProgramData/Packages", "/$Recycle.Bin"])
def test_ordinary_folders_are_nobodys(path: str) -> None:
    assert records(Names(INTEL), path, b"", kind=Kind.FOLDER) == []


@pytest.mark.parametrize("name", ["bai-bao-wannacry.txt", "bai-bao-wannacry.html"])
def test_an_article_about_wannacry_is_no_infection(name: str) -> None:
    article = (BENIGN / "bai-bao-wannacry.txt").read_bytes()
    if name.endswith(".html"):
        article = b"<html><body><pre>" + article + b"</pre></body></html>"

    assert all(found.severity in WEAK for found in seen(f"/Users/Lan/Documents/{name}", article))


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"{\\rtf1 "])
def test_a_rule_file_that_quotes_every_string_is_no_infection(start: bytes) -> None:
    for path in sorted(rules_root().glob("families/*/*.yar")):
        assert all(found.severity in WEAK for found in seen("/Users/Lan/rules.yar", start + path.read_bytes()))


def test_our_own_knowledge_is_no_infection() -> None:
    for path in sorted(rules_root().rglob("*.*")):
        assert all(found.severity in WEAK for found in seen(f"/kit/{path.name}", path.read_bytes())), path


def test_compiled_rules_are_no_infection() -> None:
    for engine in ("yara", "boreal"):
        compiled = load_intel(engine=engine).rules.groups
        assert compiled.keys() == set(GATES)
        for data in compiled.values():
            assert seen("/kit/rules.bin", data) == []


def test_the_engines_own_libraries_are_nobodys() -> None:
    folder = Path(sysconfig.get_paths()["platlib"])
    for library in [*folder.glob("yara*.so"), *folder.glob("boreal/*.so")]:
        assert seen(f"/lib/{library.name}", library.read_bytes()) == []
