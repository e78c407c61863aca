"""The written logs are read alike by three independent readers."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import zlib

import pyevtx
import pytest
from evtx import PyEvtxParser

from samples_fake import event_logs
from samples_fake.evtx import event_log, process_started, service_installed, service_state
from triage.formats.evtx_text import from_xml, record
from triage.model import UnixNs
from triage.times import to_filetime

WHEN = UnixNs(1494576000 * 10**9 + 123_456_700)
COMPUTER = "DESKTOP-V5VC9B3"


def mixed(count: int) -> bytes:
    """Three kinds of event, texts that need escapes, more than one chunk."""
    kinds = (
        lambda when, n: service_installed(when, COMPUTER, f'dịch vụ <&"> {n}', "C:\\a b\\c.exe -x"),
        lambda when, n: service_state(when, COMPUTER, "x" * (n % 40)),
        lambda when, n: process_started(when, COMPUTER, "C:\\a.exe", 'cmd /c "a & b" > c'),
    )
    return event_log([kinds[n % 3](UnixNs(WHEN + n * 1000), n) for n in range(count)])


def test_two_libraries_read_the_same_events() -> None:
    data = mixed(400)
    fast = [
        record(json.loads(row["data"]), row["event_record_id"], UnixNs(1))
        for row in PyEvtxParser(io.BytesIO(data), 1).records_json()
    ]
    log = pyevtx.file()
    log.open_file_object(io.BytesIO(data))
    slow = [record(from_xml(one.xml_string), one.identifier, UnixNs(1)) for one in log.records]
    assert not log.is_corrupted()
    assert len(fast) == 400
    assert fast == slow
    assert (fast[0].data["ServiceName"], fast[0].user) == ('dịch vụ <&"> 0', "S-1-5-18")


def test_python_evtx_verifies_every_checksum() -> None:
    reader = pytest.importorskip("Evtx.Evtx")
    data = mixed(300)
    header = reader.FileHeader(data, 0)
    assert header.verify()
    assert all(chunk.verify() for chunk in header.chunks())
    assert sum(1 for chunk in header.chunks() for _ in chunk.records()) == 300


def test_evtxexport_counts_the_same(tmp_path) -> None:
    if shutil.which("evtxexport") is None:
        pytest.skip("evtxexport is not installed")
    path = tmp_path / "System.evtx"
    path.write_bytes(event_logs.system_log(WHEN, COMPUTER))
    said = subprocess.run(["evtxexport", path], capture_output=True, text=True, check=True).stdout
    assert said.count("Event number\t") == 45
    assert "evmdthrukdvwcqn063" in said


def test_times_and_numbers_are_kept_to_the_tick() -> None:
    data = event_log([service_state(WHEN, COMPUTER, "a")], first_record=77)
    assert struct.unpack_from("<QQ", data, 4096 + 512 + 8) == (77, to_filetime(WHEN))


def test_an_unclosed_log_says_so() -> None:
    data = mixed(400)
    dirty = event_log([service_state(WHEN, COMPUTER, "a")], dirty=True)
    assert (data[120], dirty[120]) == (0, 1)
    assert struct.unpack_from("<I", dirty, 124)[0] == zlib.crc32(dirty[:120])


def test_the_same_events_give_the_same_bytes() -> None:
    assert event_logs.sysmon_log(WHEN, COMPUTER) == event_logs.sysmon_log(WHEN, COMPUTER)


def test_an_event_larger_than_a_chunk_is_refused() -> None:
    with pytest.raises(ValueError):
        event_log([service_state(WHEN, COMPUTER, "x" * 32000)])
