"""Rules packed into one masked file read as the folder does, and a damaged file is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from triage.errors import RuleError
from triage.intel import load_intel
from triage.intel.law import load_law
from triage.intel.packed import Packed, PackedPath, pack, parse, unpack
from triage.intel.roots import rules_root

RELEASED = "2026-11-23T00:00:00Z"


def knowledge() -> dict[str, bytes]:
    root = rules_root()
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def packed(tmp_path: Path) -> PackedPath:
    place = tmp_path / "RULES.PAK"
    place.write_bytes(pack(knowledge(), RELEASED).to_bytes())
    return PackedPath(place)


def test_packed_rules_are_the_same_knowledge(packed: PackedPath) -> None:
    plain, read = load_intel(), load_intel(root=packed)
    assert (read.digest, read.counts, read.rules.names) == (plain.digest, plain.counts, plain.rules.names)
    assert load_law(packed) == load_law(rules_root())


def test_knowledge_from_packed_rules_reaches_worker_processes(packed: PackedPath) -> None:
    intel = load_intel(root=packed)
    assert pickle.loads(pickle.dumps(intel)).digest == intel.digest


def test_no_indicator_can_be_read_in_the_packed_file(packed: PackedPath) -> None:
    data = Path(str(packed)).read_bytes().lower()
    for family in load_intel().families:
        for told in (*(domain.name for domain in family.domains), *(name.id for name in family.names)):
            assert told.lower().encode() not in data


def test_the_same_tree_packs_to_the_same_bytes() -> None:
    tree = knowledge()
    assert pack(tree, RELEASED).to_bytes() == pack(dict(reversed(tree.items())), RELEASED).to_bytes()


def test_what_was_packed_comes_out_again() -> None:
    tree = {"a/b.toml": b"x = 1\n", "c.csv": b"", "d": bytes(range(256))}
    again = parse(pack(tree, RELEASED).to_bytes(), "x")
    assert (unpack(again, "x"), again.signature, again.head.files) == (tree, b"", 3)


@pytest.mark.parametrize("at", [0, 20, 100, -1, -40])
def test_a_changed_byte_is_refused(at: int) -> None:
    data = bytearray(pack({"a": b"b" * 100}, RELEASED).to_bytes())
    data[at] ^= 1
    with pytest.raises(RuleError, match=r"RULES\.PAK"):
        unpack(parse(bytes(data), "RULES.PAK"), "RULES.PAK")


@pytest.mark.parametrize("size", [0, 5, 40, -1])
def test_a_file_cut_off_is_refused(size: int) -> None:
    data = pack({"a": b"b" * 1000}, RELEASED).to_bytes()
    with pytest.raises(RuleError):
        parse(data[:size], "x")


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "a//b"])
def test_a_name_that_leaves_the_tree_is_refused(name: str) -> None:
    with pytest.raises(RuleError, match="list of files"):
        unpack(pack({name: b""}, RELEASED), "x")


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused() -> None:
    bomb = pack({"a": bytes(65 << 20)}, RELEASED)
    assert isinstance(bomb, Packed)
    with pytest.raises(RuleError, match="list of files"):
        unpack(bomb, "x")


def test_folders_and_files_are_told_apart(packed: PackedPath) -> None:
    families = packed / "families"
    assert families.is_dir()
    assert not families.is_file()
    assert not (packed / "nothing").exists()
    assert [path.name for path in families.iterdir()] == sorted(path.name for path in families.glob("*"))
    assert {path.name for path in packed.rglob("family.toml")} == {"family.toml"}
    with pytest.raises(FileNotFoundError):
        (families / "x.toml").read_bytes()
    with pytest.raises(PermissionError):
        (packed / "law.toml").open("w")
