"""The two pages for the technician: small, printable, the same every time, and true to what the screen says."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from triage.outputs.catalogue import messages

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "docs/ky-thuat-vien/make_guide.py"


@pytest.fixture(scope="module")
def made():
    spec = importlib.util.spec_from_file_location("make_guide", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.guide


def text_of(path):
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout


def test_the_same_every_time_and_small(made):
    first = made()
    assert first == made()
    assert len(first) <= 300_000


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
def test_two_pages_and_the_one_that_is_kept_is_of_today(made, tmp_path):
    (tmp_path / "guide.pdf").write_bytes(made())
    text = text_of(tmp_path / "guide.pdf")
    assert text.count("\f") == 2
    assert text == text_of(ROOT / "docs/huong-dan.pdf"), "`make guide` was not run"


def test_every_verdict_is_explained_in_the_words_of_the_screen():
    source = (SOURCE.parent / "huong-dan.typ").read_text("utf-8")
    for headline in messages("vi")["verdict"].values():
        assert f"[{headline.upper()}]" in source
    for label in ("Back online", "Not examined", "Report"):
        assert messages("vi")["phrase"][label] in source
