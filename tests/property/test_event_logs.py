"""Damaged event logs: records or a FormatError, always an end, and the readers in native code never take us down.

Mutations run in a process of their own: a crash of a native library must fail the test and not end it.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import random
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples_fake import event_logs as fakes
from samples_fake.evtx import event_log, service_state
from tests.samples import corpus_files
from triage.errors import FormatError
from triage.formats import evtx_text
from triage.formats.evt import EvtLog
from triage.formats.evtx import EvtxLog
from triage.formats.evtx_chunks import CHUNK_SIZE, places
from triage.formats.logrecord import always
from triage.model import UnixNs

WHEN = UnixNs(1494576000 * 10**9)
PIECES = (b"\0", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f", b"\x0c", b"\x0f", b"\x01\x41", b"**\0\0", bytes(900))
SECONDS_MAX = 5.0


class Everything(dict):
    def get(self, key, default=None):
        return always


def read(data: bytes) -> None:
    with suppress(FormatError):
        log = EvtLog(io.BytesIO(data), "System") if data[4:8] == b"LfLe" else EvtxLog(io.BytesIO(data))
        count = sum(1 for _ in log.records(Everything()))
        assert count == log.summary.records


def originals() -> list[bytes]:
    """Our own logs and the first two chunks of every sample."""
    own = [fakes.system_log(WHEN, "PC-1"), fakes.security_log(WHEN, "PC-1"), fakes.sysmon_log(WHEN, "PC-1")]
    real = [*corpus_files("**/*.evtx"), *corpus_files("**/*.Evt")]
    return own + [path.read_bytes()[: 4096 + 2 * CHUNK_SIZE] for path in real]


def mutated(seed: int, sources: list[bytes]) -> bytes:
    chance = random.Random(seed)
    data = bytearray(chance.choice(sources))
    for _ in range(chance.choice((1, 3, 10, 60))):
        at = chance.randrange(len(data)) if chance.random() < 0.7 else 4096 + chance.randrange(3500)
        piece = chance.choice((*PIECES, chance.randbytes(8)))
        data[at : at + len(piece)] = piece
    if chance.random() < 0.2:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


def run(seeds: range) -> None:
    sources = originals()
    for seed in seeds:
        data = mutated(seed, sources)
        start = time.process_time()
        read(data)
        assert time.process_time() - start < SECONDS_MAX, f"seed {seed} took too long"


def run_apart(seeds: range, limit: float) -> None:
    process = multiprocessing.get_context("spawn").Process(target=run, args=(seeds,))
    process.start()
    process.join(limit)
    if process.is_alive():
        process.kill()
        pytest.fail(f"no end within {limit} s")
    assert process.exitcode == 0


def test_mutated_logs_give_records_or_a_format_error() -> None:
    run_apart(range(300), 120)


@pytest.mark.soak
def test_thousands_of_mutated_logs_give_records_or_a_format_error() -> None:
    for first in range(0, 5000, 500):
        run_apart(range(first, first + 500), 300)


@given(st.binary(max_size=3000))
@settings(max_examples=60, deadline=2000)
def test_noise_behind_a_header_is_read_to_its_end(noise: bytes) -> None:
    whole = event_log([service_state(WHEN, "PC-1", "a")])
    read(whole[:4096] + noise)
    read(whole[: 4096 + 512] + noise)
    read(b"0\0\0\0LfLe" + noise)


@given(st.lists(st.tuples(st.integers(512, 65535), st.binary(min_size=1, max_size=40)), max_size=20))
@settings(max_examples=100, deadline=2000)
def test_records_never_overlap_and_lie_in_their_chunk(damage: list[tuple[int, bytes]]) -> None:
    data = bytearray(event_log([service_state(UnixNs(WHEN + n), "PC-1", f"a{n}") for n in range(60)])[4096:])
    for at, piece in damage:
        data[at : at + len(piece)] = piece
    end = 512
    for place in places(bytes(data[:CHUNK_SIZE])):
        assert place.at >= end
        end = place.at + place.size
    assert end <= CHUNK_SIZE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["#text", "#attributes", "Data", "Name", "a", "System", "EventID"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
@settings(max_examples=200)
def test_any_json_is_a_record_or_a_format_error(system: object, data: object) -> None:
    for tree in (
        system,
        {"Event": system},
        {"Event": {"System": {"EventID": 1, "Channel": system}, "EventData": data}},
    ):
        with suppress(FormatError):
            record = evtx_text.record(json.loads(json.dumps(tree)), 1, WHEN)
            assert all(isinstance(value, str) for value in record.data.values())


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xD7FF), max_size=40),
            st.integers(0, 10**9),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=40, deadline=2000)
def test_what_was_written_is_what_is_read(rows: list[tuple[str, int]]) -> None:
    data = event_log([service_state(UnixNs(WHEN + at * 100), "PC-1", text) for text, at in rows])
    log = EvtxLog(io.BytesIO(data))
    assert [(one.data["param1"], one.when) for one in log.records(Everything())] == [
        (text, WHEN + at * 100) for text, at in rows
    ]
