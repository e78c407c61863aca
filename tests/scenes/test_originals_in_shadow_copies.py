"""A disk whose copy was taken before the encryption: the originals are found in it, and nothing is counted twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from samples_fake import documents, wncry
from samples_fake.disk import write_volume
from samples_fake.tree import FakeFile, Volume
from samples_fake.vss import CATALOGUE_NAME, CATALOGUE_SIZE, FakeCopy, store_name, write_copies
from tests.scanning import Scanned, scan, triage
from tests.shadow_images import judged
from triage.case import Case
from triage.evidence import open_evidence
from triage.model import Entry, UnixNs

pytestmark = pytest.mark.image

DAY = 86_400_000_000_000
MADE = UnixNs(1_494_000_000_000_000_000)
OLD, NEW = (uuid.UUID(f"12e5a13{number}-8722-11e9-9178-525400123456") for number in (3, 4))
ROOM = 4 << 20
FOLDER = "/Users/Lan/Documents"
REPORT = documents.noise(1, 70_000)
KEPT = documents.noise(2, 3 << 20)
LOCKED = FakeFile(path=f"{FOLDER}/bao-cao.docx.WNCRY", content=wncry.encrypted(len(REPORT)))
GONE = FakeFile(path=f"{FOLDER}/so-lieu.xlsx.WNCRY", content=wncry.encrypted(9000, seed=1))


def volume_of(*files: FakeFile) -> Volume:
    """The stores and the catalogue lie first, at the same place in every state."""
    system = "/System Volume Information"
    own = [(CATALOGUE_NAME, CATALOGUE_SIZE), (store_name(OLD), ROOM), (store_name(NEW), ROOM)]
    filled = (FakeFile(path=f"{system}/{name}", content=b"\xa5" * size) for name, size in own)
    same = FakeFile(path=f"{FOLDER}/phim.bin", content=KEPT)
    return Volume(filesystem="ntfs", size=32 << 20, label="C", made=MADE, files=(*filled, same, *files))


def places(image: Path) -> Iterator[tuple[str, int]]:
    """(name, where it begins) of what volsnap writes."""
    with closing(open_evidence([image])) as evidence:
        for one in evidence.walk(0):
            if isinstance(one, Entry) and one.path.endswith(CATALOGUE_NAME):
                assert one.key.endswith("+"), "in one piece"
                yield one.name, one.position


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it is now: encrypted; the older copy was taken before, the younger one after."""
    folder = tmp_path_factory.mktemp("vss")
    before, now = folder / "before.img", folder / "now.img"
    write_volume(volume_of(FakeFile(path=f"{FOLDER}/bao-cao.docx", content=REPORT)), before)
    write_volume(volume_of(LOCKED), now)
    after = folder / "after.img"
    write_volume(volume_of(LOCKED, GONE), after)
    at = dict(places(now))
    assert at == dict(places(before))
    write_copies(
        now,
        at[CATALOGUE_NAME],
        [
            FakeCopy(
                identifier=name, made=UnixNs(MADE + day * DAY), before=state, start=at[store_name(name)], room=ROOM
            )
            for name, day, state in ((OLD, 1, before), (NEW, 9, after))
        ],
    )
    return now


@pytest.fixture(scope="module")
def scanned(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(image, case=tmp_path_factory.mktemp("case"), shadow_copies=True)


def test_the_fake_is_one_that_libvshadow_knows(image: Path) -> None:
    assert judged(image, 0) == [(str(OLD), MADE + DAY), (str(NEW), MADE + 9 * DAY)]


def test_the_original_is_found_by_its_path_and_has_its_bytes(image: Path, scanned: Scanned) -> None:
    with Case.open(scanned.case) as case:
        ((copy, entry),) = case.in_shadow_copies(0, [f"{FOLDER}/bao-cao.docx"])
    assert (copy.store, copy.taken, copy.parent) == (str(OLD), MADE + DAY, 0)
    with closing(open_evidence([image], shadow_copies=True)) as evidence:
        assert bytes(evidence.open(entry).read(0, entry.size)) == REPORT


def test_files_encrypted_in_a_copy_are_told_but_not_lost_twice(scanned: Scanned) -> None:
    found = [
        (one["volume"], one["path"], one["details"].get("shadow_copy"))
        for one in scanned.findings
        if "state" in one["details"]
    ]
    assert found == [(0, LOCKED.path, None), (2, GONE.path, "2017-05-14T16:00:00Z")]
    assert scanned.summary["encrypted"]["files"] == 1
    assert (scanned.code, scanned.verdict) == (1, "encrypted")
    same = {(one.volume, one.path): one.same_as for one in scanned.entries if one.path == LOCKED.path}
    assert same[0, LOCKED.path] is None
    assert same[2, LOCKED.path] is not None


def test_the_story_tells_what_the_live_volume_shows(image: Path, scanned: Scanned, tmp_path: Path) -> None:
    without = scan(image, case=tmp_path)
    assert scanned.summary["story"] == without.summary["story"]


def test_a_large_file_that_did_not_change_is_read_once(image: Path, scanned: Scanned, tmp_path: Path) -> None:
    without = scan(image, case=tmp_path)
    more = scanned.coverage["bytes_read"] - without.coverage["bytes_read"]
    assert 0 < more < 2 * len(KEPT)
    assert scanned.coverage["bytes"] - without.coverage["bytes"] > 2 * len(KEPT)
    with Case.open(scanned.case) as case:
        films = [one for one in case.entries() if one.path.endswith("phim.bin")]
    assert [(one.volume, one.same_as) for one in films] == [(0, None), (1, films[0].id), (2, films[0].id)]


def test_recovery_takes_the_original_out_of_the_copy(image: Path, scanned: Scanned, tmp_path: Path) -> None:
    code, said, _ = triage("recover", scanned.case, image, "--dry-run", "--lang", "en")
    assert (code, "an older state is in a shadow copy" in said) == (0, True)
    code, _, errors = triage("recover", scanned.case, image, "--to", tmp_path / "out")
    assert (code, errors) == (0, "")
    assert (tmp_path / "out" / "volume-0" / FOLDER[1:] / "bao-cao.docx").read_bytes() == REPORT
