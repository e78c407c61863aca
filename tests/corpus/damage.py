"""`python -m tests.corpus.damage RAW COPY FIRST LAST`: walks damaged copies of a disk, one line for each seed.

A process of its own: the file systems' library may crash on such input.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from triage.errors import EvidenceError
from triage.evidence.image import Image
from triage.model import Entry, EntryId, Gap

BLOCK = 512
MOST_ENTRIES = 200_000
READ = 1 << 16


def used_blocks(raw: Path) -> list[int]:
    """Offsets of blocks that are not empty: damage elsewhere would hit nothing."""
    empty = bytes(BLOCK)
    with raw.open("rb") as disk:
        return [number * BLOCK for number, block in enumerate(iter(lambda: disk.read(BLOCK), b"")) if block != empty]


def damage(copy: Path, seed: int, blocks: list[int]) -> None:
    """Cuts the end off, flips bits, overwrites or swaps blocks: always the same for a seed."""
    pick = random.Random(seed)
    with copy.open("r+b") as disk:
        match seed % 4:
            case 0:
                disk.truncate(pick.choice(blocks) + pick.randrange(BLOCK))
            case 1 | 2:
                for _ in range(1 << pick.randrange(9)):
                    at = pick.choice(blocks) + pick.randrange(BLOCK)
                    disk.seek(at)
                    value = disk.read(1)[0] ^ 1 << pick.randrange(8)
                    disk.seek(at)
                    disk.write(bytes([value]))
            case _:
                for _ in range(1 << pick.randrange(6)):
                    disk.seek(pick.choice(blocks))
                    block = disk.read(BLOCK) if pick.random() < 0.7 else pick.randbytes(BLOCK)
                    disk.seek(pick.choice(blocks))
                    disk.write(block)


def walk(path: Path) -> str:
    """What came of it; the promises of a Source are checked on the way."""
    try:
        image = Image(path)
    except EvidenceError as error:
        return f"refused: {error}"
    entries = gaps = 0
    with closing(image):
        for volume in image.volumes:
            last = EntryId(0)
            kept: list[Entry] = []
            for record in islice(records(image, volume.index), MOST_ENTRIES):
                if isinstance(record, Gap):
                    assert 1 <= record.entry <= last, record
                    gaps += 1
                    continue
                assert record.id == last + 1, record
                assert record.size >= 0, record
                assert record.position >= 0, record
                record.path.encode()
                last = record.id
                entries += 1
                kept.append(record)
            for entry in random.Random(0).sample(kept, min(20, len(kept))):
                if entry.key:
                    with suppress(OSError), closing(image.open(entry)) as stream:
                        stream.read(0, min(READ, entry.size))
    return f"walked: {entries} entries, {gaps} gaps"


def records(image: Image, volume: int) -> Iterator[Entry | Gap]:
    """The walk, which may end in an OSError."""
    with suppress(OSError):
        yield from image.walk(volume)


def main(raw: Path, copy: Path, first: int, last: int) -> None:
    blocks = used_blocks(raw)
    for seed in range(first, last):
        shutil.copyfile(raw, copy)
        damage(copy, seed, blocks)
        print(seed, walk(copy), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
