from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
import yara

from samples_fake.__main__ import main
from samples_fake.components import COMPONENTS
from samples_fake.folder import build_folder, encoded, holds
from samples_fake.scenes import SCENES, hostile_names
from samples_fake.tools import TOOLS
from triage.text import printable

RULES = Path(__file__).parents[3] / "yara_rules" / "families"
EXTERNALS = dict.fromkeys(("filename", "filepath", "extension", "filetype", "owner"), "")


@pytest.fixture(params=SCENES)
def scene(request):
    return SCENES[request.param]


def test_a_scene_names_each_path_once(scene):
    for volume in scene.volumes:
        paths = [path for file in volume.files if not file.deleted for path in (file.path, *file.hard_links)]
        assert len(paths) == len(set(paths))
        assert all(path.startswith("/") and not path.endswith("/") for path in paths)


def test_what_is_expected_lies_in_the_scene(scene):
    there = {(index, printable(file.path)) for index, file in scene.entries()}
    there |= {(index, "/") for index in range(len(scene.volumes))}
    for spot in (*scene.expected.found, *scene.expected.silent, *scene.expected.gaps):
        assert spot in there
    assert not set(scene.expected.found) & set(scene.expected.silent)


def test_states_count_every_marked_file(scene):
    marked = sum(
        file.data.startswith(b"WANACRY!")
        for file in scene.files
        if not file.folder and file.name != "t.wnry" and "Decoys" not in file.path
    )
    marked += sum(stream.startswith(b"WANACRY!") for file in scene.files for stream in file.streams.values())
    assert sum(scene.expected.states.values()) == marked


def test_content_does_not_depend_on_when_or_how_often(scene):
    def digests():
        return [hashlib.sha256(file.data).digest() for file in scene.files]

    assert digests() == digests()


def test_a_folder_holds_every_file_that_a_folder_can_hold(scene, tmp_path):
    build_folder(scene, tmp_path / "tree")
    for number, volume in scene.numbered():
        root = tmp_path / "tree" / str(number) if len(scene.volumes) > 1 else tmp_path / "tree"
        for file in volume.files:
            place = root / os.fsdecode(encoded(file.path[1:]))
            if file.folder:
                assert place.is_dir() or file.deleted
            elif file.deleted:
                assert not place.exists()
            elif holds(file):
                assert place.read_bytes() == bytes(file.hole) + file.data
                if file.times.modified:
                    assert place.stat().st_mtime_ns == file.times.modified


def test_a_folder_is_never_written_over(tmp_path):
    (tmp_path / "precious").write_text("data")
    with pytest.raises(FileExistsError, match="not empty"):
        build_folder(SCENES["decoys"], tmp_path)


def test_hostile_names_are_those_that_escape_differently():
    assert all(printable(name) == name.replace("\\", "\\\\") for name in hostile_names.PRINTABLE)
    assert all(printable(name) != name for name in hostile_names.UNPRINTABLE)


def test_unknown_ransomware_is_large_enough_to_tell():
    changed = [file for file in SCENES["unknown_ransomware"].files if file.path.endswith(".qwx7z")]
    notes = [file for file in SCENES["unknown_ransomware"].files if file.name == "HOW_TO_RECOVER_FILES.txt"]
    assert len(changed) >= 60
    assert len({file.parent for file in notes}) >= 9


def test_every_rule_of_a_family_is_hit_by_a_fake():
    sources = {path.parent.name: str(path) for path in sorted(RULES.glob("*/*.yar"))}
    rules = yara.compile(filepaths=sources, externals=EXTERNALS)
    contents = [build() for build in (*COMPONENTS.values(), *TOOLS.values())]
    contents += [file.data for scene in SCENES.values() for file in scene.files if not file.folder]
    hit = {match.rule for content in dict.fromkeys(contents) for match in rules.match(data=content)}
    assert {rule.identifier for rule in rules} - hit == set()


def test_no_rule_of_a_family_hits_the_ordinary_part_of_a_disk():
    sources = {path.parent.name: str(path) for path in sorted(RULES.glob("*/*.yar"))}
    rules = yara.compile(filepaths=sources, externals=EXTERNALS)
    for scene in SCENES.values():
        silent = set(scene.expected.silent)
        for index, file in scene.entries():
            if (index, file.path) in silent:
                assert not rules.match(data=file.data), file.path


def test_the_command_lists_every_scene(capsys):
    assert main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [*SCENES]


def test_the_command_says_what_went_wrong(tmp_path, capsys):
    (tmp_path / "full").write_text("data")
    assert main(["build", "decoys", "--to", str(tmp_path), "--format", "folder"]) == 2
    assert "not empty" in capsys.readouterr().err
