"""Same evidence in, same bytes out: however many workers, however they start, whichever engine and hash seed."""

from __future__ import annotations

import hashlib
import importlib.util

import pytest

from tests.scan.launching import run

WAYS = {
    "one worker": {"arguments": ("--workers", 1)},
    "three workers": {"arguments": ("--workers", 3), "seams": {"unit": 16}},
    "another hash seed": {"env": {"PYTHONHASHSEED": "4711"}},
    "another zone and language": {"env": {"TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C", "LANG": "C"}},
    "spawned workers": {"seams": {"start_method": "spawn"}},
    "another engine": {"arguments": ("--engine", "boreal")},
}


def digest(case, name):
    return hashlib.sha256((case / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("way", WAYS)
def test_the_outputs_are_the_same_to_the_byte(undisturbed, tmp_path, way):
    if "boreal" in str(WAYS[way]) and importlib.util.find_spec("boreal") is None:
        pytest.skip("needs boreal")
    scanned = run(*undisturbed.targets, case=tmp_path / "case", **WAYS[way])
    assert scanned.code == 1, scanned.errors
    for name in ("findings.jsonl", "summary.json", "evidence/evidence.zip", "evidence/index.json"):
        assert digest(scanned.case, name) == digest(undisturbed.scanned.case, name)


def test_spawned_workers_are_watched_too(tmp_path):
    """The only way workers start on Windows: a crash is one gap there as well."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "crash here").write_bytes(b"x")
    (tree / "hang here").write_bytes(b"x")
    seams = {
        "start_method": "spawn",
        "detectors": "tests.scan.faulty:detectors",
        "limits": {"seconds": 0.5, "walk_seconds": 20},
    }
    scanned = run(tree, case=tmp_path / "case", seams=seams)
    assert scanned.gap_reasons == {"/crash here": "crashed", "/hang here": "timeout"}
    assert scanned.errors == ""
