"""Disk images kept with the project, compressed: `make demo` needs no tool that writes file systems.

Compression also keeps the strings of the fakes from virus scanners that would quarantine the package.
"""

from __future__ import annotations

import hashlib
import lzma
import sys
from importlib import resources
from pathlib import Path

DEMO = "demo.img"
_BLOCK = 1 << 16


def demo_image(to: Path) -> Path:
    """Unpacks the demo disk (scene `infected_windows`, MBR, one NTFS volume) as a sparse file.

    Args:
        to: a file to be made, or a folder that is there.

    Returns:
        The image, whose hash is the one of SHA256SUMS.

    Raises:
        OSError: the file cannot be written.
        ValueError: the packed image is damaged.
    """
    path = to / DEMO if to.is_dir() else to
    digest = hashlib.sha256()
    empty = bytes(_BLOCK)
    with resources.files(__name__).joinpath(f"{DEMO}.xz").open("rb") as packed, path.open("wb") as out:
        with lzma.open(packed) as source:
            while block := source.read(_BLOCK):
                digest.update(block)
                if block == empty[: len(block)]:
                    out.seek(len(block), 1)
                else:
                    out.write(block)
        out.truncate(out.tell())
    if digest.hexdigest() != demo_digest():
        raise ValueError(f"{DEMO}.xz is damaged: its bytes are not those of SHA256SUMS; install triage again")
    return path


def demo_digest() -> str:
    """SHA-256 of the unpacked demo disk, as SHA256SUMS has it."""
    for line in resources.files(__name__).joinpath("SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if name == DEMO:
            return digest
    raise ValueError(f"SHA256SUMS has no line for {DEMO}; install triage again")


def pack_demo(image: Path) -> None:
    """Takes a newly built image as the demo disk of this package.

    Args:
        image: raw, as `python -m samples_fake build infected_windows` makes it.
    """
    here = Path(sys.modules[__name__].__file__ or "").parent
    data = image.read_bytes()
    (here / f"{DEMO}.xz").write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    (here / "SHA256SUMS").write_text(f"{hashlib.sha256(data).hexdigest()}  {DEMO}\n", "utf-8")
