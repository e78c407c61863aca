"""What is said of a device that does not open."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from triage.errors import EvidenceError
from triage.evidence import blockdevice


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.EACCES, "run triage as administrator"), (errno.ENOENT, "check its name")]
)
def test_a_device_that_does_not_open_says_what_to_do(monkeypatch: pytest.MonkeyPatch, number: int, advice: str) -> None:
    def refused(_name: str) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(blockdevice, "open_readonly", refused)
    with pytest.raises(EvidenceError, match=rf"/dev/sdz: device cannot be opened: .+; {advice}"):
        blockdevice.BlockDisk(Path("/dev/sdz"))
