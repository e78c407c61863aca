"""Our own parsers, each with whole files to begin from: what a guided fuzzer is given."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from samples_fake import registry, state
from samples_fake.event_logs import security_log
from samples_fake.hive import build_hive, unwritten
from samples_fake.recycle import build_info2, build_item
from samples_fake.task import build_job, build_task
from samples_fake.usn import FILE_CREATE, FakeChange, build_journal
from tests.samples import corpus_files
from tests.wannacry_files import config, progress
from triage.errors import FormatError
from triage.formats import evtx_chunks, recycle, regf_heal, regf_log, shimcache, task, usn, wncry
from triage.formats import state as states
from triage.formats.regf_bytes import HiveBytes
from triage.formats.regf_deleted import find_deleted
from triage.model import UnixNs

NOON: Final = UnixNs(1_494_590_400_000_000_000)
_ITEMS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Parser:
    """What is asked, whole files to begin from, and the largest that is tried, in bytes."""

    ask: Callable[[bytes], object]
    whole: Callable[[], tuple[bytes, ...]]
    largest: int = 16_384


def _usn(data: bytes) -> None:
    for record in islice(usn.UsnJournal(io.BytesIO(data), len(data)), _ITEMS):
        usn.record_number(record.file)


def _hive_bytes(data: bytes) -> None:
    """The first half a hive, the second its log."""
    half = len(data) // 2 & ~511
    hive = HiveBytes(io.BytesIO(data[:half]), lambda: [data[half:]])
    hive.heal()
    assert len(hive.read(-1)) <= hive.get_size()


def _log(data: bytes) -> None:
    """The first sector of a hive, then its log."""
    base = regf_log.base_block(data[:512])
    if base is not None:
        regf_log.recover(base, [data[512:]])


def _bins(data: bytes) -> Callable[[int, int], bytes]:
    return lambda at, size: data[at : at + size]


def _chunk(data: bytes) -> None:
    evtx_chunks.parse_header(data)
    chunk = data[:65536].ljust(65536, b"\0")
    found = evtx_chunks.places(chunk)
    evtx_chunks.checksum_holds(chunk)
    evtx_chunks.numbers_claimed(chunk)
    if found:
        evtx_chunks.slack_places(chunk, found)
        again = evtx_chunks.places(evtx_chunks.repaired(chunk, found))
        assert [place for place in again if place.number] == [place for place in found if place.number]


def _recycle(data: bytes) -> None:
    if data[:1] in (b"\1", b"\2"):
        recycle.parse_item(data)
    else:
        list(islice(recycle.parse_info2(data), _ITEMS))


def _wncry(data: bytes) -> None:
    header = wncry.parse(data)
    wncry.is_cut(data)
    wncry.state(header, len(data), "a.WNCRY")


def _state(data: bytes) -> None:
    for parse in (states.parse_progress, states.parse_config, states.parse_demo_list):
        try:
            parse(data)
        except FormatError:
            continue
    states.is_batch(data)
    states.is_note_template(data)


def _dirty() -> tuple[bytes, ...]:
    hive, log = unwritten(build_hive({"a": {"x": 1}}, NOON), build_hive({"a": {"x": 2}, "b": {"y": "z"}}, NOON))
    return hive, log


def _caches() -> tuple[bytes, ...]:
    real = (path.read_bytes() for path in corpus_files("ez-appcompat/**/*.bin"))
    return registry.shimcache([("C:\\Windows\\mssecsvc.exe", NOON), ("C:\\a.exe", NOON)]), *real


PARSERS: Final[Mapping[str, Parser]] = {
    "usn": Parser(
        _usn,
        lambda: (
            build_journal(
                [FakeChange(when=NOON, name="a.txt", file=9, reason=FILE_CREATE, version=v) for v in (2, 3, 4)]
            ),
        ),
    ),
    "shimcache": Parser(lambda data: list(islice(shimcache.programs(data), _ITEMS)), _caches, 120_000),
    "regf_bytes": Parser(_hive_bytes, lambda: (b"".join(_dirty()), registry.sam_hive()), 65_536),
    "regf_heal": Parser(
        lambda data: regf_heal.healed_bins(_bins(data), len(data)), lambda: (registry.sam_hive()[4096:],), 65_536
    ),
    "regf_deleted": Parser(
        lambda data: find_deleted(_bins(data), len(data)), lambda: (registry.sam_hive()[4096:],), 65_536
    ),
    "regf_log": Parser(_log, lambda: (_dirty()[0][:512] + _dirty()[1],), 32_768),
    "evtx_chunks": Parser(_chunk, lambda: (security_log(NOON, "PC")[4096:], security_log(NOON, "PC")), 70_000),
    "task": Parser(
        task.parse_xml, lambda: (build_task("C:\\a.exe", "b"), build_task("C:\\a.exe").decode("utf-16").encode())
    ),
    "job": Parser(task.parse_job, lambda: (build_job("C:\\a.exe", "b", last_run=datetime(2017, 5, 12)),)),
    "recycle": Parser(
        _recycle, lambda: (*(build_item("C:\\a", 9, NOON, v) for v in (1, 2)), build_info2([("C:\\a", 9, NOON)]))
    ),
    "wncry": Parser(_wncry, lambda: (b"WANACRY!\x00\x01\x00\x00" + b"k" * 256 + struct.pack("<IQ", 4, 1000),)),
    "state": Parser(
        _state, lambda: (progress(), config(), b"C:\\a\r\n", state.shortcut_bat("C:\\"), state.note_template())
    ),
}
"""By the name of the module that is tried."""
