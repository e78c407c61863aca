"""Disks for queues: scenes in several sizes, some of them broken. Harmless fakes inside."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

from samples_fake.build import build_image
from samples_fake.scenes import SCENES
from samples_fake.tree import FakeFile

CHOSEN = (
    *("infected_office", "infected_windows", "patched_windows", "dropped_not_run", "smb_tools", "dormant_name_only"),
    *("benign_office", "decoys", "unknown_ransomware", "mixed_partitions"),
)
MIB = 1 << 20


def sized(name, ballast):
    """A scene with so many MiB more of an ordinary user's data on its first volume."""
    scene = SCENES[name]
    if not ballast:
        return scene
    first, *others = scene.volumes
    data = random.Random(f"{name} {ballast}").randbytes(MIB // 4)
    files = tuple(
        FakeFile(path=f"/Phim/phim {number}.mp4", content=b"\0\0\0\x18ftypmp42" + bytes([number]) + data * 4)
        for number in range(ballast)
    )
    larger = replace(first, size=first.size + 2 * ballast * MIB, files=(*first.files, *files))
    return replace(scene, volumes=(larger, *others))


def build(folder: Path, names=CHOSEN, ballasts=(0, 4, 12)) -> dict[str, tuple[str, ...]]:
    """One image for each scene and size, spread over offices; gives the right verdicts by the image's name."""
    expected = {}
    for place, name in enumerate(names):
        for ballast in ballasts:
            image = f"Phong {place % 4}/{name}-{ballast}.img"
            build_image(sized(name, ballast), folder / image)
            expected[image] = SCENES[name].expected.verdicts
    return expected


def garbage(path: Path, size=200_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(random.Random(str(path.name)).randbytes(size))


def truncate(path: Path) -> None:
    """The end of a copy is missing."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 5)


def sparse_copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target
