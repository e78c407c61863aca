from __future__ import annotations

import random

import pytest

from samples_fake.documents import windows_program
from tests.contents import entry_of, records
from triage.detectors.patches import EARLIER, FACTS, IN_USE, STAGED, Patches
from triage.errors import FormatError
from triage.formats.pe_version import file_version
from triage.model import Kind, Level

DRIVER = windows_program("srv.sys", (6, 1, 7601, 23689))


@pytest.mark.parametrize(
    ("path", "fact"),
    [
        ("/Windows/System32/drivers/srv.sys", IN_USE),
        ("/evidence/c/WINDOWS/system32/DRIVERS/SRV.SYS", IN_USE),
        ("/Windows/winsxs/amd64_microsoft-windows-smbserver-v1_31bf_6.1.7601.23689_none_1/srv.sys", STAGED),
        ("/Windows.old/Windows/System32/drivers/srv.sys", EARLIER),
        ("/WINDOWS/$NtUninstallKB4012598$/srv.sys", EARLIER),
        ("/Users/Lan/srv.sys", EARLIER),
    ],
)
@pytest.mark.parametrize("level", [Level.FULL, Level.HEAD])
def test_the_place_says_what_the_version_means(path: str, fact: str, level: Level) -> None:
    (told,) = records(Patches(), path, DRIVER, level)
    assert (told.name, told.value) == (fact, "6.1.7601.23689")
    assert fact in FACTS


def test_a_deleted_driver_is_not_in_use() -> None:
    (told,) = records(Patches(), "/Windows/System32/drivers/srv.sys", DRIVER, allocated=False)
    assert told.name == EARLIER


@pytest.mark.parametrize("path", ["/Windows/System32/drivers/srv2.sys", "/a/xsrv.sys", "/srv.sys.txt"])
def test_other_drivers_are_left_alone(path: str) -> None:
    assert not Patches().wants(entry_of(path, DRIVER))
    assert not Patches().wants(entry_of("/x/srv.sys", kind=Kind.FOLDER))


def test_a_file_that_only_bears_the_name_says_nothing() -> None:
    assert records(Patches(), "/Windows/System32/drivers/srv.sys", b"text") == []


def test_a_driver_without_version_says_nothing() -> None:
    from samples_fake.pe import FakePe, build_pe

    assert records(Patches(), "/Windows/System32/drivers/srv.sys", build_pe(FakePe())) == []


def test_mutated_drivers_give_a_version_or_a_format_error() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        data = bytearray(DRIVER)
        for _ in range(8):
            data[chance.randrange(len(data))] = chance.choice((0, 255, 128, chance.randrange(256)))
        try:
            numbers = file_version(bytes(data))
        except FormatError:
            continue
        assert numbers is None or len(numbers) == 4
