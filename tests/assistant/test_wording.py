"""Every wording is used, and every one that is used exists."""

from __future__ import annotations

import re
from pathlib import Path

from triage.cli.assistant import wording

ROOM = Path(wording.__file__).parent
CODE = "\n".join(path.read_text("utf-8") for path in sorted(ROOM.glob("*.py")))
BUILT = ("step-", "depth-", "told-", "phrase-", "keys-", "begin-", "resume-", "do-")
"""Keys that are put together, from closed sets."""


def test_every_wording_that_is_named_exists():
    named = set(re.findall(r'(?<!_)words\(\s*"([a-z0-9-]+)"', CODE)) | set(re.findall(r'_foot\("([a-z-]+)"', CODE))
    assert len(named) > 60
    assert sorted(named - wording._wording().keys()) == []


def test_no_wording_is_left_over():
    quoted = set(re.findall(r"""["']([a-z0-9-]+)["']""", CODE))
    left = [key for key in wording._wording() if key not in quoted and not key.startswith(BUILT)]
    assert left == []


def test_every_phrase_of_the_progress_is_worded():
    scan = (ROOM.parents[1] / "scan").glob("*.py")
    text = "\n".join(path.read_text("utf-8") for path in [*scan, ROOM.parent / "scan.py"])
    said = set(re.findall(r'rogress\.say\("([^"]+)"\)', text))
    said |= set(re.findall(r"""_word\(['"]([^'"]+)['"]\)""", text))
    assert len(said) == 8
    for phrase in said:
        assert f"phrase-{phrase.replace(' ', '-')}" in wording._wording()
