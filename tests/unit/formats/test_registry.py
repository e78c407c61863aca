from __future__ import annotations

import io
import random
import shutil
import struct
import subprocess
from collections import Counter
from contextlib import suppress

import pytest

from samples_fake.hive import Expand, Raw, build_hive, unwritten
from samples_fake.registry import software_hive, system_hive, user_hive
from tests.samples import corpus_bytes
from triage.errors import FormatError
from triage.formats.regf_log import base_block, base_checksum, marvin32, recover
from triage.formats.registry import DATA_MAX, Hive, decode
from triage.times import from_unix

WHEN = from_unix(1494575040)
BIG = bytes(range(256)) * 300
TREE = {
    "": {"": "root"},
    "Select": {"Current": 1, "": "default", "big": BIG, "many": 1 << 40, "ngày": "Tiếng Việt 😀", "empty": b""},
    "Khóa\\Con": {"list": ("a", "b"), "path": Expand("%SystemRoot%\\x"), "be": Raw(5, b"\0\0\1\2")},
    **{f"Services\\svc{number:04}": {"Start": number} for number in range(1100)},
}


def opened(data: bytes, *logs: bytes) -> Hive:
    return Hive(io.BytesIO(data), lambda: logs)


def counted(hive: Hive) -> tuple[int, int]:
    keys = values = 0
    for key in hive.walk():
        keys += 1
        values += sum(1 for _ in key.values())
    return keys, values


def everything(data: bytes, *logs: bytes) -> None:
    """Asks a hive all there is to ask."""
    for key in opened(data, *logs).walk():
        assert isinstance(key.name, str)
        assert key.written is None or isinstance(key.written, int)
        for value in key.values():
            assert isinstance(value.data, str | int | tuple | bytes)


def test_every_type_is_read_as_it_was_written() -> None:
    hive = opened(build_hive(TREE, WHEN, {"Select": from_unix(1494575041)}))

    select = hive.key("select")
    assert select is not None
    values = {value.name: value.data for value in select.values()}
    assert values == {
        "Current": 1,
        "": "default",
        "big": BIG,
        "many": 1 << 40,
        "ngày": "Tiếng Việt 😀",
        "empty": b"",
    }
    assert select.written == from_unix(1494575041)
    child = hive.key("KHÓA\\con")
    assert child is not None
    assert {value.name: value.data for value in child.values()} == {
        "list": ("a", "b"),
        "path": "%SystemRoot%\\x",
        "be": 0x102,
    }
    assert child.written == WHEN
    assert not hive.dirty
    assert not hive.damage


def test_a_path_ignores_case_and_a_missing_one_is_none() -> None:
    hive = opened(build_hive(TREE, WHEN))
    found = hive.key("SERVICES\\SVC1099")
    assert found is not None
    assert found.number("start") == 1099
    assert hive.key("Services\\svc1100") is None
    assert hive.key("Nothing\\at\\all") is None
    assert found.value("stop") is None
    assert found.text("Start") == ""


def test_long_lists_of_keys_are_whole() -> None:
    assert counted(opened(build_hive(TREE, WHEN))) == (1105, 1 + 6 + 3 + 1100)


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (1, "a\0rest".encode("utf-16-le"), "a"),
        (1, b"\x00\xd8", "\ufffd"),
        (1, b"a\0b", "a"),
        (4, b"\1\0", b"\1\0"),
        (4, b"\1\0\0\0", 1),
        (7, "a\0\0b\0".encode("utf-16-le"), ("a", "b")),
        (11, bytes(8), 0),
        (0xFFFF0010, b"x", b"x"),
    ],
)
def test_data_that_does_not_fit_its_type_is_given_as_far_as_it_goes(kind: int, data: bytes, told: object) -> None:
    assert decode(kind, data) == told


@pytest.mark.parametrize("data", [b"", b"regf", b"MZ" + bytes(5000), b"regf" + bytes(5000)])
def test_what_is_no_hive_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        opened(data)


def test_what_the_evidence_cannot_give_counts_as_zeros_and_is_remembered() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() < bad + 512 and bad < self.tell() + (size or 0):
                raise OSError(5, "bad sector")
            return super().read(size)

    data = build_hive(TREE, WHEN)
    bad = data.index(b"svc0500") // 512 * 512
    hive = Hive(Torn(data))
    counted(hive)
    hive.heal()
    assert 1000 < counted(hive)[0] < 1105
    assert "bad sector" in str(hive.unreadable)


def test_a_broken_key_costs_that_key() -> None:
    data = bytearray(build_hive({"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 3}}, WHEN))
    at = data.index(b"nk", data.index(b"nk", data.index(b"nk") + 1) + 1)
    data[at : at + 2] = b"??"
    hive = opened(bytes(data))
    assert [key.name for key in hive.root.subkeys()] == ["a", "c"]
    assert hive.damage == 1


def test_values_that_claim_too_much_are_left_out() -> None:
    data = bytearray(build_hive({"a": {"x": "text", "y": 2}}, WHEN))
    at = data.index(b"vk")
    struct.pack_into("<I", data, at + 4, DATA_MAX + 1)
    hive = opened(bytes(data))
    key = hive.key("a")
    assert key is not None
    assert [value.name for value in key.values()] == ["y"]
    assert hive.damage == 1


def test_a_hive_that_points_at_one_thing_again_and_again_has_an_end() -> None:
    data = build_hive({"a\\b": {"v": BIG}}, WHEN)
    hive = opened(data)
    hive.keys_left, hive.bytes_left = 1, 100
    assert [key.name for key in hive.walk()] == ["ROOT", "a"]
    found = hive.key("a\\b")
    assert found is not None
    assert list(found.values()) == []
    assert hive.damage == 2


@pytest.mark.parametrize("fill", [0, 0xFF])
def test_a_lost_bin_costs_what_lay_in_it_and_no_more(fill: int) -> None:
    data = bytearray(build_hive(TREE, WHEN))
    whole = counted(opened(bytes(data)))
    at = data.index(b"svc0500") // 4096 * 4096
    data[at : at + 4096] = bytes([fill]) * 4096
    hive = opened(bytes(data))
    keys, values = counted(hive)
    assert whole[0] - 100 < keys < whole[0]
    assert values < whole[1]
    assert hive.damage


def test_a_hive_that_was_cut_off_says_so() -> None:
    data = build_hive(TREE, WHEN)
    hive = opened(data[: len(data) // 2])
    assert hive.damage
    assert hive.key("Select") is not None
    assert 1 < counted(hive)[0] < 1105


def test_changes_that_are_only_in_the_log_are_read() -> None:
    after = build_hive({**TREE, "New": {"value": "only in the log"}}, WHEN)
    dirty, log = unwritten(build_hive(TREE, WHEN), after)

    with_log, without = opened(dirty, log), opened(dirty)

    assert with_log.dirty
    assert without.dirty
    assert (with_log.recovered, without.recovered) == (1, 0)
    new = with_log.key("New")
    assert new is not None
    assert new.text("value") == "only in the log"
    assert without.key("New") is None
    assert counted(with_log) == counted(opened(after))


def test_a_log_that_was_torn_or_belongs_elsewhere_is_not_applied() -> None:
    before, after = build_hive(TREE, WHEN), build_hive({**TREE, "New": {"v": 1}}, WHEN)
    dirty, log = unwritten(before, after)
    torn = log[:2048] + b"\xff" * 512 + log[2560:]
    later = bytearray(dirty)
    struct.pack_into("<II", later, 4, 9, 8)
    struct.pack_into("<I", later, 508, base_checksum(later))
    assert opened(dirty, torn).recovered == 0
    assert opened(dirty, b"", b"regf", bytes(1024)).recovered == 0
    assert opened(bytes(later), log).recovered == 0
    assert opened(before, log).recovered == 0  # clean: the log is old


def test_a_lost_base_block_comes_back_from_the_log() -> None:
    before, after = build_hive(TREE, WHEN), build_hive({**TREE, "New": {"v": 1}}, WHEN)
    dirty, log = unwritten(before, after)
    broken = bytearray(dirty)
    broken[12:20] = b"\xff" * 8
    hive = opened(bytes(broken), log)
    assert hive.recovered == 1
    assert hive.key("New") is not None


def test_a_log_of_the_older_kind_is_applied() -> None:
    before = build_hive({"a": {"x": 1}}, WHEN)
    after = build_hive({"a": {"x": 2}}, WHEN)
    dirty = bytearray(before)
    struct.pack_into("<I", dirty, 4, 2)
    struct.pack_into("<I", dirty, 508, base_checksum(dirty))
    sectors = [at for at in range(4096, len(after), 512) if after[at : at + 512] != before[at : at + 512]]
    bitmap = bytearray((len(after) - 4096) // 4096)
    for at in sectors:
        number = (at - 4096) // 512
        bitmap[number // 8] |= 1 << number % 8
    log = before[:512] + (b"DIRT" + bytes(bitmap)).ljust(512, b"\0") + b"".join(after[at : at + 512] for at in sectors)
    hive = opened(bytes(dirty), log)
    key = hive.key("a")
    assert key is not None
    assert key.number("x") == 2
    assert hive.recovered == 1


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "keys", "values", "damage"),
    [
        ("regipy/regipy_tests/data/SYSTEM.xz", 30756, 73456, 0),
        ("regipy/regipy_tests/data/NTUSER.DAT.xz", 1812, 4094, 0),
        ("regipy/regipy_tests/data/ntuser_software_partial.xz", 6396, 19990, 0),
        ("ez-registry/Registry.Test/Hives/NTUSER1.DAT", 595, 878, 0),
        ("ez-registry/Registry.Test/Hives/SAM", 68, 73, 0),
        ("ez-registry/Registry.Test/Hives/SAMBadHBinHeader", 68, 73, 2),  # others stop at the first bad bin: 1 key
        ("regipy/regipy_tests/data/corrupted_system_hive.xz", 1597, 5441, 209),  # the half of it is zeros
        ("ez-registry/Registry.Test/Hives/UsrClassDeletedBags.dat", 37, 231, 0),
        ("plaso/test_data/NTUSER-WIN7.DAT", 2288, 5470, 0),
        ("plaso/test_data/winreg/Amcache.hve", 2105, 17539, 0),
        ("plaso/test_data/winreg/win10-Amcache.hve", 207, 4188, 0),
        ("plaso/test_data/regf/100_sub_keys.hiv", 101, 100, 0),
        ("plaso/test_data/regf/corrupt_sub_key_list.hiv", 100, 99, 1),
    ],
)
def test_real_hives_hold_as_many_keys_as_others_count(name: str, keys: int, values: int, damage: int) -> None:
    hive = opened(corpus_bytes(name))
    assert counted(hive) == (keys, values)
    assert hive.damage == damage


@pytest.mark.corpus
@pytest.mark.skipif(shutil.which("reglookup") is None, reason="not installed: reglookup")
@pytest.mark.parametrize("name", ["plaso/test_data/NTUSER-WIN7.DAT", "plaso/test_data/regf/NTUSER.DAT"])
def test_reglookup_counts_the_same(name: str, tmp_path) -> None:
    data = corpus_bytes(name)
    assert _reglookup(data, tmp_path) == counted(opened(data))


@pytest.mark.skipif(shutil.which("reglookup") is None, reason="not installed: reglookup")
@pytest.mark.parametrize("data", [build_hive(TREE, WHEN), system_hive(), software_hive(), user_hive()])
def test_reglookup_reads_our_fakes(data: bytes, tmp_path) -> None:
    assert _reglookup(data, tmp_path) == counted(opened(data))


def _reglookup(data: bytes, folder) -> tuple[int, int]:
    path = folder / "hive"
    path.write_bytes(data)
    lines = subprocess.run(["reglookup", "-H", path], capture_output=True, check=True).stdout.splitlines()
    kinds = Counter("key" if line.split(b",")[1] == b"KEY" else "value" for line in lines)
    return kinds["key"], kinds["value"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("hive", "logs", "entries", "sizes"),
    [
        ("SYSTEM_B.xz", ("SYSTEM_B.LOG1.xz", "SYSTEM_B.LOG2.xz"), 24, (35595, 78901)),
        (
            "transactions_NTUSER.DAT.xz",
            ("transactions_ntuser.dat.log1.xz", "transactions_ntuser.dat.log2.xz"),
            23,
            (3105, 4695),
        ),
    ],
)
def test_real_logs_bring_a_hive_to_its_last_state(hive, logs, entries, sizes) -> None:
    folder = "regipy/regipy_tests/data/"
    read = opened(corpus_bytes(folder + hive), *(corpus_bytes(folder + log) for log in logs))
    assert read.recovered == entries
    assert counted(read) == sizes
    assert read.damage == 0


@pytest.mark.corpus
def test_every_entry_of_a_real_log_bears_the_hash_we_compute() -> None:
    folder = "regipy/regipy_tests/data/"
    log = corpus_bytes(folder + "transactions_ntuser.dat.log1.xz")
    base = base_block(corpus_bytes(folder + "transactions_NTUSER.DAT.xz")[:512])
    assert base is not None
    (size,) = struct.unpack_from("<I", log, 516)
    assert log[536:544] == marvin32(log[552 : 512 + size])
    assert log[544:552] == marvin32(log[512:544])
    assert recover(base, [log]) is not None


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, runs overwritten, perhaps cut."""
    out = bytearray(data)
    for _ in range(chance.randrange(1, 24)):
        at = chance.randrange(len(out))
        piece = chance.choice(
            (b"\0", b"\xff\xff\xff\xff", b"\x80", b"\x01\0\0\0", chance.randbytes(4), chance.randbytes(64))
        )
        out[at : at + len(piece)] = piece
    return bytes(out[: chance.randrange(len(out))]) if chance.random() < 0.2 else bytes(out)


SMALL = build_hive({k: v for k, v in TREE.items() if not k.startswith("Services")} | {"S\\a": {"v": 1}}, WHEN)
DIRTY, LOG = unwritten(SMALL, build_hive({"Select": {"x": "y"}, "New\\Key": {"v": BIG}}, WHEN))


def fuzz(seed: int) -> None:
    chance = random.Random(seed)
    samples = ((SMALL,), (system_hive(),), (software_hive(),), (DIRTY, LOG))
    files = [mutated(file, chance) if chance.random() < 0.8 else file for file in samples[seed % len(samples)]]
    with suppress(FormatError):
        everything(files[0], *files[1:])


def test_300_mutated_hives_give_what_they_hold_or_a_format_error() -> None:
    for seed in range(300):
        fuzz(seed)


@pytest.mark.soak
def test_5000_mutated_hives_give_what_they_hold_or_a_format_error() -> None:
    for seed in range(5000):
        fuzz(seed)
