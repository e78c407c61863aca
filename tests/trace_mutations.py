"""Damaged traces by the thousand: what each reader makes of them. Runs in a process of its own, for one may crash."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable
from datetime import datetime

from samples_fake.lnk import FakeShortcut, build_shortcut
from samples_fake.prefetch import EIGHT, SEVEN, TEN, XP, FakePrefetch, build_prefetch
from samples_fake.recycle import build_info2, build_item
from samples_fake.task import build_job, build_task
from samples_fake.usn import FILE_CREATE, FakeChange, build_journal, encrypted_files
from tests.samples import corpus_files
from triage.errors import FormatError
from triage.formats import lnk, prefetch, recycle, task, usn
from triage.model import UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
SLOWEST = 2.0
"""Seconds that no damaged file may take."""


def _journal(data: bytes) -> None:
    for _ in usn.UsnJournal(io.BytesIO(data), len(data)):
        pass


def _info2(data: bytes) -> None:
    list(recycle.parse_info2(data))


READERS: dict[str, Callable[[bytes], object]] = {
    "usn": _journal,
    "prefetch": prefetch.parse,
    "lnk": lnk.parse,
    "item": recycle.parse_item,
    "info2": _info2,
    "task": task.parse_xml,
    "job": task.parse_job,
}
_REAL = {
    "usn": ("dfir_ntfs/test_data/usn*.bin", "plaso/test_data/UsnJrnl.raw"),
    "prefetch": ("ez-prefetch/**/*.pf", "plaso/**/*.pf"),
    "lnk": ("ez-lnk/**/*.lnk", "plaso/**/*.lnk"),
    "item": ("plaso/**/$I*",),
    "info2": ("plaso/**/INFO2",),
    "task": (),
    "job": ("plaso/**/*.job",),
}


def fakes(name: str) -> list[bytes]:
    """Whole files of a format."""
    changes = [FakeChange(when=NOON, name="a.txt", file=9, reason=FILE_CREATE, version=version) for version in (3, 4)]
    runs = (NOON,)
    loaded = ("\\WINDOWS\\NTDLL.DLL", "\\PROGRAMDATA\\A\\C.WNRY")
    target = "C:\\Users\\Lan\\@WanaDecryptor@.exe"
    made: dict[str, list[bytes]] = {
        "usn": [build_journal([*changes, *encrypted_files(["a.doc", "b.xls"], NOON, 1000)])],
        "prefetch": [
            build_prefetch(FakePrefetch(name="a.exe", runs=runs, loaded=loaded, version=version))
            for version in (XP, SEVEN, EIGHT, TEN)
        ],
        "lnk": [
            build_shortcut(FakeShortcut(target=target, machine="pc", arguments="fi", born=NOON)),
            build_shortcut(FakeShortcut(target="\\\\a\\b\\c.exe", share="\\\\a\\b")),
        ],
        "item": [build_item(target, 9, NOON, version) for version in (1, 2)],
        "info2": [build_info2([(target, 9, NOON), ("D:\\a", 1, NOON)])],
        "task": [build_task(target, "fi"), build_task(target).decode("utf-16").encode()],
        "job": [build_job(target, "fi", last_run=datetime(2017, 5, 12))],
    }
    return made[name]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, and now and then a part lost, doubled, or moved."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        if not out:
            break
        at = chance.randrange(len(out)) if chance.random() < 0.6 else chance.randrange(min(len(out), 256))
        match chance.randrange(7):
            case 0:
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 2:
                width = chance.choice((2, 4, 8))
                value = chance.choice((0, 1, 2, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, len(out), at, at - 4))
                out[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")
            case 3:
                del out[at : at + chance.randrange(1, 64)]
            case 4:
                out[at:at] = out[at : at + chance.randrange(1, 64)]
            case 5:
                end = at + chance.randrange(1, 64)
                out[at:end] = bytes(min(end, len(out)) - at)
            case _:
                if chance.random() < 0.2:
                    del out[at:]
    return bytes(out)


def run(name: str, count: int, seed: int) -> tuple[int, int]:
    """(read, refused) of count damaged files; anything but a FormatError is raised, with how to make it again."""
    seeds = fakes(name) + [path.read_bytes() for pattern in _REAL[name] for path in corpus_files(pattern)]
    read = refused = 0
    for index in range(count):
        chance = random.Random(f"{name} {seed} {index}")
        data = damaged(chance.choice(seeds), chance)
        begun = time.perf_counter()
        try:
            READERS[name](data)
            read += 1
        except FormatError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"{name} {seed} {index}: {type(error).__name__}: {error}") from error
        took = time.perf_counter() - begun
        assert took < SLOWEST, f"{name} {seed} {index}: {took:.1f} s"
    return read, refused
