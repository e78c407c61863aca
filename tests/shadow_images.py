"""Real volumes with shadow copies, unpacked, and what vshadowinfo and vshadowmount of libvshadow say of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.samples import corpus_file
from triage.formats.vss import BLOCK, IDENTIFIER, ShadowCopy
from triage.model import UnixNs
from triage.times import from_filetime, to_filetime

TWO_STORES = "plaso/test_data/vsstest.qcow2"
"""One volume, Windows 7: `syslog` in the first copy, `syslog.gz` and `another_file` in the second."""

DISKS = {
    "vss_1_vol": (34603008,),
    "vss_2_stor": (34603008,),
    "vss_3_volstor": (1048576, 2148532224),
    "vss_2003": (32256,),
}
"""Where their volumes begin, in bytes. In the first and third a volume's copies are kept on another volume."""

_STORE = re.compile(
    r"Identifier\s*: (?P<id>\S+).*?Creation time\s*: (?P<day>\w+ \d+, \d+ \d+:\d+:\d+)\.(?P<rest>\d{9}) UTC", re.DOTALL
)


def two_stores() -> Path:
    """The sample, as a container."""
    return corpus_file(TWO_STORES)


def two_stores_raw(folder: Path) -> Path:
    """The sample as a raw image, full of holes; skips where qemu-img is absent."""
    if shutil.which("qemu-img") is None:
        pytest.skip("no qemu-img")
    path = folder / "two-stores.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", two_stores(), path], check=True)
    return path


def unpacked(name: str, folder: Path) -> Path:
    """A disk of DISKS, full of holes: some megabytes on a file system that knows holes."""
    packed = corpus_file(f"dfir_ntfs/test_data/{name}.{'tgz' if name == 'vss_2003' else 'tar.gz'}")
    subprocess.run(["tar", "-xSf", packed, "-C", folder], check=True)
    return folder / f"{name}.raw"


def judged(image: Path, offset: int) -> list[tuple[str, UnixNs]]:
    """(identifier, time) of every store that vshadowinfo lists, in its order; skips where it is absent."""
    if shutil.which("vshadowinfo") is None:
        pytest.skip("no vshadowinfo")
    said = subprocess.run(["vshadowinfo", "-o", str(offset), image], check=True, capture_output=True, text=True)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    stores = []
    for match in _STORE.finditer(said.stdout):
        day = datetime.strptime(match["day"], "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC)
        stores.append((match["id"], UnixNs(int((day - epoch).total_seconds()) * 1_000_000_000 + int(match["rest"]))))
    return stores


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    """A folder with `vss1`, `vss2` …: each store as a raw volume. Skips where that cannot be mounted."""
    if shutil.which("vshadowmount") is None or not os.access("/dev/fuse", os.W_OK):
        pytest.skip("no vshadowmount, or no FUSE")
    folder.mkdir()
    if subprocess.run(["vshadowmount", image, folder], check=False, capture_output=True).returncode:
        pytest.skip("vshadowmount cannot mount here")
    try:
        yield folder
    finally:
        subprocess.run(["fusermount", "-u", folder], check=True)


def catalogue(copies: list[ShadowCopy], start: int = 0x10000, blocks: int = 2) -> bytes:
    """A catalogue as volsnap keeps it, end to end. start: offset of its first block on the volume."""
    out = []
    entries = [entry for copy in copies for entry in _entries(copy)]
    for number in range(blocks):
        following = start + (number + 1) * BLOCK if number + 1 < blocks else 0
        head = b"".join(
            (
                *(_guid(IDENTIFIER.strip("{}")), _int(1, 4), _int(2, 4)),
                *(_int(value, 8) for value in (number * BLOCK, start + number * BLOCK, following)),
            )
        )
        block = head.ljust(128, b"\0") + (b"".join(entries) if number == 0 else b"")
        out.append(block.ljust(BLOCK, b"\0"))
    return b"".join(out)


def at(ticks: int) -> UnixNs:
    """A time as volsnap can write it."""
    return from_filetime(ticks)


def _entries(copy: ShadowCopy) -> Iterator[bytes]:
    identifier = _guid(copy.identifier)
    yield (
        _int(2, 8) + _int(copy.size, 8) + identifier + _int(1, 8) + _int(0x40, 8) + _int(to_filetime(copy.created), 8)
    ).ljust(128, b"\0")
    if copy.stored_here:
        yield (_int(3, 8) + _int(0x20000, 8) + identifier).ljust(128, b"\0")


def _guid(text: str) -> bytes:
    raw = bytes.fromhex(text.replace("-", ""))
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def _int(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")
