"""Event logs of XP and 2003."""

from __future__ import annotations

import io
import struct

import pyevt
import pytest

from tests.samples import corpus_file
from triage.errors import FormatError
from triage.formats.evt import EvtLog
from triage.formats.logrecord import LogRecord, always


def record(number: int, when: int, event: int, *texts: str, source: str = "EventLog", sid: bytes = b"") -> bytes:
    names = (source + "\0PC-XP\0").encode("utf-16-le")
    names += bytes(-len(names) % 4)
    strings = "".join(text + "\0" for text in texts).encode("utf-16-le")
    sid_at = 56 + len(names)
    body = names + sid + strings
    body += bytes(-len(body) % 4)
    size = 56 + len(body) + 4
    head = struct.pack(
        *("<I4sIIIIHHHHIIIIII", size, b"LfLe", number, when, when, event | 0x40000000, 4, len(texts), 0, 0, 0),
        *(sid_at + len(sid), len(sid), sid_at, 0, 0),
    )
    return head + body + struct.pack("<I", size)


def log(*records: bytes, flags: int = 0) -> bytes:
    head = struct.pack("<I4s10I", 48, b"LfLe", 1, 1, 48, 0, 0, 0, 65536, flags, 0, 48)
    return head + b"".join(records)


def read(data: bytes) -> list[LogRecord]:
    return list(EvtLog(io.BytesIO(data), "System").records({6005: always, 7036: always}))


def test_a_record_is_typed() -> None:
    sid = bytes.fromhex("010500000000000515000000010000000200000003000000f4010000")
    (one,) = read(log(record(5, 1494576000, 7036, "Dịch vụ", "running", source="Service Control Manager", sid=sid)))
    assert one == LogRecord(
        *(5, 1494576000 * 10**9, "System", "Service Control Manager", 7036, "PC-XP", "S-1-5-21-1-2-3-500"),
        {"param1": "Dịch vụ", "param2": "running"},
    )


def test_a_record_that_goes_on_at_the_start_is_read() -> None:
    one, two = record(1, 1, 6005), record(2, 2, 7036, "a" * 40, "running")
    cut = len(two) - 36
    turned = log(two[cut:], one, two[:cut])
    assert [found.record_id for found in read(turned)] == [1, 2]


def test_flags_and_gaps_are_summed() -> None:
    old = EvtLog(io.BytesIO(log(record(1, 1, 6005), record(4, 2, 6005), flags=1 | 4)), "System")
    assert len(list(old.records({}))) == 0
    assert (old.summary.dirty, old.summary.full, old.summary.records, old.summary.missing) == (True, True, 2, 2)


def test_a_copy_left_by_an_earlier_round_counts_once() -> None:
    assert [found.record_id for found in read(log(record(1, 1, 6005), record(2, 2, 6005), record(1, 1, 6005)))] == [
        1,
        2,
    ]


def test_a_broken_length_costs_one_record() -> None:
    one, two = bytearray(record(1, 1, 6005)), record(2, 2, 6005)
    one[-4:] = b"\xff\xff\xff\xff"
    assert [found.record_id for found in read(log(bytes(one), two))] == [2]


@pytest.mark.parametrize("wrong", [b"", b"LfLe", bytes(100), b"0\0\0\0LfL!" + bytes(100)])
def test_other_files_are_no_event_log(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        EvtLog(io.BytesIO(wrong), "System")


class Everything(dict):
    def get(self, key, default=None):
        return always


@pytest.mark.corpus
def test_a_real_log_is_read_as_libevt_reads_it() -> None:
    path = corpus_file("plaso/test_data/SysEvent.Evt")
    log = EvtLog(io.BytesIO(path.read_bytes()), "System")
    records = list(log.records(Everything()))
    ours = {
        (one.record_id, one.when, one.provider, one.event_id, tuple(one.data.values()), one.user) for one in records
    }
    other = pyevt.file()
    other.open(str(path))
    theirs = {
        (
            *(
                one.identifier,
                one.get_creation_time_as_integer() * 10**9,
                one.source_name,
                one.event_identifier & 0xFFFF,
            ),
            *(tuple(text or "" for text in one.strings), one.user_security_identifier or ""),
        )
        for one in (other.get_record(index) for index in range(other.number_of_records))
    }
    assert len(theirs) == 6063
    assert theirs <= ours
    assert [one.record_id for one in records] == list(range(1135, 7455))  # 257 of them libevt calls recovered
    assert (log.summary.missing, log.summary.dirty) == (0, True)
