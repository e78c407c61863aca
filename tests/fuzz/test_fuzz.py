"""Our own parsers against a fuzzer that follows the code: a value or a FormatError, always an end, bounded memory."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fuzz.parsers import PARSERS
from triage.errors import FormatError

SECONDS = int(os.environ.get("TRIAGE_FUZZ_SECONDS", "60"))
TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PARSERS)
def test_every_parser_reads_what_the_fuzzer_begins_from(name: str) -> None:
    for data in PARSERS[name].whole():
        PARSERS[name].ask(data)
        for cut in (0, 1, 7, len(data) // 2):
            with suppress(FormatError):
                PARSERS[name].ask(data[:cut])


@pytest.mark.soak
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="not installed: atheris")
@pytest.mark.parametrize("name", PARSERS)
def test_a_guided_fuzzer_finds_nothing_but_format_errors(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", name, str(SECONDS), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TOP, timeout=SECONDS + 120)
    left = {path.name: path.read_bytes().hex()[:400] for path in tmp_path.iterdir() if path.is_file()}
    assert run.returncode == 0, f"{left}\n{run.stderr[-3000:]}"
