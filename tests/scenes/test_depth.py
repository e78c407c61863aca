"""What each depth reads, and that the coverage says so to the byte."""

from __future__ import annotations

import pytest

from samples_fake import components, documents, state, wncry
from samples_fake.folder import build_folder
from samples_fake.scenes import SCENES
from tests.scanning import scan

DEPTHS = ("quick", "standard", "full")
HEAD = 4096

CONTENTS = {
    "empty.txt": b"",
    "small.docx": documents.docx("Công văn"),
    "photo.jpg": documents.jpeg(1, 300_000),
    "scan.pdf": documents.pdf("Tờ trình").ljust(50_000, b"\n"),
    "program.exe": components.mssecsvc(),
    "holiday.jpg": components.tasksche(),  # a program under a picture's name
    "note.txt": state.note(),
    "data.bin": documents.noise(1, 100_000),
    "large.bin": documents.noise(2, 33 << 20),  # of unknown type, and larger than any component
    "report.docx.WNCRY": wncry.encrypted(200_000),
}
FULL_AT_STANDARD = {"program.exe", "holiday.jpg", "note.txt", "data.bin"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    place = tmp_path_factory.mktemp("depth") / "tree"
    (place / "folder").mkdir(parents=True)
    for name, data in CONTENTS.items():
        (place / "folder" / name).write_bytes(data)
    (place / "link").symlink_to("folder")
    return place


@pytest.fixture(scope="module", params=DEPTHS)
def scanned(request, tree, tmp_path_factory):
    return request.param, scan(tree, case=tmp_path_factory.mktemp("case") / "case", depth=request.param)


def test_every_entry_is_counted_once(scanned):
    _depth, result = scanned
    coverage = result.coverage
    assert coverage["entries"] == coverage["examined"] == len(CONTENTS) + 3
    assert coverage["gaps"] == 0
    assert coverage["metadata_only"] == 3  # the root, a folder, a link
    assert coverage["full_content"] + coverage["first_bytes"] == len(CONTENTS)
    assert coverage["bytes"] == sum(map(len, CONTENTS.values()))


def test_each_depth_reads_in_full_what_it_says(scanned):
    depth, result = scanned
    small = {name for name, data in CONTENTS.items() if len(data) <= HEAD}
    full = {"quick": small, "standard": small | FULL_AT_STANDARD, "full": set(CONTENTS)}[depth]
    assert result.coverage["full_content"] == len(full)
    assert result.coverage["bytes_read"] == sum(len(d) if n in full else HEAD for n, d in CONTENTS.items())


def test_the_encrypted_file_is_found_at_every_depth(scanned):
    _depth, result = scanned
    assert result.worst[0, "/folder/report.docx.WNCRY"] == "encrypted"


def test_components_are_found_as_soon_as_programs_are_read(scanned):
    depth, result = scanned
    found = {path for (_, path), severity in result.worst.items() if severity == "infected"}
    programs = {"/folder/program.exe", "/folder/holiday.jpg"}
    assert programs <= found if depth != "quick" else not programs & found


def test_a_disguised_program_is_suspicious_even_by_its_first_bytes(scanned):
    _depth, result = scanned
    titles = {one["title"] for one in result.findings if one["path"] == "/folder/holiday.jpg"}
    assert "Executable that pretends to be a document" in titles


@pytest.mark.parametrize("name", ["infected_office", "benign_office", "decoys"])
def test_a_deeper_look_never_sees_less(name, tmp_path):
    tree = build_folder(SCENES[name], tmp_path / "tree")

    def claims(depth):
        scanned = scan(tree, case=tmp_path / depth, depth=depth)
        return {(one["path"], one["title"], one["indicator"]) for one in scanned.findings}

    quick, standard, full = map(claims, DEPTHS)
    assert quick <= standard <= full


def test_every_stored_byte_of_a_folder_is_read_at_full_depth(tmp_path):
    tree = build_folder(SCENES["benign_office"], tmp_path / "tree")
    stored = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())
    coverage = scan(tree, case=tmp_path / "case", depth="full").coverage
    assert coverage["bytes_read"] == coverage["bytes"] == stored
    assert coverage["first_bytes"] == 0
