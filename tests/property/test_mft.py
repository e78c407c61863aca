"""Whatever `$MFT` holds: an index of the announced length or a FormatError, never another exception, always an end."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mft_records import attribute, file_name, record, reparse_point, standard_information
from triage.errors import FormatError
from triage.formats.mft import index_of

TICKS = st.integers(0, (1 << 64) - 1)
TIMES = st.tuples(TICKS, TICKS, TICKS, TICKS)
ATTRIBUTES = st.one_of(
    TIMES.map(standard_information),
    TIMES.map(lambda times: standard_information(times, 0x400)),
    st.builds(file_name, TIMES, space=st.integers(0, 3)),
    st.integers(0, (1 << 32) - 1).map(reparse_point),
    st.builds(attribute, st.integers(0, (1 << 32) - 1), st.binary(max_size=80)),
    st.binary(max_size=40),
)
RECORDS = st.builds(
    record,
    st.lists(ATTRIBUTES, max_size=5),
    sequence=st.integers(0, 0xFFFF),
    flags=st.integers(0, 3),
    base=st.one_of(st.just(0), st.integers(0, (1 << 64) - 1), st.integers(0, 3).map(lambda number: number | 1 << 48)),
).map(lambda raw: raw[:1024].ljust(1024, b"\0"))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Whole records with some bytes overwritten: header fields and attribute lengths more often than chance would."""
    raw = bytearray(b"".join(draw(st.lists(RECORDS, min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 6))):
        near = draw(st.sampled_from((4, 6, 20, 22, 32, 56, 60, 64, 76, 152, 156, 172, 510, 1022)))
        at = min(draw(st.integers(0, 3)) * 1024 + near, len(raw) - 1)
        raw[at : at + 2] = draw(st.binary(min_size=2, max_size=2))
    return bytes(raw)


SIZES = st.sampled_from((256, 512, 1024, 4096))


@given(st.one_of(damaged(), st.binary(max_size=5000)), st.integers(-1, 1 << 17), SIZES)
@settings(max_examples=400, deadline=None)
def test_any_bytes_give_an_index_of_the_announced_length(data, size, record_size):
    index = index_of([data], size, record_size)
    assert len(index) == max(size, 0) // record_size
    for number in range(-1, min(len(index), 8) + 1):
        assert all(value >= 0 for value in index.row(number))


@given(st.binary(max_size=3000), st.integers(0, 1 << 16), st.integers(-(1 << 40), 1 << 40))
@settings(max_examples=200, deadline=None)
def test_any_record_size_is_used_or_refused(data, size, record_size):
    with suppress(FormatError):
        assert len(index_of([data], size, record_size)) == size // record_size


@given(st.lists(RECORDS, max_size=6), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_how_the_table_is_cut_into_chunks_changes_nothing(records, cut):
    data = b"".join(records)
    whole = index_of([data], len(data), 1024)
    pieces = index_of([data[at : at + cut * 1024] for at in range(0, len(data), cut * 1024)], len(data), 1024)
    assert [whole.row(n) for n in range(len(whole))] == [pieces.row(n) for n in range(len(pieces))]
