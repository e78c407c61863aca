"""Deleted keys and values: what free cells still hold, and nothing that is in use."""

from __future__ import annotations

import csv
import io
import random
import shutil
import struct
import subprocess

import pytest

from samples_fake.hive import build_hive
from tests.samples import corpus_bytes
from triage.formats import regf_deleted
from triage.formats.regf_deleted import Deleted, find_deleted
from triage.formats.registry import Hive
from triage.times import from_unix

WHEN = from_unix(1494575040)
LATER = from_unix(1494575041)
SERVICE = "ControlSet001\\Services\\mssecsvc2.0"
KEPT = {"ControlSet001\\Services\\Spooler": {"Start": 2, "ImagePath": "spoolsv.exe"}}
GONE = {SERVICE: {"Start": 2, "ImagePath": "C:\\WINDOWS\\mssecsvc.exe -m security", "list": ("a", "b"), "none": b""}}


def deleted(data: bytes) -> Deleted:
    hive = Hive(io.BytesIO(data))
    return find_deleted(hive.unhealed, hive.bins)


def test_a_deleted_key_is_told_with_path_time_and_values() -> None:
    data = build_hive(KEPT, WHEN, {SERVICE: LATER}, deleted=GONE)
    assert Hive(io.BytesIO(data)).key(SERVICE) is None
    found = deleted(data)
    (key,) = found.keys
    assert (key.path, key.whole, key.written) == (SERVICE, True, LATER)
    assert {value.name: value.data for value in key.values} == {
        "Start": 2,
        "ImagePath": "C:\\WINDOWS\\mssecsvc.exe -m security",
        "list": ("a", "b"),
        "none": b"",
    }
    assert found.values == ()


def test_a_key_below_a_deleted_key_knows_its_path() -> None:
    data = build_hive(KEPT, WHEN, deleted={"A\\B": {}, "A\\B\\C": {"x": 1}})
    assert {(key.path, key.whole) for key in deleted(data).keys} == {("A\\B", True), ("A\\B\\C", True)}


def test_a_value_deleted_from_a_key_is_told_alone() -> None:
    data = build_hive(KEPT, WHEN, freed={"ControlSet001\\Services\\Spooler": {"gone": "text", "ngày": 7}})
    found = deleted(data)
    assert found.keys == ()
    assert [(value.name, value.data) for _, value in found.values] == [("gone", "text"), ("ngày", 7)]


def test_a_hive_without_deletions_tells_nothing() -> None:
    assert deleted(build_hive(KEPT, WHEN)) == Deleted(keys=(), values=())


def test_a_key_whose_parent_is_gone_says_that_its_path_is_not_whole() -> None:
    data = bytearray(build_hive(KEPT, WHEN, deleted=GONE))
    at = data.index(b"mssecsvc2.0") - 76
    struct.pack_into("<I", data, at + 16, 0x7FFFFFF8)
    (key,) = deleted(bytes(data)).keys
    assert (key.path, key.whole) == ("mssecsvc2.0", False)


def test_keys_that_are_each_others_parents_have_an_end() -> None:
    data = bytearray(build_hive(KEPT, WHEN, deleted=GONE))
    at = data.index(b"mssecsvc2.0") - 76
    struct.pack_into("<I", data, at + 16, at - 4 - 4096)
    (key,) = deleted(bytes(data)).keys
    assert not key.whole


def test_data_whose_cell_is_in_use_again_is_not_told() -> None:
    data = bytearray(build_hive(KEPT, WHEN, deleted=GONE))
    at = data.index("C:\\WINDOWS".encode("utf-16-le")) - 4
    (size,) = struct.unpack_from("<i", data, at)
    struct.pack_into("<i", data, at, -size)
    (key,) = deleted(bytes(data)).keys
    assert {value.name: value.data for value in key.values}["ImagePath"] == b""


@pytest.mark.parametrize(("place", "value"), [(4, bytes(8)), (72, b"\xff\xff"), (76, b"\x01")])
def test_what_cannot_be_a_key_is_left_alone(place: int, value: bytes) -> None:
    data = bytearray(build_hive(KEPT, WHEN, deleted=GONE))
    at = data.index(b"mssecsvc2.0") - 76
    data[at + place : at + place + len(value)] = value
    assert deleted(bytes(data)).keys == ()


def test_what_lies_in_a_healed_bin_is_damaged_and_not_deleted() -> None:
    data = bytearray(build_hive(KEPT, WHEN))
    at = data.index(b"Spooler") - 76 - 4
    struct.pack_into("<i", data, at, 3)
    hive = Hive(io.BytesIO(bytes(data)))
    hive.heal()
    assert find_deleted(hive.unhealed, hive.bins).keys == ()


def test_random_damage_never_raises() -> None:
    whole = build_hive(KEPT, WHEN, deleted=GONE, freed={"ControlSet001": {"gone": "text"}})
    chance = random.Random(7)
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(4096, len(data))] = chance.choice((0, 0xFF, chance.randrange(256)))
        bins = bytes(data[4096:])
        find_deleted(lambda at, size, bins=bins: bins[at : at + size], len(bins))


@pytest.mark.corpus
@pytest.mark.skipif(shutil.which("reglookup-recover") is None, reason="needs reglookup-recover")
@pytest.mark.parametrize(
    ("name", "keys", "unlike"),
    [
        ("ez-registry/Registry.Test/Hives/UsrClassDeletedBags.dat", 4, 1),
        ("regipy/regipy_tests/data/SYSTEM_B.xz", 1504, 2),
        ("regipy/regipy_tests/data/SYSTEM_WIN_10_1709.xz", 987, 2),
        ("plaso/test_data/NTUSER-WIN7.DAT", 82, 0),
        ("plaso/test_data/NTUSER.DAT", 0, 0),
    ],
)
def test_the_same_keys_as_reglookup_recover(name: str, keys: int, unlike: int, tmp_path) -> None:
    data = corpus_bytes(name)
    path = tmp_path / "hive"
    path.write_bytes(data)
    done = subprocess.run(["reglookup-recover", str(path)], capture_output=True, check=True)
    rows = [row for row in csv.reader(done.stdout.decode("latin-1").splitlines()) if len(row) > 2]
    theirs = {kind: {int(row[0], 16) - 4096 for row in rows[1:] if row[2] == kind} for kind in ("KEY", "VALUE")}
    found = deleted(data)
    assert {key.at for key in found.keys} == theirs["KEY"]
    assert len(found.keys) == keys
    told = sum(len(key.values) for key in found.keys) + len(found.values)
    # they also count values whose type or flags were written over
    assert abs(told - len(theirs["VALUE"])) <= unlike


def test_a_crafted_hive_has_an_end() -> None:
    key = build_hive(KEPT, WHEN, deleted={"Crafted": {f"v{number}": "text" * 50 for number in range(900)}})
    at = key.index(b"Crafted")
    (values,) = struct.unpack_from("<I", key, at - 76 + 36)
    assert values == 900
    cell = key[at - 80 : at - 80 + 88]
    space = bytes(32) + cell * 40_000
    length = -(-len(space) // 4096) * 4096
    free = bytearray(space.ljust(length, b"\0"))
    struct.pack_into("<4sII", free, 0, b"hbin", len(key) - 4096, length)
    struct.pack_into("<i", free, 32, length - 32)
    bins = key[4096:] + bytes(free)
    found = find_deleted(lambda at, size: bins[at : at + size], len(bins))
    assert 1 < sum(len(one.values) for one in found.keys) <= regf_deleted.LOOKED_AT
