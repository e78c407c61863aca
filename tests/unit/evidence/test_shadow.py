"""Shadow copies of real volumes, against libvshadow's own tools and The Sleuth Kit's."""

from __future__ import annotations

import hashlib
import random
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.shadow_images import DISKS, judged, mounted, two_stores, two_stores_raw, unpacked
from triage.errors import EvidenceError
from triage.evidence import Evidence, open_evidence
from triage.formats.vss import IDENTIFIER
from triage.model import Entry, Gap, GapReason, Kind
from triage.times import isoformat

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_stores_raw(tmp_path_factory.mktemp("vss"))


def opened(*paths: Path) -> closing[Evidence]:
    return closing(open_evidence(paths, shadow_copies=True))


def entries(evidence: Evidence, volume: int) -> list[Entry]:
    return [one for one in evidence.walk(volume) if isinstance(one, Entry)]


def content(evidence: Evidence, entry: Entry) -> bytes:
    stream = evidence.open(entry)
    return bytes(stream.read(0, entry.size)) if entry.size else b""


def test_copies_of_one_volume_are_those_vshadowinfo_lists(raw: Path) -> None:
    with opened(raw) as evidence:
        copies = [v for v in evidence.volumes if v.parent is not None]
        assert [(v.store, v.taken) for v in copies] == judged(raw, 0)
        assert [v.label for v in copies] == [
            f"shadow copy of volume 0, {isoformat(v.taken)}" for v in copies if v.taken
        ]
        assert [(v.index, v.opened) for v in evidence.volumes] == [(0, True), (1, True), (2, True)]


@pytest.mark.parametrize("name", DISKS)
def test_copies_of_a_disk_are_those_vshadowinfo_lists(name: str, tmp_path: Path) -> None:
    disk = unpacked(name, tmp_path)
    with opened(disk) as evidence:
        live = {v.index: v.offset for v in evidence.volumes if v.parent is None}
        assert tuple(live.values()) == DISKS[name]
        for index, offset in live.items():
            assert [(v.store, v.taken) for v in evidence.volumes if v.parent == index] == judged(disk, offset)


def test_a_copy_kept_on_another_volume_is_a_gap(tmp_path: Path) -> None:
    with opened(unpacked("vss_1_vol", tmp_path)) as evidence:
        assert [(v.parent, v.opened) for v in evidence.volumes] == [(None, True), (0, False), (0, False)]
        stands_in, gap = evidence.walk(1)
    assert isinstance(stands_in, Entry)
    assert isinstance(gap, Gap)
    assert (stands_in.kind, gap.reason) == (Kind.VOLUME, GapReason.UNSUPPORTED)
    assert "another volume" in gap.detail


def test_every_file_of_a_store_is_what_another_libvshadow_and_icat_give(raw: Path, tmp_path: Path) -> None:
    with opened(raw) as evidence, mounted(raw, tmp_path / "stores") as stores:
        compared = 0
        for volume in (1, 2):
            store = stores / f"vss{volume}"
            fls = subprocess.run(["fls", "-r", "-p", "-u", store], check=True, capture_output=True, text=True).stdout
            named = {line.partition("\t")[2] for line in fls.splitlines() if line.startswith("r/r")}
            found = {one.path[1:]: one for one in entries(evidence, volume) if one.kind in (Kind.FILE, Kind.STREAM)}
            assert {path for path in named if "$Extend" not in path and ":$S" not in path} <= set(found)
            for one in found.values():
                if not one.key or one.path.endswith(IDENTIFIER) or one.size > 64 << 20:
                    continue
                icat = subprocess.run(["icat", store, one.inode], check=True, capture_output=True).stdout
                assert hashlib.sha256(content(evidence, one)).digest() == hashlib.sha256(icat).digest(), one.path
                compared += 1
    assert compared > 20


def test_files_of_a_store_are_as_the_sample_is_described() -> None:
    with opened(two_stores()) as evidence:
        files = [{one.path: one for one in entries(evidence, volume)} for volume in (0, 1, 2)]
        assert [("/syslog" in one, "/another_file" in one, "/password.txt" in one) for one in files] == [
            (False, True, True),
            (True, False, False),
            (False, True, False),
        ]
        assert content(evidence, files[2]["/another_file"]) == b"This is another file.\n"


@pytest.mark.parametrize("name", ["two", "vss_2003"])
def test_what_is_called_unchanged_has_the_bytes_of_the_live_volume(name: str, tmp_path: Path) -> None:
    image = two_stores() if name == "two" else unpacked(name, tmp_path)
    with opened(image) as evidence:
        live = {(one.path, one.key, one.position): one for one in entries(evidence, 0) if one.allocated}
        proven = changed = 0
        for volume in evidence.volumes[1:]:
            for one in entries(evidence, volume.index):
                twin = live.get((one.path, one.key, one.position))
                if twin is None or twin.size != one.size or not one.key:
                    continue
                if evidence.unchanged(one):
                    assert content(evidence, one) == content(evidence, twin), one.path
                    proven += 1
                else:
                    changed += 1
    assert proven >= 8
    assert changed


def test_volumes_of_several_disks_keep_their_copies() -> None:
    with opened(two_stores(), two_stores()) as evidence:
        assert [(v.index, v.parent) for v in evidence.volumes] == [
            *((0, None), (1, 0), (2, 0)),
            *((3, None), (4, 3), (5, 3)),
        ]
        assert evidence.volumes[4].label.startswith("shadow copy of volume 3, 2013-12-03T")
        assert any(one.path == "/syslog" for one in entries(evidence, 4))


def test_copies_are_no_volumes_where_nobody_asked() -> None:
    with closing(open_evidence([two_stores()])) as evidence:
        assert len(evidence.volumes) == 1


def test_the_fingerprint_does_not_depend_on_the_question() -> None:
    with opened(two_stores()) as asked, closing(open_evidence([two_stores()])) as unasked:
        assert asked.fingerprint() == unasked.fingerprint()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="device or an image"):
        open_evidence([tmp_path], shadow_copies=True)


def test_a_damaged_catalogue_is_one_gap_and_the_live_volume_stays(raw: Path) -> None:
    dice, whole = random.Random(3), raw.stat().st_size
    place = 115539968
    with raw.open("r+b") as file:
        file.seek(place)
        kept = file.read(16384)
        file.seek(place + 20)
        file.write(bytes(dice.randrange(256) for _ in range(64)))
    try:
        with opened(raw) as evidence:
            live, lost = evidence.volumes
            assert (live.opened, lost.opened, lost.parent) == (True, False, 0)
            assert len(entries(evidence, 0)) > 30
            _, gap = evidence.walk(1)
            assert isinstance(gap, Gap)
            assert gap.reason is GapReason.UNPARSABLE
            assert "VSS catalogue block" in gap.detail
    finally:
        with raw.open("r+b") as file:
            file.seek(place)
            file.write(kept)
    assert raw.stat().st_size == whole
