"""NTFS volumes of harmless fakes: `mkntfs` formats, libntfs-3g writes, both under a clock that stands still."""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from pathlib import Path

from samples_fake.clock import run
from samples_fake.tree import Volume

SECTOR, CLUSTER = 512, 4096


def write_ntfs(volume: Volume, path: Path, start: int) -> None:
    """Makes the volume as a sparse file.

    Args:
        volume: whose content is put in.
        path: a new file, of the volume's size afterwards.
        start: where the volume will begin on the disk, in sectors; the boot sector says so.

    Raises:
        ToolError: ntfs-3g or faketime is missing or failed.
    """
    with path.open("xb") as out:
        out.truncate(volume.size)
    run(
        "mkntfs",
        "-Q",
        "-q",
        "-F",
        "-s",
        str(SECTOR),
        "-c",
        str(CLUSTER),
        "-p",
        str(start),
        "-H",
        "255",
        "-S",
        "63",
        "-L",
        volume.label,
        path,
        when=volume.made,
    )
    settled = replace(volume, files=tuple(replace(file, content=file.data) for file in volume.files))
    run(
        sys.executable,
        "-m",
        "samples_fake.libntfs",
        path,
        when=volume.made,
        data=pickle.dumps(settled),
        PYTHONPATH=str(Path(__file__).parents[1]),
    )
