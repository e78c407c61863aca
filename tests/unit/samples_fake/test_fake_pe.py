from __future__ import annotations

import pefile
import pytest

from samples_fake.components import COMPONENTS
from samples_fake.pe import FakePe, build_pe
from samples_fake.pe_malformed import MALFORMED
from samples_fake.pe_resources import Resource, version_resource
from samples_fake.tools import TOOLS

FULL = {
    "dll": True,
    "timestamp": 1494476432,
    "linker": (9, 0),
    "module_name": "launcher.dll",
    "exports": ("TaskStart", "PlayGame"),
    "strings": ("an ordinary string",),
    "wide_strings": ("a wide string",),
    "imports": {"KERNEL32.dll": ("GetTickCount", "CreateFileA"), "ADVAPI32.dll": ("RegCloseKey",)},
    "resources": (
        Resource(type="XIA", id=2058, data=b"PK\x03\x04harmless"),
        version_resource({"OriginalFilename": "diskpart.exe"}, (6, 1, 7601, 17514)),
    ),
    "overlay": b"after the end",
}


@pytest.fixture(params=[32, 64])
def parsed(request):
    return pefile.PE(data=build_pe(FakePe(bits=request.param, **FULL)))


def test_a_full_fake_has_the_traits_it_was_given(parsed):
    assert parsed.FILE_HEADER.TimeDateStamp == 1494476432
    assert (parsed.OPTIONAL_HEADER.MajorLinkerVersion, parsed.OPTIONAL_HEADER.MinorLinkerVersion) == (9, 0)
    assert parsed.is_dll()
    assert parsed.DIRECTORY_ENTRY_EXPORT.name == b"launcher.dll"
    assert [symbol.name for symbol in parsed.DIRECTORY_ENTRY_EXPORT.symbols] == [b"PlayGame", b"TaskStart"]
    assert {entry.dll: [one.name for one in entry.imports] for entry in parsed.DIRECTORY_ENTRY_IMPORT} == {
        b"KERNEL32.dll": [b"GetTickCount", b"CreateFileA"],
        b"ADVAPI32.dll": [b"RegCloseKey"],
    }
    assert parsed.get_overlay() == b"after the end"


def test_resources_keep_type_id_language_and_bytes(parsed):
    (named,) = [entry for entry in parsed.DIRECTORY_ENTRY_RESOURCE.entries if str(entry.name) == "XIA"]
    (item,) = named.directory.entries
    (language,) = item.directory.entries
    assert (item.id, language.id) == (2058, 1033)
    data = language.data.struct
    assert parsed.get_data(data.OffsetToData, data.Size) == b"PK\x03\x04harmless"


def test_version_information_is_read_by_others(parsed):
    (info,) = [one for one in parsed.FileInfo[0] if one.Key == b"StringFileInfo"]
    assert info.StringTable[0].entries == {b"OriginalFilename": b"diskpart.exe"}
    assert parsed.VS_FIXEDFILEINFO[0].FileVersionMS == 6 << 16 | 1


@pytest.mark.parametrize("name", [*COMPONENTS, *(name for name in TOOLS if name.endswith(".exe"))])
def test_no_fake_program_does_anything(name):
    fake = pefile.PE(data={**COMPONENTS, **TOOLS}[name]())
    code = fake.sections[0]
    assert fake.OPTIONAL_HEADER.AddressOfEntryPoint == code.VirtualAddress
    assert set(code.get_data().rstrip(b"\0")) == {0xC3}
    assert not [one for one in fake.sections[1:] if one.Characteristics & 0x20000000], "only .text may be executable"
    for symbol in getattr(fake, "DIRECTORY_ENTRY_EXPORT", None).symbols if fake.is_dll() else ():
        assert symbol.address == code.VirtualAddress


@pytest.mark.parametrize("name", [name for name in COMPONENTS if name.startswith("task") and name != "tasksche.exe"])
def test_small_components_have_the_size_of_their_originals(name):
    assert len(COMPONENTS[name]()) == 20480


def test_the_same_description_gives_the_same_bytes():
    assert build_pe(FakePe(**FULL)) == build_pe(FakePe(**FULL))


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_fake_lies_in_one_place_only(name):
    sound = build_pe(
        FakePe(
            dll=True,
            module_name="fake.dll",
            exports=("Nothing",),
            resources=(Resource(type="FAKE", id=1, data=b"harmless"),),
        )
    )
    broken = MALFORMED[name]()
    assert broken != sound
    assert broken.startswith(b"MZ")
    changed = sum(a != b for a, b in zip(sound, broken, strict=False))
    assert changed <= 64


def test_the_resource_loop_leads_back_to_its_root():
    fake = pefile.PE(data=MALFORMED["resource_loop"](), fast_load=True)
    (resources,) = [section for section in fake.sections if section.Name.startswith(b".rsrc")]
    first_entry = resources.get_data()[16:24]
    assert first_entry[4:] == b"\0\0\0\x80", "a directory at offset 0 is the root itself"
