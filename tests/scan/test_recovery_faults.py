"""A recovery among hostile files, failing disks and small targets: each costs what it must, says so, and goes on."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from samples_fake import documents, state, wncry
from samples_fake.build import build_image
from samples_fake.scenes import recoverable
from samples_fake.scenes.recoverable import DATA, FATES, ORIGINALS, demo_primes
from tests.scan.disks import looped, mount
from tests.scanning import Scanned, scan, triage
from triage.case import Case
from triage.errors import EvidenceError
from triage.evidence.folder import FileStream, Folder
from triage.evidence.image import Image
from triage.model import Entry, Macb
from triage.recover import pool
from triage.recover.run import RecoverOptions, recover
from triage.recover.tally import Result
from triage.recover.target import NotHeldError, Target

WORK = "ProgramData/hxqdwpkvzbr704"


class Silent:
    """Nobody is told."""

    def begin_memory(self, name: str, size: int) -> None: ...

    def searched(self, size: int) -> None: ...

    def begin_carving(self, volume: int, size: int) -> None: ...

    def begin(self, files: int, size: int) -> None: ...

    def done(self, outcome: object) -> None: ...


def tree(folder: Path, files: dict[str, bytes], *, key: bool = True) -> Path:
    """A folder of harmless fakes with the victim's key files."""
    contents = {f"{WORK}/00000000.pky": state.pky_of_dky(), **files}
    if key:
        contents[f"{WORK}/00000000.dky"] = state.dky()
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def sealed(data: bytes, seed: int = 0) -> bytes:
    return wncry.sealed(data, state.MODULUS, seed=seed)


def lying(data: bytes, size: int, kind: int = 4) -> bytes:
    """A container that opens, whose header tells another size."""
    whole = bytearray(sealed(data))
    whole[268:280] = struct.pack("<IQ", kind, size)
    return bytes(whole)


def found(out: Path) -> dict[str, bytes]:
    """What was written, without our own files."""
    paths = (path for path in out.rglob("*") if path.is_file() and path.parent != out)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def log(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "recovery.jsonl").read_text().splitlines()[1:]]


def run(scanned: Scanned, source: Path, out: Path, opener: Callable[[Sequence[Path]], object]) -> Result:
    with Case.open(scanned.case) as case:
        return recover(case, (source,), out, RecoverOptions(opener=opener), Silent())  # type: ignore[arg-type]


def test_headers_that_lie_cost_their_file_alone(tmp_path: Path) -> None:
    text = documents.text("Tờ trình", 40)
    files = {
        "D/huge.txt.WNCRY": lying(text, 1 << 44),
        "D/empty.txt.WNCRY": sealed(b""),
        "D/long.txt.WNCRY": lying(text, len(text) + 4096),
        "D/nothing.txt.WNCYR": lying(text, 0, kind=3),
        "D/tiny.txt.WNCYR": lying(text, 65_535, kind=3),
        "D/vast.txt.WNCYR": lying(text, 1 << 44, kind=3),
        "D/sound.txt.WNCRY": sealed(text),
    }
    source = tree(tmp_path / "disk", files)
    with (source / "D" / "hole.txt.WNCRY").open("wb") as file:  # as long as it says, and more than any disk holds
        file.write(lying(text, 1 << 43))
        file.truncate(280 + (1 << 43))
    scanned = scan(source, case=tmp_path / "case")
    code, _, errors = triage("recover", scanned.case, source, "--to", tmp_path / "out")
    assert (code, errors) == (1, "")
    assert found(tmp_path / "out") == {"volume-0/D/empty.txt": b"", "volume-0/D/sound.txt": text}
    problems = {line["encrypted"]: line["problem"] for line in log(tmp_path / "out") if not line["path"]}
    assert set(problems) == {f"/{name}" for name in files if "sound" not in name and "empty" not in name} | {
        "/D/hole.txt.WNCRY"
    }
    assert "free" in problems["/D/hole.txt.WNCRY"]


def test_files_that_change_after_the_scan_are_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    text = documents.text("Báo cáo", 40)
    source = tree(tmp_path / "disk", {f"D/E/F/{n}.txt.WNCRY": sealed(text, n) for n in range(4)})
    scanned = scan(source, case=tmp_path / "case")
    os.truncate(source / "D/E/F/1.txt.WNCRY", 300)
    (source / "D/E/F/2.txt.WNCRY").unlink()
    code, said, errors = triage("recover", scanned.case, source, "--to", tmp_path / "out", "--lang", "en")
    assert (code, errors) == (1, "")
    assert found(tmp_path / "out") == {f"volume-0/D/E/F/{n}.txt": text for n in (0, 3)}
    assert said.count("not written") == 2


def test_what_failed_is_tried_again_and_what_is_written_is_not(tmp_path: Path) -> None:
    text = documents.text("Báo cáo", 40)
    source = tree(tmp_path / "disk", {f"D/E/F/{n}.txt.WNCRY": sealed(text, n) for n in range(3)})
    scanned = scan(source, case=tmp_path / "case")
    aside = tmp_path / "aside"
    (source / "D/E/F/1.txt.WNCRY").rename(aside)
    out = tmp_path / "out"
    assert triage("recover", scanned.case, source, "--to", out)[0] == 1
    assert triage("recover", scanned.case, source, "--to", out)[0] == 1
    assert len(log(out)) == 3  # the same words are not said twice
    aside.rename(source / "D/E/F/1.txt.WNCRY")
    assert triage("recover", scanned.case, source, "--to", out)[0] == 0
    assert found(out) == {f"volume-0/D/E/F/{n}.txt": text for n in range(3)}


class BadSector(Image):
    """A disk on which the middle of one file cannot be read."""

    def open(self, entry: Entry):
        stream = super().open(entry)
        if entry.path.endswith("Film.mp4.WNCYR"):
            whole = stream.read

            def read(offset: int, size: int) -> bytes | memoryview:
                if offset <= 200_000 < offset + size:
                    raise OSError("sector 390 cannot be read")
                return whole(offset, size)

            stream.read = read
        return stream


def bad_sector(targets: Sequence[Path]) -> Image:
    return BadSector(targets[0])


@pytest.mark.image
def test_a_sector_that_cannot_be_read_costs_its_file(tmp_path: Path) -> None:
    image = build_image(recoverable.scene(), tmp_path / "disk.img")
    scanned = scan(image, case=tmp_path / "case")
    result = run(scanned, image, tmp_path / "out", bad_sector)
    assert dict(result.failed) == {"cannot be read: sector 390 cannot be read": 1}
    assert not [name for name in found(tmp_path / "out") if "Film" in name or "part" in name.rpartition(".")[2]]
    assert f"volume-0{DATA}/Moved 0.docx" in found(tmp_path / "out")


class Deadly(Folder):
    """Files whose reading ends or stops the process that reads them."""

    def open(self, entry: Entry) -> FileStream:
        if "kill" in entry.name and entry.name.endswith(".WNCRY"):
            os.kill(os.getpid(), signal.SIGKILL)
        if "hang" in entry.name and entry.name.endswith(".WNCRY"):
            threading.Event().wait()
        return super().open(entry)


def deadly(targets: Sequence[Path]) -> Deadly:
    return Deadly(targets[0])


def test_a_worker_that_dies_or_hangs_costs_the_file_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SECONDS", 1.0)
    text = documents.text("Công văn", 20)
    names = ["a", "kill 1", "b", "c", "hang 1", "d", "kill 2", *(f"e{n}" for n in range(90)), "kill 3", "f", "hang 2"]
    source = tree(tmp_path / "disk", {f"D/{name}.txt.WNCRY": sealed(text, n % 9) for n, name in enumerate(names)})
    scanned = scan(source, case=tmp_path / "case")
    result = run(scanned, source, tmp_path / "out", deadly)
    assert dict(result.failed) == {pool.DIED: 3, pool.HUNG: 2}
    sound = {f"volume-0/D/{name}.txt": text for name in names if not name.startswith(("kill", "hang"))}
    assert found(tmp_path / "out") == sound


def test_evidence_that_is_gone_for_the_workers_is_said_once(tmp_path: Path) -> None:
    source = tree(tmp_path / "disk", {f"D/{n}.txt.WNCRY": sealed(b"text", n) for n in range(3)})
    scanned = scan(source, case=tmp_path / "case")

    def once(targets: Sequence[Path]) -> Folder:
        folder = Folder(targets[0])
        if scanned.case.with_name("opened").exists():
            return Folder(targets[0] / "gone")
        scanned.case.with_name("opened").touch()
        return folder

    with pytest.raises(EvidenceError, match="gone"):
        run(scanned, source, tmp_path / "out", once)


# -- targets --------------------------------------------------------------------------------------------------------


def test_a_full_target_ends_in_one_line_and_a_larger_one_completes_it(tmp_path: Path) -> None:
    text = documents.text("Công văn", 200)
    source = tree(tmp_path / "disk", {f"D/{n}.txt.WNCRY": sealed(text + bytes([n]) * 9000, n) for n in range(60)})
    scanned = scan(source, case=tmp_path / "case")
    with mount(tmp_path / "small", "-t", "tmpfs", "-o", "size=300k", "tmpfs") as out:
        code, said, errors = triage("recover", scanned.case, source, "--to", out)
        assert code in (1, 2)
        assert (said + errors).count("Traceback") == 0
        before = found(out)
        assert 0 < len(before) < 60
        subprocess.run(["mount", "-o", "remount,size=8m", out], check=True)
        assert triage("recover", scanned.case, source, "--to", out)[0] == 0
        after = found(out)
        assert after == {f"volume-0/D/{n}.txt": text + bytes([n]) * 9000 for n in range(60)}
        written = [line["path"] for line in log(out) if line["path"]]
        assert len(written) == len(set(written)) == 60


def test_a_read_only_target_is_refused_in_one_line(tmp_path: Path) -> None:
    source = tree(tmp_path / "disk", {"D/1.txt.WNCRY": sealed(b"text")})
    scanned = scan(source, case=tmp_path / "case")
    with mount(tmp_path / "locked", "-t", "tmpfs", "-o", "ro", "tmpfs") as out:
        for folder in (out, out / "new"):
            code, _, errors = triage("recover", scanned.case, source, "--to", folder)
            assert (code, errors.count("\n")) == (2, 1)
            assert "Read-only file system" in errors


TWINS = {
    "D/A.docx.WNCRY": 1,
    "D/a.docx.WNCRY": 2,
    "D/T\u1ec7p.docx.WNCRY": 3,
    "D/Te\u0323\u0302p.docx.WNCRY": 4,
    "D/con.docx.WNCRY": 5,
    "D/what?.docx.WNCRY": 6,
    "D/what*.docx.WNCRY": 7,
    "D/end. .docx.WNCRY": 8,
    "D/x.docx.WNCRY": 9,
    "D/x.docx.WNCRYT": 10,
    "D/folder.WNCRY": 11,
    "D/folder/inner.docx.WNCRY": 12,
    "D/" + "d\u00e0i" * 60 + ".docx.WNCRY": 13,
}


def check_twins(source: Path, case: Path, out: Path) -> None:
    scanned = scan(source, case=case)
    code, said, errors = triage("recover", scanned.case, source, "--to", out, "--lang", "en")
    assert (code, errors) == (0, ""), said
    originals = sorted(map(recoverable.document, TWINS.values()))
    assert sorted(found(out).values()) == originals
    assert triage("recover", scanned.case, source, "--to", out)[0] == 0
    assert sorted(found(out).values()) == originals


def twins(folder: Path) -> Path:
    return tree(folder, {name: sealed(recoverable.document(n), n) for name, n in TWINS.items()})


def test_names_that_meet_or_cannot_be_are_all_kept(tmp_path: Path) -> None:
    check_twins(twins(tmp_path / "disk"), tmp_path / "case", tmp_path / "out")


@pytest.fixture
def fat(tmp_path: Path) -> Iterator[Path]:
    """A FAT32 volume of 6 GiB, mounted, of which nothing is stored."""
    image = tmp_path / "fat.img"
    with image.open("wb") as file:
        file.truncate(6 << 30)
    subprocess.run(["mkfs.vfat", "-F", "32", image], check=True, capture_output=True)
    with mount(tmp_path / "fat", "-o", "loop,iocharset=utf8", image) as place:
        yield place


def test_names_that_meet_on_fat_are_all_kept(tmp_path: Path, fat: Path) -> None:
    check_twins(twins(tmp_path / "disk"), tmp_path / "case", fat / "out")


@pytest.mark.skipif(not shutil.which("mount.exfat-fuse"), reason="exfat-fuse is not installed")
def test_names_that_meet_on_exfat_are_all_kept(tmp_path: Path) -> None:
    image, out = tmp_path / "exfat.img", tmp_path / "exfat"
    with image.open("wb") as file:
        file.truncate(1 << 30)
    subprocess.run(["mkfs.exfat", image], check=True, capture_output=True)
    with looped(image) as device, mount(out, "-t", "exfat-fuse", device):
        check_twins(twins(tmp_path / "disk"), tmp_path / "case", out / "out")


def test_a_file_too_large_for_the_file_system_costs_itself(tmp_path: Path) -> None:
    target = Target(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(NotHeldError, match="FAT32 ends at 4 GiB"):
            target.begin(iter([bytes(1 << 20)] * 2), Macb(), 2 << 20, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_too_large_for_fat_is_said_and_the_rest_goes_on(tmp_path: Path, fat: Path) -> None:
    source = tree(tmp_path / "disk", {"D/small.txt.WNCRY": sealed(b"small")})
    with (source / "D" / "film.mp4.WNCYR").open("wb") as file:
        file.write(wncry.header(5 << 30, kind=3))
        file.truncate((5 << 30) + 0x10000)
    scanned = scan(source, case=tmp_path / "case")
    code, said, errors = triage("recover", scanned.case, source, "--to", fat / "out", "--lang", "en")
    assert (code, errors) == (1, "")
    assert "FAT32 ends at 4 GiB" in said
    assert found(fat / "out") == {"volume-0/D/small.txt": b"small"}


def test_a_folder_of_somebody_elses_files_is_left_as_it_is(tmp_path: Path) -> None:
    source = tree(tmp_path / "disk", {f"D/{n}.txt.WNCRY": sealed(b"text", n) for n in range(3)})
    scanned = scan(source, case=tmp_path / "case")
    out = tmp_path / "out"
    own = {"volume-0/D/0.txt": b"mine", "volume-0/D/1.txt/inner": b"mine", "notes.txt": b"mine"}
    for name, data in own.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    assert triage("recover", scanned.case, source, "--to", out)[0] == 0
    assert {name: (out / name).read_bytes() for name in own} == own
    assert sorted(line["path"] for line in log(out)) == [
        f"volume-0/D/0~{ident}.txt" if n == 0 else f"volume-0/D/1~{ident}.txt" if n == 1 else "volume-0/D/2.txt"
        for n, ident in enumerate(line["id"] for line in log(out))
    ]


@pytest.mark.parametrize("name", ["recovery.jsonl", "SHA256SUMS"])
def test_a_file_of_our_name_that_is_none_of_ours_is_refused(tmp_path: Path, name: str) -> None:
    source = tree(tmp_path / "disk", {"D/1.txt.WNCRY": sealed(b"text")})
    scanned = scan(source, case=tmp_path / "case")
    for data in (b"somebody's own\n", b"somebody's own", b'{"schema": "other"}\n'):
        out = tmp_path / f"out{len(data)}"
        out.mkdir()
        (out / name).write_bytes(data)
        code, _, errors = triage("recover", scanned.case, source, "--to", out)
        assert (code, errors.count("\n")) == (2, 1)
        assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [(name, data)]


def test_a_log_cut_off_anywhere_goes_on(tmp_path: Path) -> None:
    text = documents.text("Công văn", 20)
    source = tree(tmp_path / "disk", {f"D/{n}.txt.WNCRY": sealed(text, n) for n in range(3)})
    scanned = scan(source, case=tmp_path / "case")
    out = tmp_path / "out"
    assert triage("recover", scanned.case, source, "--to", out)[0] == 0
    whole = (out / "recovery.jsonl").read_bytes()
    for cut in (0, 5, whole.index(b"\n"), whole.index(b"\n") + 1, whole.index(b"\n") + 20, len(whole) - 1):
        (out / "recovery.jsonl").write_bytes(whole[:cut])
        (out / "SHA256SUMS").unlink()
        assert triage("recover", scanned.case, source, "--to", out)[0] == 0, cut
        assert found(out) == {f"volume-0/D/{n}.txt": text for n in range(3)}
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=out, check=True)


# -- keys, and what fits more than once -----------------------------------------------------------------------------


def test_a_key_of_the_demo_files_alone_is_taken_and_costs_no_copy(tmp_path: Path) -> None:
    image = build_image(recoverable.scene(), tmp_path / "disk.img")
    scanned = scan(image, case=tmp_path / "case")
    key = tmp_path / "demo.dky"
    key.write_bytes(state.dky(demo_primes()))
    out = tmp_path / "out"
    code, _, errors = triage("recover", scanned.case, image, "--to", out, "--key", key, "--key", key)
    assert (code, errors) == (1, "")
    top = out / "volume-0"
    lost = ("deleted-overwritten", "deleted-partly-reused", "lost-without-key")
    for path, fate in FATES.items():
        place = top / path[1:]
        assert place.exists() is (fate not in lost), path
        assert fate in lost or place.read_bytes() == ORIGINALS[path]


def test_a_key_that_comes_later_replaces_what_was_only_a_copy(tmp_path: Path) -> None:
    image = build_image(recoverable.scene(), tmp_path / "disk.img")
    scanned = scan(image, case=tmp_path / "case")
    out = tmp_path / "out"
    assert triage("recover", scanned.case, image, "--to", out)[0] == 0
    key = tmp_path / "00000000.dky"
    key.write_bytes(state.dky())
    assert triage("recover", scanned.case, image, "--to", out, "--key", key)[0] == 0
    for path, data in ORIGINALS.items():
        assert (out / "volume-0" / path[1:]).read_bytes() == data
    assert [name for name in found(out) if "~" in name] == []


def test_the_key_of_the_demo_files_is_tried_on_them_among_many_others(tmp_path: Path) -> None:
    modulus = demo_primes()[0] * demo_primes()[1]
    files = {f"A/{n}.txt.WNCRY": sealed(b"text", n % 9) for n in range(80)}
    files["Z/demo.txt.WNCRY"] = wncry.sealed(b"demo", modulus, seed=1)
    files[f"{WORK}/f.wnry"] = state.f_wnry(["C:\\Z\\demo.txt.WNCRY"])
    source = tree(tmp_path / "disk", files, key=False)
    scanned = scan(source, case=tmp_path / "case")
    key = tmp_path / "demo.dky"
    key.write_bytes(state.dky(demo_primes()))
    out = tmp_path / "out"
    assert triage("recover", scanned.case, source, "--to", out, "--key", key)[0] == 1
    assert found(out) == {"volume-0/Z/demo.txt": b"demo"}


def test_one_moved_original_for_two_encrypted_files_is_never_called_theirs(tmp_path: Path) -> None:
    one, two, moved = (recoverable.document(20)[:-1] + bytes([n]) for n in range(3))
    files = {
        "D/one.docx.WNCRY": sealed(one, 1),
        "D/two.docx.WNCRY": sealed(two, 2),
        "Users/lan/AppData/Local/Temp/0.WNCRYT": moved,
    }
    source = tree(tmp_path / "disk", files, key=False)
    for name in files:
        os.utime(source / name, ns=(10**18, 10**18))
    scanned = scan(source, case=tmp_path / "case")
    out = tmp_path / "out"
    triage("recover", scanned.case, source, "--to", out)
    assert not [name for name in found(out) if "one" in name or "two" in name]


def test_two_moved_originals_for_one_encrypted_file_are_set_apart(tmp_path: Path) -> None:
    right, other = recoverable.document(20), recoverable.document(20)[:-1] + b"\1"
    temp = "Users/lan/AppData/Local/Temp"
    files = {"D/one.docx.WNCRY": sealed(right, 1), f"{temp}/0.WNCRYT": other, f"{temp}/1.WNCRYT": right}
    source = tree(tmp_path / "disk", files, key=False)
    for name in files:
        os.utime(source / name, ns=(10**18, 10**18))
    scanned = scan(source, case=tmp_path / "case")
    out = tmp_path / "out"
    triage("recover", scanned.case, source, "--to", out)
    assert not (out / "volume-0" / "D" / "one.docx").exists()
    assert sorted(found(out).values()) == sorted((right, other))
    assert {line["confidence"] for line in log(out) if line["encrypted"].endswith("one.docx.WNCRY")} == {"low"}
