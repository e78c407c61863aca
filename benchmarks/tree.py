"""The files of the benchmark disk: Windows programs and texts from packages, a user's documents, harmless fakes."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from benchmarks.packages import SYSTEM, Package
from samples_fake import components, documents, state, tools, wncry
from samples_fake.tree import FakeFile

USERS = ("Nguyễn Văn An", "Trần Thị Bình", "ketoan")
TOPICS = ("Báo cáo", "Kế hoạch", "Công văn", "Quyết toán", "Hợp đồng", "Biên bản", "Tờ trình")
INFECTED = f"/ProgramData/{state.install_tag('VANPHONG-07')}"

_PROGRAMS = (".dll", ".exe", ".pyd", ".sys")
_MIB = 1 << 20
_MIX = (
    # kind, how many, smallest and largest size in bytes
    ("jpg", 420, 400_000, 3 * _MIB),
    ("docx", 900, 12_000, 400_000),
    ("xlsx", 500, 8_000, 200_000),
    ("pdf", 500, 40_000, 900_000),
    ("txt", 900, 400, 30_000),
    ("mp4", 4, 20 * _MIB, 60 * _MIB),
    ("zip", 6, 5 * _MIB, 25 * _MIB),
    ("doc", 200, 30_000, 400_000),
)
"""A user's documents, all users together; what a photograph or a film holds is noise, as compressed data is."""


def benchmark_files(wheels: dict[Package, Path]) -> Iterator[FakeFile]:
    """Every file once, in the order it is written; the same wheels give the same disk."""
    yield from _installed(wheels)
    yield from _documents()
    yield from _fakes()


def _installed(wheels: dict[Package, Path]) -> Iterator[FakeFile]:
    taken: set[str] = set()
    for package, wheel in wheels.items():
        with zipfile.ZipFile(wheel) as archive:
            names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
        for name in names:
            path = f"{package.folder}/{name}"
            if package.system and name.lower().endswith(_PROGRAMS):
                system = f"{SYSTEM}/{name.rpartition('/')[2]}"
                path = path if system.lower() in taken else system
            if path.lower() not in taken:
                taken.add(path.lower())
                yield FakeFile(path=path, content=partial(_member, str(wheel), name))


@cache
def _opened(wheel: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel)


def _member(wheel: str, name: str) -> bytes:
    return _opened(wheel).read(name)


def _documents() -> Iterator[FakeFile]:
    pick = random.Random("documents")
    places = ("Documents", "Desktop", "Downloads", "Documents/Lưu trữ")
    for kind, count, smallest, largest in _MIX:
        for number in range(count):
            # most files are small, a few are large
            size = int(smallest + (largest - smallest) * pick.random() ** 2)
            place = "Pictures/2017" if kind == "jpg" else pick.choice(places)
            name = f"{pick.choice(TOPICS)} {kind} {number:04d}.{kind}"
            path = f"/Users/{pick.choice(USERS)}/{place}/{name}"
            yield FakeFile(path=path, content=partial(_document, kind, number, size))


def _document(kind: str, seed: int, size: int) -> bytes:
    topic = f"{TOPICS[seed % len(TOPICS)]} số {seed}"
    match kind:
        case "jpg":
            return documents.jpeg(seed, size)
        case "txt":
            return documents.text(topic, size // 100)
        case "docx":
            return documents.archive({"word/media/image1.jpeg": documents.jpeg(seed, size)}) + documents.docx(topic)
        case "xlsx":
            return documents.xlsx(topic) + documents.noise(seed, size)
        case "pdf":
            return documents.pdf(topic) + documents.noise(seed, size)
        case "zip":
            return documents.archive({f"{n}.jpg": documents.noise(seed * 9 + n, size // 4) for n in range(4)})
        case "mp4":
            return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + documents.noise(seed, size)
        case _:
            return bytes.fromhex("d0cf11e0a1b11ae1") + documents.text(topic, size // 100)


def _fakes() -> Iterator[FakeFile]:
    """Harmless fakes: what WannaCry and others leave behind."""
    placed: dict[str, Callable[[], bytes]] = {
        **{f"{INFECTED}/{name}": make for name, make in components.COMPONENTS.items()},
        **{f"/Users/{USERS[2]}/Downloads/{name}": make for name, make in tools.TOOLS.items()},
        "/Windows/mssecsvc.exe": components.mssecsvc,
        "/Windows/tasksche.exe": components.tasksche,
        "/Windows/qeriuwjhrf": components.tasksche,
        f"{INFECTED}/t.wnry": state.t_wnry,
        f"{INFECTED}/c.wnry": partial(state.c_wnry, started=1_494_600_240),
        f"{INFECTED}/r.wnry": state.note_template,
        f"{INFECTED}/00000000.pky": state.pky,
        f"{INFECTED}/00000000.eky": state.eky,
        f"{INFECTED}/m.vbs": partial(state.m_vbs, "C:" + INFECTED.replace("/", "\\") + "\\"),
    }
    for user in USERS:
        placed[f"/Users/{user}/Desktop/@Please_Read_Me@.txt"] = state.note
        placed[f"/Users/{user}/Desktop/@WanaDecryptor@.exe"] = components.decryptor
        for number in range(3):
            hit = f"/Users/{user}/Documents/Đã mã hóa {number}.docx.WNCRY"
            placed[hit] = partial(wncry.encrypted, 20_000 + number, seed=number)
    for path, make in placed.items():
        yield FakeFile(path=path, content=make)
