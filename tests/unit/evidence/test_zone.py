"""FAT keeps local times without a zone: they are taken as UTC, wherever and however a disk is opened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from samples_fake.clock import ToolError
from samples_fake.disk import write_volume
from samples_fake.tree import FakeFile, Macb, Volume
from triage.model import UnixNs

ROOT = Path(__file__).parents[3]
SECOND = 1_000_000_000
WHEN = UnixNs(1_494_571_440 * SECOND)
PROGRAM = """
import sys
from pathlib import Path
from triage.evidence.image import Image
print(next(e.times.modified for e in Image(Path(sys.argv[1])).walk(0) if getattr(e, "path", "") == "/file.txt"))
"""


@pytest.mark.image
@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "America/New_York", "ICT-7"])
@pytest.mark.parametrize("filesystem", ["fat16", "fat32", "exfat"])
def test_local_times_are_read_as_utc_in_every_zone(filesystem, zone, tmp_path):
    file = FakeFile(path="/file.txt", content=b"harmless", times=Macb(modified=WHEN))
    volume = Volume(filesystem=filesystem, size=36 << 20, label="ZONE", made=WHEN, files=(file,))
    try:
        write_volume(volume, tmp_path / "disk.img")
    except ToolError as error:
        pytest.skip(str(error))
    words = [sys.executable, "-c", PROGRAM, tmp_path / "disk.img"]
    done = subprocess.run(words, env={**os.environ, "TZ": zone}, cwd=ROOT, capture_output=True, check=True, text=True)
    assert int(done.stdout) == WHEN
