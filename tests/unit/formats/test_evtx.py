"""Event logs: what they hold is read, what is damaged is repaired or counted."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from contextlib import suppress

import pyevtx
import pytest
from evtx import PyEvtxParser

from samples_fake.evtx import event_log, service_installed, service_state, used_before
from tests.samples import corpus_file, corpus_files
from triage.errors import FormatError
from triage.formats import evtx_chunks
from triage.formats.evtx import EvtxLog
from triage.formats.logrecord import LogRecord, LogSummary, always
from triage.model import UnixNs
from triage.times import isoformat

START = 1494576000 * 10**9
FIRST_RECORD = 4096 + 512


class Everything(dict[int, Callable[[str], bool]]):
    """Wants every id."""

    def get(self, key, default=None):
        return always


def read(data: bytes) -> tuple[list[LogRecord], LogSummary]:
    log = EvtxLog(io.BytesIO(data))
    records = list(log.records(Everything()))
    return records, log.summary


def states(count: int, *, first: int = 1, **more) -> bytes:
    return event_log(
        [service_state(UnixNs(START + n * 10**9), "PC-1", f"service {n}") for n in range(count)],
        first_record=first,
        **more,
    )


def test_a_record_is_typed() -> None:
    (one,), summary = read(states(1, first=9))
    assert one == LogRecord(
        9,
        UnixNs(START),
        "System",
        "Service Control Manager",
        7036,
        "PC-1",
        "",
        {"param1": "service 0", "param2": "running"},
    )
    assert (summary.records, summary.lost, summary.oldest, summary.channels) == (1, 0, (9, START), {"System": None})


def test_only_wanted_records_are_given_and_all_are_counted() -> None:
    log = EvtxLog(io.BytesIO(states(500)))
    wanted = {7036: lambda text: '"service 7"' in text, 7045: always}
    assert [record.record_id for record in log.records(wanted)] == [8]
    assert (log.summary.records, log.summary.missing, log.summary.lost) == (500, 0, 0)


def test_a_full_log_that_goes_on_at_its_start_is_read_in_order() -> None:
    whole = states(900)
    chunks = [whole[at : at + 65536] for at in range(4096, len(whole), 65536)]
    assert len(chunks) > 2
    turned = whole[:4096] + b"".join(chunks[1:] + chunks[:1])
    records, summary = read(turned)
    assert [record.record_id for record in records] == list(range(1, 901))
    assert (summary.missing, summary.steps) == (0, [])


def test_a_log_without_its_headers_is_read_all_the_same() -> None:
    data = bytearray(states(300))
    data[:4096] = bytes(4096)
    for at in range(4096, len(data), 65536):
        data[at : at + 512] = bytes(512)
    records, summary = read(bytes(data))
    assert len(records) == 300
    assert (summary.rescued, summary.lost, summary.first_lost) == (300, 0, 0)


def test_records_behind_an_outdated_chunk_header_are_read() -> None:
    data = bytearray(states(50))
    (second,) = struct.unpack_from("<I", data, FIRST_RECORD + 4)
    struct.pack_into("<QQ", data, 4096 + 16, 1, 1)
    struct.pack_into("<I", data, 4096 + 48, 512 + second)
    records, summary = read(bytes(data))
    assert (len(records), summary.rescued) == (50, 49)


def test_a_destroyed_record_costs_itself_and_is_counted() -> None:
    data = bytearray(states(50))
    at = data.index("service 20".encode("utf-16-le"))
    start = data.rindex(b"**\0\0", 0, at)
    data[start : start + 40] = b"\xff" * 40
    records, summary = read(bytes(data))
    assert {record.record_id for record in records} == {*range(1, 51)} - {21}
    assert (summary.lost, summary.bad_checksums, summary.missing) == (1, 1, 1)
    assert not summary.gaps[0].inside


def test_a_record_taken_out_by_hand_is_seen() -> None:
    data = bytearray(states(10))
    at = FIRST_RECORD
    (size,) = struct.unpack_from("<I", data, at + 4)
    second = at + size
    (hidden,) = struct.unpack_from("<I", data, second + 4)
    third = second + hidden
    (more,) = struct.unpack_from("<I", data, third + 4)
    struct.pack_into("<I", data, second + 4, hidden + more)
    struct.pack_into("<I", data, third + more - 4, hidden + more)
    free = struct.unpack_from("<I", data, 4096 + 48)[0]
    struct.pack_into("<I", data, 4096 + 52, evtx_chunks.zlib.crc32(data[4096 + 512 : 4096 + free]))
    _, summary = read(bytes(data))
    assert [(gap.first, gap.last, gap.inside) for gap in summary.gaps] == [(3, 3, True)]


def test_a_clock_that_went_back_is_noted() -> None:
    seconds = (0, 100, 90, 10, 200)
    _, summary = read(event_log([service_state(UnixNs(START + s * 10**9), "PC-1", "a") for s in seconds]))
    assert [(step.record_id, step.before - step.after) for step in summary.steps] == [(4, 80 * 10**9)]


def test_a_log_that_was_cut_off_gives_what_is_left() -> None:
    data = states(500)
    records, summary = read(data[: 4096 + 65536 + 30000])
    assert 100 < len(records) < 500
    assert [record.record_id for record in records] == list(range(1, len(records) + 1))
    assert summary.first_lost is not None


@pytest.mark.parametrize("wrong", [b"", b"ElfFile", bytes(200_000), b"regf" + bytes(8192), b"\xff" * 70_000])
def test_other_files_are_no_event_log(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        EvtxLog(io.BytesIO(wrong))


class BadDisk(io.BytesIO):
    """Cannot read the second chunk."""

    def read(self, size=-1):
        if 4096 + 65536 <= self.tell() < 4096 + 2 * 65536:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_bad_sector_costs_its_chunk_and_is_said() -> None:
    log = EvtxLog(BadDisk(states(800)))
    numbers: list[int] = []
    with pytest.raises(OSError, match="Input/output"):
        numbers.extend(record.record_id for record in log.records(Everything()))
    assert 1 in numbers
    assert 800 in numbers
    assert log.summary.missing == 800 - len(numbers)


@pytest.mark.corpus
def test_every_sample_gives_at_least_what_the_library_gives() -> None:
    paths = corpus_files("**/*.evtx")
    if not paths:
        pytest.skip("no samples")
    more = {}
    for path in paths:
        try:
            alone = sum(1 for _ in PyEvtxParser(str(path), 1, skip_errors=False).records_json())
        except RuntimeError:
            alone = 270  # sample_with_a_bad_chunk_magic: two chunks refused, the others give 270
        every, summary = read(path.read_bytes())
        records = [record for record in every if not record.recovered]
        assert len(records) == summary.records
        if len(records) != alone:
            more[path.name] = (alone, len(records), summary.lost)
    assert more == {"System2.evtx": (194, 284, 0), "sample_with_a_bad_chunk_magic.evtx": (270, 301, 249)}


def reused(**more) -> bytes:
    """Two records over a log that held ten of the same kind and the installation of a service."""
    older = [service_state(UnixNs(START + n * 10**9), "PC-1", f"service {n}") for n in range(10)]
    older.append(service_installed(UnixNs(START + 10**11), "PC-1", "mssecsvc2.0 (fake)", "C:\\fake.exe"))
    newer = [service_state(UnixNs(START + (1000 + n) * 10**9), "PC-1", f"service {n}") for n in range(2)]
    return used_before(event_log(newer, first_record=500, **more), event_log(older))


def test_records_in_the_slack_of_a_chunk_are_read_and_marked() -> None:
    records, summary = read(reused())
    own = [record for record in records if not record.recovered]
    older = [record for record in records if record.recovered]
    assert [record.record_id for record in own] == [500, 501]
    assert [record.record_id for record in older] == list(range(3, 12))
    assert (older[-1].event_id, older[-1].data["ImagePath"]) == (7045, "C:\\fake.exe")
    assert older[-1].when == START + 10**11
    assert (summary.records, summary.recovered, summary.missing, summary.lost) == (2, 9, 0, 0)


def test_a_slack_record_whose_template_was_written_over_is_left_alone() -> None:
    data = bytearray(reused())
    at = data.index("ImagePath".encode("utf-16-le"))
    start = data.rindex(b"**\0\0", 0, at)
    data[start + 42 : start + 46] = b"\xff\xff\xff\xff"
    assert 11 not in {record.record_id for record in read(bytes(data))[0]}


@pytest.mark.parametrize(("place", "what"), [(8, "number"), (16, "time"), (4, "size")])
def test_a_slack_record_that_contradicts_itself_is_left_alone(place: int, what: str) -> None:
    data = bytearray(reused())
    at = data.index("ImagePath".encode("utf-16-le"))
    start = data.rindex(b"**\0\0", 0, at)
    data[start + place + (5 if what == "time" else 0)] ^= 0x40
    older = {record.record_id for record in read(bytes(data))[0] if record.recovered}
    assert older == set(range(3, 11))


def test_what_the_log_still_covers_is_not_told_twice() -> None:
    whole = states(30, first=100)
    older = states(40, first=100)
    records, summary = read(used_before(whole, older))
    assert [record.record_id for record in records] == list(range(100, 140))  # they go on: cut off by a power failure
    assert summary.recovered == 0
    again = used_before(states(30, first=100), states(40, first=80))
    records, summary = read(again)
    assert sorted(record.record_id for record in records) == list(range(100, 130))
    assert summary.recovered == 0


@pytest.mark.corpus
def test_the_slack_of_real_logs_gives_what_libevtx_recovers_and_decodes() -> None:
    compared = 0
    for path in corpus_files("**/*.evtx"):
        records, _ = read(path.read_bytes())
        own = {record.record_id for record in records if not record.recovered}
        older = {record.record_id: record for record in records if record.recovered}
        log = pyevtx.file()
        log.open(str(path))
        theirs = {}
        for index in range(log.number_of_recovered_records):
            with suppress(OSError):
                found = log.get_recovered_record(index)
                theirs[found.identifier] = found.xml_string
        assert older.keys() == theirs.keys() - own, path.name
        for number, record in older.items():
            assert f">{record.event_id}</EventID>" in theirs[number]
            assert f">{record.channel}</Channel>" in theirs[number]
            compared += 1
    assert compared == 50 or not corpus_files("**/*.evtx")


@pytest.mark.corpus
def test_a_real_log_tells_renames_and_services() -> None:
    records, summary = read(corpus_file("plaso/test_data/evtx/System.evtx").read_bytes())
    assert (len(records), summary.missing) == (5009, 0)
    assert sum(record.event_id == 7045 for record in records) == 25
    assert list(summary.computers)[:2] == ["37L4247F27-26", "WIN-NBRJP24VCHB"]
    assert isoformat(records[0].when) == "2010-11-21T03:55:59.6264271Z"
