"""Builds docs/huong-dan.pdf: the two pages, with the screens that the tests photograph. Same sources, same bytes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from triage.outputs.papers.pdf import typeset

HERE = Path(__file__).parent
GUIDE = HERE.parent / "huong-dan.pdf"


def guide() -> bytes:
    """The guide as PDF."""
    root = HERE / "man-hinh"
    files = sorted(root.rglob("*.txt"))
    pictures = {path.relative_to(root).with_suffix("").as_posix(): path.read_text("utf-8") for path in files}
    screens = json.dumps(pictures, ensure_ascii=False)
    return typeset((HERE / "huong-dan.typ").read_bytes(), (HERE / "fonts",), screens=screens)


if __name__ == "__main__":
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else GUIDE
    to.write_bytes(guide())
    sys.stdout.write(f"{to}\n")
