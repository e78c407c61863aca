from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pefile
import pytest

from samples_fake.pe import FakePe, build_pe
from samples_fake.pe_malformed import MALFORMED
from samples_fake.pe_resources import Resource, version_resource
from tests.contents import MemoryContent, entry_of, records
from triage.detectors.pe import KNOWN, LIES, RESEMBLES, TITLES, Pe
from triage.errors import FormatError
from triage.intel.traits import PeResource, PeSection, PeTrait
from triage.model import Confidence, Level, Severity

COMPILED = "2010-11-20T09:05:05Z"
STAMP = 1290243905
LINKER = {"timestamp": STAMP, "linker": (6, 0)}


def trait(**fields: object) -> PeTrait:
    return PeTrait(
        **{"id": "pe-fake", "component": "tasksche.exe", "source": ("LOCAL",), "confidence": "high", **fields}
    )


def detector(*traits: PeTrait) -> Pe:
    return Pe(SimpleNamespace(families=(SimpleNamespace(id="wannacry", pe=traits),)))  # type: ignore[arg-type]


def version(original: str) -> Resource:
    return version_resource({"OriginalFilename": original}, (6, 1, 7601, 17514))


def test_a_known_import_hash_is_an_infection_in_a_users_place() -> None:
    data = build_pe(FakePe())
    (finding,) = records(detector(trait(imphash=pefile.PE(data=data).get_imphash())), "/Users/lan/x.exe", data)
    assert (finding.title, finding.severity, finding.confidence) == (KNOWN, Severity.INFECTED, Confidence.MEDIUM)
    assert (finding.family, finding.indicator, finding.details["traits"]) == ("wannacry", "pe-fake", ["imphash"])
    assert finding.title in TITLES


def test_headers_that_fit_open_the_way_in_any_place() -> None:
    data = build_pe(FakePe(**LINKER, resources=(Resource(type="XIA", id=2058, data=b"PK\x03\x04harmless"),)))
    wanted = trait(
        linker="6.0",
        compiled=COMPILED,
        resources=(PeResource(type="XIA", id="2058", language=1033, prefix="504b0304"),),
    )
    (finding,) = records(detector(wanted), "/Program Files/x/y.exe", data)
    assert (finding.severity, finding.confidence) == (Severity.INFECTED, Confidence.HIGH)
    assert finding.details["traits"] == ["resource", "compile time", "linker"]
    assert finding.details["compiled"] == COMPILED


def test_a_section_with_a_known_hash_is_an_infection() -> None:
    data = build_pe(FakePe(**LINKER, strings=("harmless",)))
    sections = tuple(
        PeSection(name=section.Name.rstrip(b"\0").decode(), md5=hashlib.md5(section.get_data()).hexdigest())
        for section in pefile.PE(data=data).sections
    )
    (finding,) = records(detector(trait(linker="6.0", sections=sections)), "/Program Files/x.exe", data)
    assert finding.details["traits"] == ["sections", "linker"]


def test_exports_alone_resemble_and_with_the_modules_name_convict() -> None:
    data = build_pe(FakePe(bits=64, dll=True, module_name="launcher.dll", exports=("PlayGame",)))
    exports = {"exports": ("PlayGame",), "bits": 64}
    (alone,) = records(detector(trait(**exports)), "/Users/lan/a.dll", data)
    assert (alone.title, alone.severity, alone.confidence) == (RESEMBLES, Severity.SUSPICIOUS, Confidence.LOW)
    (both,) = records(detector(trait(**exports, internal_name="launcher.dll")), "/Users/lan/a.dll", data)
    assert both.severity is Severity.INFECTED


def test_version_information_that_lies_is_suspicious() -> None:
    data = build_pe(FakePe(resources=(version("diskpart.exe"),), overlay=b"1234"))
    wanted = trait(original_filename="diskpart.exe", lies="diskpart.exe")
    (finding,) = records(detector(wanted), "/ProgramData/abc/tasksche.exe", data)
    assert (finding.title, finding.severity) == (LIES, Severity.SUSPICIOUS)
    assert (finding.details["original_filename"], finding.details["overlay"]) == ("diskpart.exe", 4)
    assert records(detector(wanted), "/Users/lan/Diskpart.exe", data) == []


def test_a_compile_time_alone_says_nothing() -> None:
    assert records(detector(trait(compiled=COMPILED)), "/Users/lan/a.exe", build_pe(FakePe(timestamp=STAMP))) == []


def test_a_trait_of_low_confidence_never_convicts() -> None:
    data = build_pe(FakePe())
    wanted = trait(imphash=pefile.PE(data=data).get_imphash(), confidence="low")
    (finding,) = records(detector(wanted), "/Users/lan/a.exe", data)
    assert finding.severity is Severity.SUSPICIOUS


@pytest.mark.parametrize("path", ["/Windows/System32/a.dll", "/Program Files/7-Zip/7z.exe"])
def test_installed_programs_that_do_not_fit_are_not_parsed(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.detectors.pe.inspect", lambda *_: pytest.fail("asked pefile"))
    assert records(detector(trait(imphash="0" * 32, linker="6.0")), path, build_pe(FakePe(linker=(14, 0)))) == []


def test_a_known_name_is_looked_into_anywhere() -> None:
    data = build_pe(FakePe(linker=(14, 0)))
    wanted = trait(imphash=pefile.PE(data=data).get_imphash(), linker="6.0")
    assert records(detector(wanted), "/Windows/System32/TaskSche.exe", data)


@pytest.mark.parametrize(
    "name", sorted(set(MALFORMED) & {"truncated_headers", "e_lfanew_out_of_range", "huge_section_count"})
)
def test_a_broken_program_is_a_gap_only_under_a_programs_name(name: str) -> None:
    data = MALFORMED[name]()
    with pytest.raises(FormatError):
        records(detector(trait()), "/Users/lan/a.exe", data)
    assert records(detector(trait()), "/Users/lan/a.bin", data) == []


def test_one_broken_table_does_not_hide_another() -> None:
    data = bytearray(build_pe(FakePe(resources=(Resource(type="XIA", id=2058, data=b"PK\x03\x04harmless"),))))
    at = int.from_bytes(data[0x3C:0x40], "little") + 24 + 96 + 8
    data[at : at + 4] = b"\xf0\xff\xff\x7f"
    asked = detector(trait(imphash="0" * 32, resources=(PeResource(type="XIA", id="2058"),)))
    found = iter(asked.detect(entry_of("/Users/lan/a.exe", bytes(data)), MemoryContent(bytes(data))))
    assert next(found).title == KNOWN
    with pytest.raises(FormatError):
        next(found)


def test_first_bytes_alone_are_not_judged() -> None:
    data = build_pe(FakePe())
    wanted = trait(imphash=pefile.PE(data=data).get_imphash())
    assert records(detector(wanted), "/Users/lan/a.exe", data, Level.HEAD) == []
