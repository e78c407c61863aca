"""The README shows the screen that the demo disk gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples_fake.images import demo_image
from tests.scanning import scan

README = Path(__file__).parents[2] / "README.md"


def test_the_screen_in_the_readme_is_the_one_of_the_demo_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scanned = scan(demo_image(tmp_path / "demo.img"), case=Path("vu-viec-01"))
    shown = README.read_text("utf-8").partition("--lang en\n")[2].partition("```")[0]
    assert shown.splitlines()[1:] == scanned.screen.splitlines()[1:]
