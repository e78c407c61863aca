"""A scan goes on only as long as its own coordinator wants it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from triage.batch import lease
from triage.batch.lease import Lease, Watch
from triage.errors import CaseError


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(value=1000.0)
    monkeypatch.setattr(lease, "time", SimpleNamespace(monotonic=lambda: now.value))
    return now


def test_a_scan_is_wanted_while_the_coordinator_lives(tmp_path, clock):
    held = Lease(tmp_path)
    watch = Watch(held.path, held.run)
    for _ in range(50):
        clock.value += 10
        held.beat()
        assert watch.wanted()
    clock.value += lease.PATIENCE - 20
    assert watch.wanted()
    clock.value += 20
    assert not watch.wanted()


def test_a_stop_is_seen_at_once(tmp_path):
    held = Lease(tmp_path)
    watch = Watch(held.path, held.run)
    assert watch.wanted()
    held.stop()
    assert not watch.wanted()


def test_another_coordinator_takes_over_and_the_first_one_notices(tmp_path, clock):
    first = Lease(tmp_path)
    watch = Watch(first.path, first.run)
    second = Lease(tmp_path)
    assert not watch.wanted()
    assert Watch(second.path, second.run).wanted()
    clock.value += 10
    with pytest.raises(CaseError, match="another `triage batch`"):
        first.beat()
    first.stop()
    assert Watch(second.path, second.run).wanted()


def test_a_shared_folder_that_is_away_for_a_moment_ends_nothing(tmp_path, clock):
    held = Lease(tmp_path)
    watch = Watch(held.path, held.run)
    held.path.unlink()
    clock.value += 30
    assert watch.wanted()
    clock.value += lease.PATIENCE
    assert not watch.wanted()
