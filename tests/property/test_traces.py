"""Traces of Windows, whatever their bytes: records or a FormatError, never a crash, never a hang."""

from __future__ import annotations

import io
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples_fake.lnk import FakeShortcut, build_shortcut
from samples_fake.prefetch import TEN, FakePrefetch, build_prefetch
from samples_fake.recycle import build_item
from samples_fake.task import build_task
from samples_fake.usn import FakeChange, build_journal
from tests.trace_mutations import READERS, fakes, run
from triage.errors import FormatError
from triage.formats import lnk, prefetch, recycle, task
from triage.formats.usn import UsnJournal, record_number
from triage.model import UnixNs

NOON = UnixNs(1_494_590_400_000_000_000)
TIMES = st.integers(min_value=-11_644_473_600, max_value=9_000_000_000).map(lambda seconds: UnixNs(seconds * 10**9))
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=60)


@pytest.mark.parametrize("name", sorted(READERS))
@given(data=st.binary(max_size=3000))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    for start in (b"", fakes(name)[0][:24]):
        with suppress(FormatError):
            READERS[name](start + data)


@pytest.mark.parametrize("name", sorted(READERS))
@pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.soak)])
def test_damaged_files_are_read_or_refused(name: str, count: int) -> None:
    """In a process of its own: a native reader that crashed would take the tests with it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        read, refused = pool.submit(run, name, count, 1).result(timeout=600)
    assert read + refused == count
    assert read
    assert refused or name == "usn", "a journal loses records, and says how many bytes"


@given(
    changes=st.lists(
        st.tuples(TIMES.filter(lambda when: when >= -11_644_473_600 * 10**9), NAMES, st.integers(0, (1 << 48) - 1)),
        min_size=1,
        max_size=120,
    ),
    version=st.sampled_from((2, 3)),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_journal_that_is_written_is_read_back(changes: list[tuple[UnixNs, str, int]], version: int) -> None:
    written = [FakeChange(when=w, name=n, file=f, reason=1, version=version) for w, n, f in changes]
    data = build_journal(written)
    records = list(UsnJournal(io.BytesIO(data), len(data)))
    assert [(r.when, r.name, record_number(r.file)) for r in records] == changes
    assert all(first.usn < second.usn for first, second in pairwise(records))


@given(name=NAMES.filter(lambda n: "\\" not in n), version=st.sampled_from((1, 2)), size=st.integers(0, 1 << 62))
@settings(max_examples=50, deadline=None)
def test_every_item_of_the_bin_is_read_back(name: str, version: int, size: int) -> None:
    item = recycle.parse_item(build_item(f"C:\\{name}", size, NOON, version))
    assert (item.path, item.size, item.when) == (f"C:\\{name}", size, NOON)


@given(name=NAMES, arguments=NAMES)
@settings(max_examples=50, deadline=None)
def test_every_shortcut_and_task_is_read_back(name: str, arguments: str) -> None:
    shortcut = lnk.parse(build_shortcut(FakeShortcut(target=f"C:\\{name}", arguments=arguments)))
    assert (shortcut.target, shortcut.arguments) == (f"C:\\{name}", arguments)
    (action,) = task.parse_xml(build_task(f"C:\\{name}", arguments)).actions
    assert (action.command, action.arguments) == (f"C:\\{name}".strip(), arguments.strip())


@given(names=st.lists(st.text("ABCXYZ019._", min_size=1, max_size=80), min_size=1, max_size=300))
@settings(max_examples=40, deadline=None)
def test_every_compressed_prefetch_file_is_read_back(names: list[str]) -> None:
    fake = FakePrefetch(name="a.exe", runs=(NOON,), loaded=tuple(f"\\{name}" for name in names), version=TEN)
    assert prefetch.parse(build_prefetch(fake)).loaded == tuple(f"{fake.device}\\{name}" for name in names)
