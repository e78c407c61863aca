"""Evidence that every test of resilience scans: the demo disk and a tree of many small files."""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples_fake import wncry
from samples_fake.images import demo_image
from tests.scan.launching import run
from tests.scanning import Scanned


@dataclass
class Undisturbed:
    """A scan that nothing disturbed, and how far it went."""

    targets: tuple[Path, ...]
    scanned: Scanned


def fill(tree: Path, count: int) -> Path:
    """Small files, one in ten a harmless fake of an encrypted one."""
    chance = random.Random(count)
    for number in range(count):
        folder = tree / f"folder {number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        if number % 10 == 0:
            (folder / f"bao cao {number}.doc.WNCRY").write_bytes(wncry.encrypted(100 + number, seed=number))
        else:
            (folder / f"file {number}.txt").write_bytes(b"line of a text\n" * chance.randrange(1, 40))
    return tree


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    return demo_image(tmp_path_factory.mktemp("image") / "demo.img")


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("tree") / "tree", 300)


@pytest.fixture(scope="session")
def undisturbed(image, tree, tmp_path_factory):
    """Disk and tree scanned in one go, in the usual units."""
    scanned = run(image, tree, case=tmp_path_factory.mktemp("undisturbed") / "case")
    assert scanned.code == 1, scanned.errors
    return Undisturbed((image, tree), scanned)
