"""A scan that is killed goes on where it was: nothing lost, nothing twice, nobody left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest

from tests.scan.launching import all_end, archive, children, each_once, launch, records, run

UNIT = 16
"""Entries of a unit: some forty units."""


@pytest.fixture(scope="module")
def steps(undisturbed, tmp_path_factory):
    """How many statements and units a scan in small units is made of; it finds the same."""
    place = tmp_path_factory.mktemp("steps")
    scanned = run(*undisturbed.targets, case=place / "case", seams={"unit": UNIT, "count": str(place / "count")})
    assert scanned.findings_file == undisturbed.scanned.findings_file
    return json.loads((place / "count").read_text())


def goes_on(undisturbed, case):
    """The same command ends the scan as if nothing had been."""
    scanned = run(*undisturbed.targets, case=case, seams={"unit": UNIT})
    assert scanned.code == undisturbed.scanned.code, scanned.errors
    assert scanned.findings_file == undisturbed.scanned.findings_file
    assert scanned.summary == undisturbed.scanned.summary
    assert each_once(case)
    assert records(case) == records(undisturbed.scanned.case)
    assert archive(case) == archive(undisturbed.scanned.case)


def kill_at(undisturbed, case, statement, **seams):
    """Kills the coordinator at a statement; False where the scan was over before."""
    pids = case.parent / "pids"
    seams = {"unit": UNIT, "kill_at_statement": statement, "pids": str(pids), **seams}
    killed = run(*undisturbed.targets, case=case, seams=seams)
    if killed.code != -signal.SIGKILL:
        return False
    assert killed.screen == ""
    assert all_end(json.loads(pids.read_text()))
    return True


@pytest.mark.parametrize("tenths", [1, 4, 7])
def test_a_coordinator_that_is_killed_loses_nothing(undisturbed, steps, tmp_path, tenths):
    """Once in the walk and the plan, once among the units, once near the end."""
    statement = random.Random(tenths).randrange(tenths, tenths + 3) * steps["statements"] // 10
    assert kill_at(undisturbed, tmp_path / "case", statement)
    goes_on(undisturbed, tmp_path / "case")


def test_a_scan_may_be_killed_again_and_again(undisturbed, steps, tmp_path):
    case = tmp_path / "case"
    for _ in range(3):
        assert kill_at(undisturbed, case, steps["statements"] // 5)
    goes_on(undisturbed, case)


def test_a_killed_worker_costs_nothing(undisturbed, steps, tmp_path):
    """Two of the kills come one after the other."""
    case = tmp_path / "case"
    seams = {"unit": UNIT, "kill_workers_at": [3, 9, 10, steps["units"] - 4]}
    scanned = run(*undisturbed.targets, case=case, seams=seams)
    assert scanned.code == 1, scanned.errors
    assert scanned.errors == ""
    assert scanned.findings_file == undisturbed.scanned.findings_file
    assert scanned.coverage == undisturbed.scanned.coverage
    assert each_once(case)
    assert records(case) == records(undisturbed.scanned.case)
    assert archive(case) == archive(undisturbed.scanned.case)


def test_a_reader_that_is_killed_while_it_lists_costs_nothing(undisturbed, tmp_path):
    """As is the one that waits for work meanwhile."""
    case = tmp_path / "case"
    seams = {"unit": UNIT, "kill_workers_at_walk": 2}
    scanned = run(*undisturbed.targets, case=case, seams=seams)
    assert scanned.errors == ""
    assert scanned.findings_file == undisturbed.scanned.findings_file
    assert scanned.coverage == undisturbed.scanned.coverage
    assert each_once(case)
    assert records(case) == records(undisturbed.scanned.case)
    assert archive(case) == archive(undisturbed.scanned.case)


@pytest.mark.soak
def test_two_hundred_kills_lose_nothing(undisturbed, steps, tmp_path, capsys):
    """Half of them at a random statement, half after a random time; one to five on each case."""
    chance = random.Random(1)
    kills, cases, orphans = 0, 0, 0
    while kills < 200:
        case = tmp_path / f"{cases}" / "case"
        case.parent.mkdir()
        cases += 1
        for _ in range(chance.randrange(1, 6)):
            if chance.random() < 0.5:
                kills += kill_at(undisturbed, case, chance.randrange(1, steps["statements"]))
                continue
            launched = launch(*undisturbed.targets, case=case, seams={"unit": UNIT})
            time.sleep(chance.uniform(0.2, 1.2))
            workers = children(launched.process.pid)
            os.kill(launched.process.pid, signal.SIGKILL)
            kills += launched.end().code == -signal.SIGKILL
            orphans += not all_end(workers)
        goes_on(undisturbed, case)
    with capsys.disabled():
        print(f"\n{kills} kills over {cases} cases: every resume found the same; {orphans} workers left behind")
    assert orphans == 0
