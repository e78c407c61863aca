"""File systems built on the spot, with what no sample has: lone surrogates, a hundred fragments, reused records."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from samples_fake.disk import write_volume
from samples_fake.libntfs import Ntfs
from samples_fake.tree import COMPRESSED, HIDDEN, FakeFile, Volume
from triage.model import Macb, UnixNs

CLUSTER = 4096
PIECES = 400
SECOND = 1_000_000_000
MADE = UnixNs(1_494_570_000 * SECOND)
TIMES = Macb(
    modified=UnixNs(MADE + 100),
    accessed=UnixNs(MADE + 2 * SECOND + 300),
    changed=UnixNs(MADE + 3 * SECOND + 500),
    born=UnixNs(MADE - 86_400 * SECOND + 700),
)
STAMPED = (
    ("before 1970", UnixNs(-3_000_000_000 * SECOND)),
    ("behind 2106", UnixNs(5_000_000_000 * SECOND)),
    ("the last tick of 2038", UnixNs((1 << 31) * SECOND - 100)),
)
"""Names of files, and the time of all four of their stamps."""


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def text(size: int) -> bytes:
    return (b"a harmless line of text\r\n" * (size // 25 + 1))[:size]


def _common() -> tuple[FakeFile, ...]:
    return (
        FakeFile(path="/empty.txt", times=TIMES),
        FakeFile(path="/small.txt", content=b"small", times=TIMES, attributes=HIDDEN),
        FakeFile(path="/Tài liệu/Báo cáo quý.docx", content=partial(noise, 70_001), times=TIMES),
        FakeFile(path="/gone.txt", content=partial(text, 3000), times=TIMES, deleted=True),
        FakeFile(path="/folder/gone too.txt", content=partial(text, 9000), times=TIMES, deleted=True),
        FakeFile(path="/gone folder", folder=True, times=TIMES, deleted=True),
        *(
            FakeFile(path=f"/gone folder/gone inside {n}.txt", content=partial(text, 5000), times=TIMES, deleted=True)
            for n in range(6)
        ),
        FakeFile(path="/a/b/c/d/e/f/g/h/i/j/deep.txt", content=b"deep", times=TIMES),
    )


def _ntfs_files() -> tuple[FakeFile, ...]:
    deep = "/deep" + "".join(f"/folder {n:03d} on the way down" for n in range(60))
    return (
        *_common(),
        FakeFile(path="/streams.txt", content=b"host", streams={"one": b"1", "two ẩn\n": noise(5000)}, times=TIMES),
        FakeFile(path="/only stream.txt", streams={"Zone.Identifier": b"[ZoneTransfer]\r\nZoneId=3\r\n"}),
        FakeFile(path="/linked.bin", content=partial(noise, 8000), hard_links=("/folder/link.bin", "/a/link too.bin")),
        FakeFile(
            path="/many.bin",
            content=partial(noise, 5000),
            hard_links=tuple(f"/many/{'long name ' * 8}{n:03d}.bin" for n in range(80)),
        ),
        FakeFile(path="/sparse.bin", content=b"the end", hole=6 << 20),
        FakeFile(path="/packed", folder=True, attributes=COMPRESSED),
        FakeFile(path="/packed/text.txt", content=partial(text, 2_000_000), attributes=COMPRESSED),
        FakeFile(path="/packed/noise.bin", content=partial(noise, 100_000), attributes=COMPRESSED),
        *(FakeFile(path=f"/names/{name}", content=name.encode("utf-8", "replace")) for name in HOSTILE),
        FakeFile(path=f"{deep}/bottom.txt", content=b"bottom", times=TIMES),
        *(
            FakeFile(path=f"/stamped/{name}", times=Macb(modified=at, accessed=at, changed=at, born=at))
            for name, at in STAMPED
        ),
        *(FakeFile(path=f"/crowd/{n:03d}", content=b"", deleted=n % 3 == 0) for n in range(200)),
        *(FakeFile(path=f"/gaps/{n:03d}", content=partial(noise, CLUSTER), deleted=n % 2 == 0) for n in range(200)),
    )


HOSTILE = (
    "pipe|and|pipe",
    "new\nline",
    "bell\a",
    "lone high \ud83d",
    "lone low \ude00",
    "swapped \ude00\ud83d",
    "right\N{RIGHT-TO-LEFT OVERRIDE}left",
    "back\\slash",
    "colon in name",
    "arrow -> nowhere",
    "\N{PILE OF POO}",
    "ế" * 80,
    "caret^^",
)


def ntfs(path: Path) -> None:
    """Everything at once; then a file in the record of a deleted folder, as a sparse one of hundreds of pieces."""
    write_volume(Volume(filesystem="ntfs", size=16 << 20, label="BUILT", made=MADE, files=_ntfs_files()), path)
    volume = Ntfs(str(path), MADE)
    pieces = FakeFile(path="/pieces.bin")
    volume.file(pieces)
    for number in range(PIECES):
        with volume._opened(volume._numbers[pieces.path]) as inode:
            volume._write(inode, pieces, number * 32 * CLUSTER, noise(CLUSTER + number)[:CLUSTER])
    volume.close()


def plain(filesystem: str, size: int, path: Path) -> None:
    """A FAT or exFAT volume."""
    files = (*_common(), *(FakeFile(path=f"/crowd/Tập tin {n:03d}.txt", deleted=n % 3 == 0) for n in range(100)))
    write_volume(Volume(filesystem=filesystem, size=size, label="BUILT", made=MADE, files=files), path)


def ext4(path: Path) -> None:
    """Symbolic links, short and long, and hard links; deleted files and folders."""
    files = (
        *_common(),
        FakeFile(path="/linked.bin", content=partial(noise, 8000), hard_links=("/folder/link.bin", "/a/link too.bin")),
        FakeFile(path="/sparse.bin", content=b"the end", hole=1 << 20),
    )
    write_volume(Volume(filesystem="ext4", size=8 << 20, label="BUILT", made=MADE, files=files), path)
    script = f"symlink short folder/link.bin\nsymlink long {'/very' * 40}/far\nmknod pipe p\n"
    subprocess.run(["debugfs", "-w", "-f", "-", path], input=script.encode(), check=True, capture_output=True)


BUILT: dict[str, Callable[[Path], None]] = {
    "ntfs": ntfs,
    "fat12": partial(plain, "fat12", 2 << 20),
    "fat16": partial(plain, "fat16", 16 << 20),
    "fat32": partial(plain, "fat32", 36 << 20),
    "exfat": partial(plain, "exfat", 8 << 20),
    "ext4": ext4,
}


def run(*command: object) -> bytes:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout
