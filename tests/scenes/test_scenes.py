"""Every scene through the command line, as a disk and as a folder: it gets the answer it was built to have."""

from __future__ import annotations

from collections import Counter

import pytest

from samples_fake.build import build_image
from samples_fake.folder import build_folder, holds
from samples_fake.scenes import SCENES
from tests.scanning import ORDER, scan
from triage.model import Kind
from triage.text import printable

pytestmark = pytest.mark.image

CODES = {"encrypted": 1, "infected": 1, "suspicious": 1, "inconclusive": 3, "nothing-found": 0}


@pytest.fixture(scope="module", params=SCENES)
def scene(request):
    return SCENES[request.param]


@pytest.fixture(scope="module")
def disk(scene, tmp_path_factory):
    """The scene as a disk of NTFS volumes behind a partition table, scanned."""
    place = tmp_path_factory.mktemp(scene.name)
    return scan(build_image(scene, place / "disk.img"), case=place / "case")


@pytest.fixture(scope="module")
def folder(scene, tmp_path_factory):
    """The scene as a copied tree, scanned."""
    if len(scene.volumes) > 1:
        pytest.skip("several volumes are no one folder")
    place = tmp_path_factory.mktemp(scene.name)
    return scan(build_folder(scene, place / "tree"), case=place / "case")


def states(scanned):
    return Counter(one["details"]["state"] for one in scanned.findings if one["severity"] == "encrypted")


def test_the_verdict_of_a_disk_is_the_right_one(scene, disk):
    assert disk.verdict in scene.expected.verdicts
    assert disk.code == CODES[disk.verdict]
    assert disk.errors == ""


def test_every_encrypted_file_is_in_its_state(scene, disk):
    assert states(disk) == Counter(scene.expected.states)


def test_what_must_be_found_on_a_disk_is_found(scene, disk):
    assert {place: disk.worst.get(place) for place in scene.expected.found} == scene.expected.found


def test_the_ordinary_part_of_a_disk_is_left_alone(scene, disk):
    assert [place for place in scene.expected.silent if disk.worst.get(place, "info") != "info"] == []


def test_nothing_but_what_cannot_be_read_is_a_gap(scene, disk):
    assert {(entry.volume, entry.path): gap.reason.value for entry, gap in disk.gaps} == scene.expected.gaps
    coverage = disk.coverage
    assert coverage["entries"] == coverage["examined"] + coverage["gaps"] == len(disk.entries)
    assert coverage["gaps"] == len(scene.expected.gaps)


def test_what_the_state_files_tell_is_a_fact(scene, disk):
    facts = disk.summary["facts"]
    assert {name: facts.get(name) for name in scene.expected.facts} == scene.expected.facts


def test_the_verdict_of_a_folder_is_the_same(disk, folder):
    assert (folder.verdict, folder.code) == (disk.verdict, disk.code)
    assert folder.gaps == []


def test_what_must_be_found_in_a_folder_is_found(scene, folder):
    held = {(0, printable(file.path)) for file in scene.files if holds(file) and not file.deleted}
    wanted = {place: severity for place, severity in scene.expected.found.items() if place in held}
    assert {place: folder.worst.get(place) for place in wanted} == wanted
    assert [place for place in scene.expected.silent if folder.worst.get(place, "info") != "info"] == []


def test_a_folder_and_a_disk_say_the_same_of_the_same_file(scene, disk, folder):
    """All but what only a disk knows: deleted names (some of them live on at the same place), streams, attributes."""
    deleted = {entry.path for entry in disk.entries if not entry.allocated}
    comparable = {entry.path for entry in folder.entries if entry.kind is Kind.FILE and not entry.same_as} & {
        entry.path for entry in disk.entries if not entry.same_as and entry.path not in deleted
    }

    def claims(scanned):
        return {
            (one["path"], one["detector"], one["severity"], one["title"], one["indicator"], one["sha256"])
            for one in scanned.findings
            if one["path"] in comparable and ORDER.index(one["severity"])
        }

    assert claims(folder) == claims(disk)
    assert len(comparable) >= len([file for file in scene.files if not file.deleted and not file.folder]) * 0.7
