"""Writing out: whole or not there, nothing overwritten, names that any disk holds."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import FormatError, RecoveryError
from triage.model import EntryId, Macb, UnixNs
from triage.recover.target import UNFINISHED, NotHeldError, Target, Written, safe_name

TIMES = Macb(modified=UnixNs(1_456_797_600_123_456_700), accessed=UnixNs(1_456_797_700_000_000_000))
ONE = EntryId(7)


def write(target: Target, path: str, data: bytes, entry: EntryId = ONE) -> Written:
    place = target.place(0, path)
    return target.finish(target.begin(iter([data]), TIMES, len(data), entry), place, entry)


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_tree_names_and_times_are_kept(tmp_path: Path) -> None:
    written = write(Target(tmp_path / "out"), "/Dữ liệu/Công văn/a b.docx", b"bytes")
    path = tmp_path / "out" / written.path
    assert written.path == "volume-0/Dữ liệu/Công văn/a b.docx"
    assert path.read_bytes() == b"bytes"
    assert path.stat().st_mtime_ns // 100 == TIMES.modified // 100  # type: ignore[operator]


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    target = Target(tmp_path)
    place = tmp_path / "volume-0" / "a.docx"
    place.parent.mkdir()
    place.write_bytes(b"somebody's own")
    assert write(target, "/a.docx", b"recovered").path == "volume-0/a~7.docx"
    assert place.read_bytes() == b"somebody's own"
    assert write(target, "/a.docx", b"another one still").path == "other-paths/7-a.docx"
    with pytest.raises(NotHeldError, match="nothing is overwritten"):
        write(target, "/a.docx", b"and one more")
    assert everything(tmp_path) == ["other-paths/7-a.docx", "volume-0/a.docx", "volume-0/a~7.docx"]


def test_what_was_written_before_a_plug_was_pulled_is_not_written_twice(tmp_path: Path) -> None:
    target = Target(tmp_path)
    first, second = write(target, "/a.docx", b"same"), write(target, "/a.docx", b"same")
    assert first == second
    assert everything(tmp_path) == ["volume-0/a.docx"]


def test_evidence_that_ends_early_leaves_nothing(tmp_path: Path) -> None:
    target = Target(tmp_path)

    def breaking() -> Iterator[bytes]:
        yield b"half"
        raise OSError("sector 7")

    with pytest.raises(OSError, match="sector 7"):
        target.begin(breaking(), TIMES, 10, ONE)
    with pytest.raises(FormatError, match="another size"):
        target.begin(iter([b"half"]), TIMES, 10, ONE)
    assert everything(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_the_targets_fault(tmp_path: Path) -> None:
    target = Target(tmp_path)
    unfinished = tmp_path / UNFINISHED / f"{ONE}.part"
    unfinished.parent.mkdir()
    unfinished.symlink_to("/dev/full")
    with pytest.raises(RecoveryError, match=r"No space left.*--to"):
        target.begin(iter([bytes(1 << 20)]), TIMES, 1 << 20, ONE)


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_every_name_can_be_held_and_leads_nowhere_else(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode("utf-8", "surrogatepass")) <= 220
    assert not set(safe) & set('<>:"|?*\\/\0\r\n')
    assert safe not in (".", "..")
    assert safe == safe.rstrip(" .")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..", "_"),
        (".", "_"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ("a:b", "a_b"),
        ("x. ", "x"),
        ("CON2", "CON2"),
    ],
)
def test_names_that_windows_refuses_get_others(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_names_that_begin_alike_stay_apart() -> None:
    one, two = (safe_name("ă" * 300 + end + ".docx") for end in "ab")
    assert one != two
    assert one.endswith(".docx")


@pytest.mark.parametrize("path", ["/a" * 2000, "/" + "ă" * 300 + "/ă" * 1500, "/" + "/".join(["x" * 190] * 30)])
def test_a_path_that_no_system_holds_is_kept_elsewhere(tmp_path: Path, path: str) -> None:
    target = Target(tmp_path)
    written = write(target, f"{path}/công văn.docx", b"bytes")
    assert "/other-paths/" in written.path
    assert written.path.endswith("công văn.docx")
    assert (tmp_path / written.path).read_bytes() == b"bytes"


def test_a_file_where_a_folder_should_be_costs_neither(tmp_path: Path) -> None:
    target = Target(tmp_path)
    write(target, "/a", b"file")
    assert write(target, "/a/b.docx", b"inner").path == "other-paths/7-b.docx"
    assert write(target, "/c/d.docx", b"inner").path == "volume-0/c/d.docx"
    assert write(target, "/c", b"file").path == "volume-0/c~7"


@given(st.integers(0, 9 << 20))
@settings(max_examples=20)
def test_sums_are_right_however_the_pieces_are_made(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    data = random.Random(size).randbytes(size)
    rooms = [bytearray(1 << 20) for _ in range(2)]

    def pieces() -> Iterator[memoryview]:
        for number, at in enumerate(range(0, size, 1 << 20)):
            part = data[at : at + (1 << 20)]
            rooms[number % 2][: len(part)] = part
            yield memoryview(rooms[number % 2])[: len(part)]

    folder = tmp_path_factory.mktemp("sums")
    part = Target(folder).begin(pieces(), TIMES, size, ONE)
    assert part.sha256 == hashlib.sha256(data).hexdigest()
    assert part.path.read_bytes() == data
