"""Names made to break a tool or its reader: each file is found under its name, and no output is led astray."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from samples_fake import wncry
from samples_fake.build import build_image
from samples_fake.folder import build_folder, holds
from samples_fake.scenes import SCENES
from samples_fake.scenes.hostile_names import UNPRINTABLE
from tests.hostile.pages import Page
from tests.scanning import scan, triage
from triage.case import Case
from triage.text import printable

SCENE = SCENES["hostile_names"]
EVIL = "evil \x1b[31mred\x1b]0;title\x07\n=cmd()|<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}gpj"
"""Also the name of the evidence itself, less the slash that no name can hold."""

# What a terminal would obey, a line reader would break at, or an eye would be deceived by.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


def evil_name(ending: str) -> str:
    return EVIL.replace("/", "\N{FRACTION SLASH}") + ending


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    place = tmp_path_factory.mktemp("tree")
    return scan(build_folder(SCENE, place / evil_name("")), case=place / "case")


@pytest.fixture(scope="module", params=["folder", pytest.param("image", marks=pytest.mark.image)])
def scanned(request, tmp_path_factory):
    """Hostile names in evidence that has a hostile name itself."""
    if request.param == "folder":
        return request.getfixturevalue("tree")
    place = tmp_path_factory.mktemp("disk")
    return scan(build_image(SCENE, place / evil_name(".img")), case=place / "case")


def test_every_file_is_found_under_a_name_that_can_be_shown(scanned):
    found = {one["path"] for one in scanned.findings if one["severity"] == "encrypted"}
    assert {printable(f"/hostile/{name}") for name in UNPRINTABLE if name.isascii()} <= found
    assert scanned.gaps == []
    assert not any(UNSAFE.search(entry.path) or "\n" in entry.path for entry in scanned.entries)


def test_no_two_files_share_a_shown_name(tree):
    held = {file.path for file in SCENE.files if holds(file) and not file.deleted and not file.folder}
    held |= {link for file in SCENE.files for link in file.hard_links}
    shown = [entry.path for entry in tree.entries if entry.kind.value == "file"]
    assert len(shown) == len(set(shown)) == len(held)


@pytest.mark.parametrize("name", ["findings.jsonl", "summary.json"])
def test_data_files_hold_nothing_raw(scanned, name):
    text = (scanned.case / name).read_bytes().decode("utf-8")
    assert not UNSAFE.search(text)
    if name == "findings.jsonl":
        assert len(text.splitlines()) == text.count("\n") == len(scanned.findings)
        assert all(json.loads(line)["path"].startswith("/") for line in text.splitlines())


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_screen_is_safe_for_a_terminal(scanned, lang):
    for screen in (scanned.screen, scanned.errors, *triage("show", scanned.case, "--lang", lang)[1:]):
        assert not UNSAFE.search(screen)
        assert all(len(line) <= 90 for line in screen.splitlines())
    assert "red" in scanned.screen.splitlines()[0]  # the name of the evidence is shown, not swallowed


def test_the_journal_is_safe_to_print(scanned):
    with Case.open(scanned.case) as case:
        lines = [f"{line.who} {line.act} {line.detail}" for line in case.journal()]
        texts = [*lines, *case.all_meta().values()]
    assert lines
    assert not any(UNSAFE.search(text) or "\n" in text for text in texts)


def test_a_report_gains_no_element_from_a_name(scanned):
    text = (scanned.case / "report.html").read_bytes().decode("utf-8")
    page = Page(text)
    assert not UNSAFE.search(text.replace("\t", " "))
    assert not {name for name in page.attributes if name.startswith("on")}
    assert page.elements["img"] == page.elements["iframe"] == page.elements["object"] == page.elements["link"] == 0
    assert all(link.startswith(("#", "data:")) for link in page.links)
    kinds = [dict(attributes).get("type") for attributes, _ in page.scripts]
    assert kinds.count(None) == 1
    assert kinds[-1] is None
    for kind, block in page.scripts[:-1]:
        assert kind["type"] == "application/json"
        assert json.loads(block)
    words = " ".join(page.text)
    assert "<script>alert(1)<script>.html" in words or "{{7*7}}" in words  # shown as text, not run


def test_names_in_old_encodings_and_paths_without_end_are_read(tmp_path):
    """Bytes that are no UTF-8, and a path longer than the system itself takes at once."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (Path(os.fsdecode(os.fsencode(tree) + b"/C\xf4ng v\xe1n.doc"))).write_bytes(wncry.encrypted(100))
    here = os.open(tree, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    descriptor = os.open("bottom.WNCRY", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(descriptor, wncry.encrypted(50))
    os.close(descriptor)
    os.close(here)
    try:
        scanned = scan(tree, case=tmp_path / "case")
    finally:
        shutil.rmtree(tree)
    assert sorted(path.rpartition("/")[2] for _, path in scanned.worst) == [r"C\udcf4ng v\udce1n.doc", "bottom.WNCRY"]
    assert set(scanned.worst.values()) == {"encrypted"}
    assert max(len(path) for _, path in scanned.worst) > 6000
    assert scanned.gaps == []


@pytest.mark.parametrize("target", ["no \x1b[31msuch\nfile", "no \N{RIGHT-TO-LEFT OVERRIDE}such file"])
def test_an_error_about_a_name_is_safe_for_a_terminal(target, tmp_path):
    code, screen, errors = triage("scan", tmp_path / target, "--case", tmp_path / "case", "--quiet")
    assert (code, screen) == (2, "")
    assert not UNSAFE.search(errors)
    assert errors.count("\n") == 1
    assert "such" in errors
