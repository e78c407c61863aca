"""What others read by machine, to the byte. `TRIAGE_GOLDEN=write` rewrites the files: review the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.dossiers import infected_dossier
from triage.outputs import OUTPUTS

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["findings.jsonl", "summary.json"])
def test_what_machines_read_has_not_changed(name: str) -> None:
    given = b"".join(OUTPUTS[name](infected_dossier(files=6), "vi"))
    golden = HERE / name
    if os.environ.get("TRIAGE_GOLDEN") == "write":
        golden.write_bytes(given)
    assert given == golden.read_bytes()
