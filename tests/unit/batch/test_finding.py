"""What lies below a folder: images with all their parts, cases, and what is neither."""

from __future__ import annotations

import pytest

from tests.unit.evidence.ewf_images import ewf_image
from triage.batch.finding import find, find_cases
from triage.errors import UsageError

NTFS = b"\xeb\x52\x90NTFS    ".ljust(510, b"\0") + b"\x55\xaa"
DISK = NTFS.ljust(64 << 10, b"\0")


def put(folder, name, content=DISK):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def parts(found):
    return {image.name: [part.name for part in image.parts] for image in found.images}


def test_an_image_is_told_by_its_content_whatever_it_is_called(tmp_path):
    put(tmp_path, "máy kế toán")
    put(tmp_path, "Phòng A/notes.txt", b"text")
    found = find(tmp_path)
    assert parts(found) == {"máy kế toán": ["máy kế toán"]}
    assert found.passed_over == ("Phòng A/notes.txt",)


@pytest.mark.parametrize("name", ["a.img", "a.E01", "b.vmdk", "c.dd.gz", "d.vdi", "e.001", "empty.raw"])
def test_what_is_only_called_an_image_is_not_passed_over(tmp_path, name):
    put(tmp_path, name, b"" if name == "empty.raw" else b"anything")
    assert [image.name for image in find(tmp_path).images] == [name]


def test_the_parts_of_a_split_image_are_one(tmp_path):
    for number in (1, 2, 3):
        put(tmp_path, f"a.{number:03d}")
    for letters in ("aa", "ab"):
        put(tmp_path, f"b.{letters}")
    found = find(tmp_path)
    assert parts(found) == {"a.001": ["a.001", "a.002", "a.003"], "b.aa": ["b.aa", "b.ab"]}
    assert {image.name: image.size for image in found.images} == {"a.001": 3 * len(DISK), "b.aa": 2 * len(DISK)}


def test_a_split_image_with_a_hole_is_still_one(tmp_path):
    for number in (1, 2, 4):
        put(tmp_path, f"a.{number:03d}")
    assert parts(find(tmp_path)) == {"a.001": ["a.001", "a.002", "a.004"]}


def test_the_segments_of_an_ewf_image_are_one(tmp_path):
    segments = ewf_image(DISK, 3)
    for number, content in enumerate(segments, 1):
        put(tmp_path, f"a.E{number:02d}", content)
        put(tmp_path, f"Phòng B/a.E{number:02d}", content)
    assert parts(find(tmp_path)) == {
        "a.E01": ["a.E01", "a.E02", "a.E03"],
        "Phòng B/a.E01": ["a.E01", "a.E02", "a.E03"],
    }


def test_a_descriptor_claims_its_extents(tmp_path):
    put(tmp_path, "a.vmdk", b'# Disk DescriptorFile\ncreateType="monolithicFlat"\nRW 128 FLAT "a-flat.vmdk" 0\n')
    put(tmp_path, "a-flat.vmdk")
    put(tmp_path, "other.vmdk")
    assert parts(find(tmp_path)) == {"a.vmdk": ["a.vmdk", "a-flat.vmdk"], "other.vmdk": ["other.vmdk"]}


def test_cases_are_found_and_not_searched(tmp_path):
    put(tmp_path, "Phòng A/usb-1/case.sqlite", b"")
    put(tmp_path, "Phòng A/usb-1/inside.img")
    found = find(tmp_path)
    assert [case.name for case in found.cases] == ["Phòng A/usb-1"]
    assert found.images == ()


def test_the_queues_own_folder_is_not_searched(tmp_path):
    put(tmp_path, "out/cases/a.img/case.sqlite", b"")
    put(tmp_path, "out/b.img")
    put(tmp_path, "a.img")
    found = find(tmp_path, skip=(tmp_path / "out",))
    assert parts(found) == {"a.img": ["a.img"]}
    assert found.cases == ()


def test_a_folder_is_a_case_or_holds_some(tmp_path):
    put(tmp_path, "one/case.sqlite", b"")
    assert [case.name for case in find_cases(tmp_path / "one")] == ["one"]
    assert [case.name for case in find_cases(tmp_path)] == ["one"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no case here"):
        find_cases(tmp_path / "empty")
