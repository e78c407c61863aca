"""Damaged disks: entries and gaps, or an OSError; never another exception, never without end."""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

import pytest

from samples_fake.clock import ToolError
from tests.corpus.built import BUILT
from tests.corpus.images import Unpacked

ROOT = Path(__file__).parents[2]
PATIENCE = 20
"""Seconds for one disk. Of 2,250 disks damaged like these none crashed the library; two ext2 file systems with a file
of 2**62 bytes took it 10 s each, for it looks at every block of a file that is named: a scan gives a walk its time."""
SEEDS = 14
"""Damaged copies of each disk."""
SAMPLES = (
    "dfir_ntfs/test_data/ntfs_index.raw.gz",
    "dfir_ntfs/test_data/ntfs3_attrlist.raw.gz",
    "dfir_ntfs/test_data/exfat_win.raw.gz",
    "dfir_ntfs/test_data/win_exfat_7.raw.gz",
    "dfir_ntfs/test_data/fat12.raw.gz",
    "dfir_ntfs/test_data/fat16.raw.gz",
    "dfir_ntfs/test_data/fat_deleted_dir_2.raw.gz",
    "dfvfs/test_data/ext2.qcow2",
    "dfvfs/test_data/windows_volume.qcow2",
)
REAL = [pytest.param(name, marks=pytest.mark.corpus, id=name.rpartition("/")[2]) for name in SAMPLES]
OWN = [pytest.param(name, marks=pytest.mark.image) for name in BUILT]


@pytest.fixture(params=[*REAL, *OWN])
def raw(request, tmp_path):
    if request.param not in BUILT:
        return Unpacked(tmp_path).raw(request.param)
    try:
        BUILT[request.param](tmp_path / "built.raw")
    except (ToolError, FileNotFoundError) as error:
        pytest.skip(str(error))
    return tmp_path / "built.raw"


def outcomes(raw: Path, copy: Path, seeds: int) -> dict[int, str]:
    """What came of each seed; a process that dies or stalls is started again behind the disk that did it."""
    found: dict[int, str] = {}
    while len(found) < seeds:
        words = [sys.executable, "-m", "tests.corpus.damage", raw, copy, str(len(found)), str(seeds)]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            while len(found) < seeds:
                ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
                line = process.stdout.readline().decode() if ready else ""
                if not line:
                    process.kill()
                    said = process.stderr.read().decode().strip().splitlines()
                    found[len(found)] = f"ended {process.wait()}: {said[-1]}" if ready and said else "died or stalled"
                    break
                seed, _, text = line.partition(" ")
                found[int(seed)] = text.strip()
    return found


def test_a_damaged_disk_gives_entries_and_gaps_or_an_oserror(raw, tmp_path):
    found = outcomes(raw, tmp_path / "copy.raw", SEEDS)
    assert {seed: text for seed, text in found.items() if not text.startswith(("walked", "refused"))} == {}
    assert sum(text.startswith("walked") for text in found.values()) >= SEEDS // 2
