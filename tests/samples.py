"""Where real public samples lie, beside the project or where TRIAGE_CORPUS says; tests skip where they are absent."""

from __future__ import annotations

import lzma
import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared" / "corpus"


def corpus_file(name: str) -> Path:
    """A sample; skips the test where it is absent."""
    top = _BESIDE if _BESIDE.is_dir() else Path(os.environ.get("TRIAGE_CORPUS", _BESIDE))
    path = top / name
    if not path.is_file():
        pytest.skip(f"no corpus file {name}")
    return path


def corpus_bytes(name: str) -> bytes:
    """A sample's bytes, unpacked where it is packed with xz."""
    path = corpus_file(name)
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def corpus_files(pattern: str) -> list[Path]:
    """Every sample that fits, in order; none where there is no corpus."""
    top = _BESIDE if _BESIDE.is_dir() else Path(os.environ.get("TRIAGE_CORPUS", _BESIDE))
    return sorted(path for path in top.glob(pattern) if path.is_file())
