"""Damaged traces: whole files of every sort that Windows keeps of itself, and how each is damaged.

Every damaged file has a name, `sort seed index`, from which it is made again.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from samples_fake import event_logs, registry
from samples_fake.hive import build_hive, unwritten
from tests.samples import corpus_bytes, corpus_files
from tests.trace_mutations import NOON, READERS, damaged, fakes
from tests.unit.formats.test_evt import log as build_evt
from tests.unit.formats.test_evt import record as build_evt_record
from triage.formats.evt import EvtLog
from triage.formats.evtx import EvtxLog
from triage.formats.evtx_chunks import CHUNK_SIZE, FILE_HEADER
from triage.formats.logrecord import always
from triage.formats.registry import Hive
from triage.model import Kind

_LONGEST: Final = 800_000
"""Larger samples are left out: they would only be slower, not otherwise."""
_CONFIG: Final = "/Windows/System32/config"
_LOGS: Final = "/Windows/System32/winevt/Logs"


class _Every(dict):  # type: ignore[type-arg]
    """Every event id is wanted."""

    def get(self, key: object, default: object = None) -> object:
        return always


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One sort of file.

    Attributes:
        path: where Windows keeps it, by which the detectors want it.
        read: asks its reader all there is to ask; given the file, then its neighbours in their order.
        whole: undamaged files, each with its neighbours.
        marks: how structures inside it begin: half the damage is done there.
        share: parts of a thousand.
        neighbours: names, beside the file, of what is given with it.
    """

    path: str
    read: Callable[..., object]
    whole: Callable[[], list[tuple[bytes, ...]]]
    marks: tuple[bytes, ...]
    share: int
    kind: Kind = Kind.FILE
    neighbours: tuple[str, ...] = ()


def _hive(data: bytes, *logs: bytes) -> None:
    for key in Hive(io.BytesIO(data), lambda: logs).walk():
        _ = key.name, key.written
        for value in key.values():
            _ = value.text, value.number


def _evtx(data: bytes) -> None:
    log = EvtxLog(io.BytesIO(data))
    count = sum(1 for _ in log.records(_Every()))
    assert count == log.summary.records, "records given and counted"


def _evt(data: bytes) -> None:
    for _ in EvtLog(io.BytesIO(data), "System").records(_Every()):
        pass


def _real(*names: str) -> list[bytes]:
    """Samples of these names, as far as there are any, that are not too large."""
    paths = [path for name in names for path in corpus_files(name)]
    packed = {path: corpus_bytes(str(path)) for path in paths if path.stat().st_size <= _LONGEST}
    return [data for data in packed.values() if len(data) <= _LONGEST]


def _alone(*files: bytes) -> list[tuple[bytes, ...]]:
    return [(data,) for data in files]


def _dirty_hives() -> list[tuple[bytes, ...]]:
    """A hive whose last changes are in its log, and a sound one with a log that is another's."""
    before = registry.system_hive(infected=False)
    dirty, log = unwritten(before, registry.system_hive())
    other = unwritten(build_hive({"a": {"x": 1}}, NOON), build_hive({"a": {"x": 2}}, NOON))[1]
    return [(dirty, log, other), (before, other, log)]


def _evtx_logs() -> list[tuple[bytes, ...]]:
    made = [make(NOON, "PC-1") for make in (event_logs.system_log, event_logs.security_log, event_logs.sysmon_log)]
    real = [path.read_bytes()[: FILE_HEADER + 2 * CHUNK_SIZE] for path in corpus_files("**/*.evtx")]
    return _alone(*made, event_logs.cleared_log(NOON, "PC-1"), *real)


def _evt_logs() -> list[tuple[bytes, ...]]:
    when = NOON // 10**9
    told = (
        (6005, "EventLog", ()),
        (7035, "Service Control Manager", ("mssecsvc2.0", "start")),
        (517, "Security", ("a",)),
    )
    made = [
        build_evt_record(number, when, event, *texts, source=source)
        for number, (event, source, texts) in enumerate(told, 1)
    ]
    return _alone(build_evt(*made), *(path.read_bytes()[:60_000] for path in corpus_files("plaso/**/*.Evt")))


def _simple(name: str, *patterns: str) -> Callable[[], list[tuple[bytes, ...]]]:
    return lambda: _alone(*fakes(name), *_real(*patterns))


_CELLS: Final = (b"nk", b"vk", b"lf\1", b"lf", b"lh", b"ri", b"sk", b"db", b"hbin", b"regf")
_BIN: Final = "/$Recycle.Bin/S-1-5-21-1-2-3-1000"

SORTS: Final[Mapping[str, Sort]] = {
    "system": Sort(
        path=f"{_CONFIG}/SYSTEM",
        read=_hive,
        whole=lambda: _alone(registry.system_hive(), *_real("ez-appcompat/**/SYSTEM*", "plaso/**/SYSTEM*")),
        marks=(*_CELLS, b"\xee\x0f\xdc\xba"),
        share=120,
    ),
    "dirty": Sort(
        path=f"{_CONFIG}/SYSTEM",
        read=_hive,
        whole=_dirty_hives,
        marks=(*_CELLS, b"HvLE", b"DIRT"),
        share=60,
        neighbours=("SYSTEM.LOG1", "SYSTEM.LOG2"),
    ),
    "software": Sort(
        path=f"{_CONFIG}/SOFTWARE", read=_hive, whole=lambda: _alone(registry.software_hive()), marks=_CELLS, share=70
    ),
    "sam": Sort(
        path=f"{_CONFIG}/SAM",
        read=_hive,
        whole=lambda: _alone(registry.sam_hive(), *_real("ez-registry/**/SAM*")),
        marks=_CELLS,
        share=40,
    ),
    "user": Sort(
        path="/Users/Lan/NTUSER.DAT",
        read=_hive,
        whole=lambda: _alone(registry.user_hive(), *_real("ez-registry/**/NTUSER*", "plaso/**/NTUSER.DAT")),
        marks=_CELLS,
        share=60,
    ),
    "amcache": Sort(
        path="/Windows/AppCompat/Programs/Amcache.hve",
        read=_hive,
        whole=lambda: _alone(
            registry.amcache_hive("C:\\Windows\\mssecsvc.exe", "ab" * 20), *_real("plaso/**/win10-Amcache.hve")
        ),
        marks=_CELLS,
        share=30,
    ),
    "evtx": Sort(
        path=f"{_LOGS}/System.evtx",
        read=_evtx,
        whole=_evtx_logs,
        marks=(b"ElfChnk\0", b"ElfFile\0", b"**\0\0", b"\x0f\1\1\0", b"\x0c\1", b"\x41", b"\x06", b"\x0e"),
        share=220,
    ),
    "evt": Sort(path=f"{_CONFIG}/SysEvent.Evt", read=_evt, whole=_evt_logs, marks=(b"LfLe",), share=40),
    "prefetch": Sort(
        path="/Windows/Prefetch/TASKSCHE.EXE-11223344.pf",
        read=READERS["prefetch"],
        whole=_simple("prefetch", "ez-prefetch/**/*.pf", "plaso/**/*.pf"),
        marks=(b"SCCA", b"MAM\x04"),
        share=140,
    ),
    "usn": Sort(
        path="/$Extend/$UsnJrnl:$J",
        read=READERS["usn"],
        whole=_simple("usn", "dfir_ntfs/test_data/usn*.bin"),
        marks=(b"\2\0\0\0", b"\3\0\0\0", b"\4\0\0\0"),
        share=100,
        kind=Kind.STREAM,
    ),
    "lnk": Sort(
        path="/Users/Lan/Desktop/@WanaDecryptor@.exe.lnk",
        read=READERS["lnk"],
        whole=_simple("lnk", "ez-lnk/**/*.lnk", "plaso/**/*.lnk"),
        marks=(b"\x1c\0\0\0", b"\x14\0\x1f", b"\xa0", b"\x60\0\0\0"),
        share=60,
    ),
    "task": Sort(
        path="/Windows/System32/Tasks/evmdthrukdvwcqn063",
        read=READERS["task"],
        whole=_simple("task"),
        marks=(b"<", b"<\0", b"&", b"="),
        share=25,
    ),
    "job": Sort(
        path="/Windows/Tasks/At1.job",
        read=READERS["job"],
        whole=_simple("job", "plaso/**/*.job"),
        marks=(b"\1\0",),
        share=15,
    ),
    "item": Sort(
        path=f"{_BIN}/$IA1B2C3.docx", read=READERS["item"], whole=_simple("item", "plaso/**/$I*"), marks=(), share=10
    ),
    "info2": Sort(
        path="/RECYCLER/S-1-5-21-1-2-3-1000/INFO2",
        read=READERS["info2"],
        whole=_simple("info2", "plaso/**/INFO2"),
        marks=(b"\x20\3\0\0",),
        share=10,
    ),
}
"""Everything damaged, by name; the shares are of a thousand files."""


@cache
def _whole(sort: str) -> list[tuple[bytes, ...]]:
    return SORTS[sort].whole()


def mutant(sort: str, seed: int, index: int) -> tuple[bytes, ...]:
    """The damaged file of a name, with its neighbours."""
    chance = random.Random(f"{sort} {seed} {index}")
    files = chance.choice(_whole(sort))
    struck = [at for at in range(len(files)) if chance.random() < 0.8] or [0]
    return tuple(_struck(data, SORTS[sort].marks, chance) if at in struck else data for at, data in enumerate(files))


def _struck(data: bytes, marks: tuple[bytes, ...], chance: random.Random) -> bytes:
    """Damaged anywhere, or in the structures that its reader follows."""
    if not marks or chance.random() < 0.5:
        return damaged(data, chance)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        mark = chance.choice(marks)
        at = data.find(mark, chance.randrange(len(data)) if data else 0)
        if (at := at if at >= 0 else data.find(mark)) >= 0:
            end = min(len(data), at + chance.choice((8, 32, 96)))
            piece = damaged(data[at:end], chance)[: end - at]
            data = data[:at] + piece + data[at + len(piece) :]  # what follows keeps its place: readers come that far
    return data
