"""Thirty images, unattended: here, through a scheduler, across network namespaces; killed and resumed."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import resource
import shutil
import signal
import time

import pytest

from samples_fake.images import demo_image
from tests.batch import images
from tests.batch.cluster import cluster, namespaces
from tests.batch.launching import descendants, ended, launch, run
from tests.scan.launching import until
from tests.scanning import scan

pytestmark = [pytest.mark.soak, pytest.mark.image]
needs_dask = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs triage[cluster]")

PLAIN = ("--jobs", 2, "--workers", 1)
MEMORY = 512 << 10
"""KiB that any one process of a queue may take."""


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    """(folder, right verdicts by name): 26 sound disks of 10 scenes, four that are broken, each in its own way."""
    folder = tmp_path_factory.mktemp("thirty")
    expected = images.build(folder)
    names = sorted(expected)
    cut, hangs, crashes, junk = names[3], names[11], names[19], names[27]
    images.truncate(folder / cut)
    for name, word in ((hangs, "hang"), (crashes, "crash")):
        path = folder / name
        path.rename(path.with_name(f"{word}-{path.name}"))
    images.garbage(folder / junk, 5 << 20)
    broken = {
        cut: "",
        junk: "",
        hangs.replace("/", "/hang-"): "took more than",
        crashes.replace("/", "/crash-"): "SIGSEGV",
    }
    return folder, {name: expected[name] for name in names if name not in (cut, hangs, crashes, junk)}, broken


@pytest.fixture(scope="module")
def local(thirty, tmp_path_factory):
    return run(thirty[0], tmp_path_factory.mktemp("local") / "out", *PLAIN)


def right(queued, thirty):
    """Every sound disk has its verdict, every broken one its reason."""
    _, expected, broken = thirty
    assert queued.code == 1, queued.errors
    assert queued.errors == ""
    assert set(queued.machines) == {*expected, *broken}
    assert [name for name, verdicts in expected.items() if queued.machines[name]["verdict"] not in verdicts] == []
    assert all(queued.machines[name]["finished"] for name in expected)
    said = queued.screen.partition("Not examined, or not to the end:")[2]
    for name, reason in broken.items():
        machine = queued.machines[name]
        assert machine["condition"] == "not-examined" if reason else machine["gaps"]
        assert reason in (machine["problem"] or "")
        assert machine["problem"] or machine["missing"]
        assert name in said


def same(queued, local):
    assert queued.findings() == local.findings()
    assert queued.overview == local.overview


def test_all_are_done_with_the_right_verdict_each(thirty, local):
    right(local, thirty)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY


def test_a_case_is_byte_for_byte_that_of_a_scan_alone(thirty, local, tmp_path):
    folder, expected, _ = thirty
    for number, name in enumerate(random.Random(1).sample(sorted(expected), 3)):
        alone = scan(folder / name, case=tmp_path / str(number))
        assert local.findings()[f"cases/{name}"] == alone.findings_file


def test_killed_and_resumed_again_and_again_it_finds_the_same(thirty, local, tmp_path):
    chance = random.Random(7)
    out = tmp_path / "out"
    kills = 0
    while True:
        process = launch(thirty[0], out, *PLAIN, seams={"kill_after": chance.randrange(2, 6)})
        if chance.random() < 0.5:
            time.sleep(chance.uniform(1.0, 6.0))
            process.send_signal(chance.choice((signal.SIGKILL, signal.SIGTERM)))
        queued = ended(process, out)
        assert (out / "index.html").exists() is False or b"</html>" in (out / "index.html").read_bytes()
        json.loads((out / "overview.json").read_bytes()) if (out / "overview.json").exists() else None
        if queued.code not in (-signal.SIGKILL, 130):
            break
        kills += 1
    assert kills > 4
    right(run(thirty[0], out, *PLAIN), thirty)
    same(queued, local)


@needs_dask
def test_through_a_scheduler_with_a_worker_killed_midway_it_is_the_same(thirty, local, tmp_path):
    out = tmp_path / "out"
    with cluster(tmp_path / "cluster", workers=3) as machines:
        process = launch(thirty[0], out, "--scheduler-file", machines.scheduler_file, "--workers", 1)
        until(lambda: len(list((out / "cases").rglob("report.html"))) > 8)
        until(lambda: descendants(machines.workers[1].pid))
        machines.kill(1)
        queued = ended(process, out)
    right(queued, thirty)
    same(queued, local)


@needs_dask
@pytest.mark.root
@pytest.mark.parametrize("nanny", [(), ("--no-nanny",)], ids=["nanny", "no nanny"])
def test_across_network_namespaces_without_a_way_out_it_is_the_same(thirty, local, tmp_path, nanny):
    if os.geteuid() or not shutil.which("ip"):
        pytest.skip("needs network namespaces")
    out = tmp_path / "out"
    with namespaces(5) as spaces:
        *of_cluster, (ours, _) = spaces
        with cluster(tmp_path / "cluster", workers=3, spaces=of_cluster, options=nanny) as machines:
            prefix = ("ip", "netns", "exec", ours)
            arguments = ("--scheduler-file", machines.scheduler_file, "--workers", 1)
            process = launch(thirty[0], out, *arguments, prefix=prefix)
            until(lambda: len(list((out / "cases").rglob("report.html"))) > 8)
            machines.kill(2)
            queued = ended(process, out)
    right(queued, thirty)
    same(queued, local)


@needs_dask
def test_an_image_that_costs_two_workers_is_reported_and_the_queue_goes_on(tmp_path):
    """Each worker is ended as soon as it is at that image."""
    folder, out = tmp_path / "images", tmp_path / "out"
    folder.mkdir()
    demo_image(folder / "slow-demo.img")
    images.garbage(folder / "rác.img", 90 << 20)
    with cluster(tmp_path / "cluster", workers=3, TRIAGE_TEST_SLOW="1.9") as machines:
        process = launch(folder, out, "--scheduler-file", machines.scheduler_file, "--workers", 1)
        for _ in range(2):
            at = []

            def found(at=at):
                at[:] = [
                    number
                    for number, worker in enumerate(machines.workers)
                    if worker.poll() is None and any("slow-demo.img" in c for c in descendants(worker.pid).values())
                ]
                return at

            until(found)
            machines.kill(at[0])
            machines.workers[at[0]].wait()
        queued = ended(process, out)
    assert "two workers were lost" in queued.machines["slow-demo.img"]["problem"]
    assert queued.machines["rác.img"]["condition"] == "inconclusive"
