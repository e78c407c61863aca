"""Images that are cut, damaged, empty or no images: what can be read is read, what cannot is said."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from samples_fake.build import build_image
from samples_fake.scenes import SCENES
from samples_fake.scenes.calendar import WHEN_INSTALLED
from samples_fake.tree import HIDDEN, SYSTEM, Expected, FakeFile, Scene, Volume
from samples_fake.wncry import encrypted
from tests.scanning import Scanned, scan, triage
from tests.unit.evidence.ewf_images import ewf_image

SCENE = SCENES["infected_office"]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return build_image(SCENE, tmp_path_factory.mktemp("raw") / "disk.img")


def digests(scanned: Scanned, below: str = "/") -> set[str]:
    """SHA-256 of every file below a folder that was read in full and is no gap."""
    query = "SELECT sha256 FROM examined JOIN entry ON id = entry WHERE sha256 NOT NULL AND path LIKE ? || '%'"
    with closing(sqlite3.connect(scanned.case / "case.sqlite")) as case:
        return {row[0] for row in case.execute(query, (below,))}


def halved(path: Path) -> Path:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.mark.image
@pytest.mark.parametrize("depth", ["quick", "full"])
def test_a_disk_cut_in_the_middle_is_read_as_far_as_it_goes(depth, raw, tmp_path):
    half = tmp_path / "half.img"
    half.write_bytes(raw.read_bytes()[: SCENE.volumes[0].size // 2])
    scanned = scan(half, case=tmp_path / "case", depth=depth)
    assert (scanned.code, scanned.verdict) == (1, "encrypted")
    assert len(scanned.gaps) > 5
    assert {gap.reason.value for _, gap in scanned.gaps} == {"unreadable"}
    coverage = scanned.coverage
    assert coverage["entries"] == coverage["examined"] + coverage["gaps"]
    assert coverage["gaps"] == len({entry.id for entry, _ in scanned.gaps})


@pytest.mark.image
@pytest.mark.parametrize("fmt", ["vmdk", "vhdx", "qcow2"])
def test_no_file_of_a_damaged_ntfs_disk_is_read_as_other_bytes(fmt, raw, tmp_path):
    whole = scan(raw, case=tmp_path / "whole", depth="full")
    half = scan(halved(build_image(SCENE, tmp_path / "disk", fmt=fmt)), case=tmp_path / "half", depth="full")
    assert half.gaps
    assert digests(half) <= digests(whole)


@pytest.mark.image
def test_no_file_of_a_damaged_fat_disk_is_read_as_other_bytes(tmp_path):
    """The Sleuth Kit reads a last, partial sector into a buffer of its own, and does not look whether that worked."""
    contents = [encrypted(2001 + number, seed=number) for number in range(100)]
    files = tuple(FakeFile(path=f"/d/{n:03}.docx.WNCRY", content=data) for n, data in enumerate(contents))
    volume = Volume(filesystem="fat16", size=16 << 20, label="CUT", made=WHEN_INSTALLED, files=files)
    scene = Scene(name="cut", about="", volumes=(volume,), expected=Expected(verdict="encrypted"))
    half = scan(halved(build_image(scene, tmp_path / "disk", fmt="vmdk")), case=tmp_path / "case", depth="full")
    assert digests(half, "/d/") <= {hashlib.sha256(data).hexdigest() for data in contents}
    assert len(half.gaps) > 20


@pytest.mark.image
@pytest.mark.parametrize("fmt", ["e01", "vmdk", "vmdk-stream", "vhd", "vhd-fixed", "vhdx", "qcow2", "split"])
def test_a_container_cut_in_the_middle_is_never_nothing_found(fmt, tmp_path):
    scanned = scan(halved(build_image(SCENE, tmp_path / "disk", fmt=fmt)), case=tmp_path / "case")
    if scanned.code == 2:
        assert str(tmp_path / "disk") in scanned.errors
        assert scanned.errors.count("\n") == 1
    else:
        assert scanned.code in (1, 3)
        assert scanned.gaps


@pytest.mark.parametrize(
    "content",
    [
        random.Random(1).randbytes(1 << 20),
        bytes(1 << 20),
        b"a text file, no disk\n",
        b"\x55\xaa",
        bytes(510) + b"\x55\xaa",
        b"\xeb\x52\x90NTFS    " + bytes(499) + b"\x55\xaa",
        random.Random(2).randbytes(446)
        + bytes([0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255]) * 4
        + b"\x55\xaa",
        b"EFI PART" * 1000,
        b"KDMV" + b"\xff" * 5000,
        b"QFI\xfb" + b"\xff" * 5000,
        b"QFI\xfb\0\0\0\3" + bytes(5000),
        b"EVF\x09\x0d\x0a\xff\x00" + bytes(5000),
        b"EVF2\x0d\x0a\x81\x00" + bytes(5000),
        b"vhdxfile" + bytes(5000),
        b"conectix" + b"\xff" * 504,
    ],
    ids=[
        *("noise", "zeros", "text", "two bytes", "empty table", "ntfs boot sector", "table beyond the end"),
        *("gpt marks", "vmdk", "qcow2", "qcow2 of zeros", "ewf", "ewf2", "vhdx", "vhd"),
    ],
)
def test_what_is_no_disk_is_refused_or_a_gap(content, tmp_path):
    (tmp_path / "disk").write_bytes(content)
    scanned = scan(tmp_path / "disk", case=tmp_path / "case")
    if scanned.code == 2:
        assert str(tmp_path / "disk") in scanned.errors
        assert scanned.errors.count("\n") == 1
    else:
        assert (scanned.code, scanned.verdict) == (3, "inconclusive")
        assert scanned.gaps


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "disk.img").touch()
    scanned = scan(tmp_path / "disk.img", case=tmp_path / "case")
    assert (scanned.code, scanned.screen) == (2, "")
    assert "empty file" in scanned.errors


def test_a_case_without_evidence_is_never_nothing_found(tmp_path):
    """A wrong path leaves a case that knows nothing: to be shown as that, and to be used for the right path."""
    (tmp_path / "disk.img").touch()
    scan(tmp_path / "disk.img", case=tmp_path / "case")
    if (tmp_path / "case").exists():
        assert triage("show", tmp_path / "case", "--lang", "en")[0] in (2, 3)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.txt").write_text("text")
    assert scan(tmp_path / "tree", case=tmp_path / "case").code == 0


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_segment_is_refused_by_name(missing, tmp_path):
    for number, data in enumerate(ewf_image(random.Random(3).randbytes(1 << 16), segments=3)):
        if number != missing:
            (tmp_path / f"disk.E0{number + 1}").write_bytes(data)
    first = min(tmp_path.glob("disk.E0*"))
    scanned = scan(first, case=tmp_path / "case")
    assert (scanned.code, scanned.screen) == (2, "")
    assert "disk.E0" in scanned.errors
    assert scanned.errors.count("\n") == 1


def test_an_image_without_chunks_is_refused_or_a_gap(tmp_path):
    (tmp_path / "disk.E01").write_bytes(ewf_image(b"")[0])
    scanned = scan(tmp_path / "disk.E01", case=tmp_path / "case")
    assert scanned.code in (2, 3)


@pytest.mark.image
def test_junctions_are_recorded_and_not_followed(tmp_path):
    """Windows' own compatibility junctions lead round in circles: `Application Data` inside itself."""
    local = "/Users/an/AppData/Local"
    hidden = HIDDEN | SYSTEM
    files = (
        FakeFile(path=f"{local}/a.docx.WNCRY", content=encrypted(100)),
        FakeFile(path=f"{local}/Application Data", folder=True, junction=local, attributes=hidden),
        FakeFile(path="/Documents and Settings", folder=True, junction="/Users", attributes=hidden),
        FakeFile(path="/all", folder=True, junction="/"),
    )
    volume = Volume(filesystem="ntfs", size=8 << 20, label="LOOPS", made=WHEN_INSTALLED, files=files)
    scene = Scene(name="loops", about="", volumes=(volume,), expected=Expected(verdict="encrypted"))
    scanned = scan(build_image(scene, tmp_path / "disk.img"), case=tmp_path / "case")
    links = sorted(entry.path for entry in scanned.entries if entry.kind.value == "link")
    assert links == ["/Documents and Settings", f"{local}/Application Data", "/all"]
    assert [path for (_, path), severity in scanned.worst.items() if severity == "encrypted"] == [
        f"{local}/a.docx.WNCRY"
    ]
    assert scanned.gaps == []
