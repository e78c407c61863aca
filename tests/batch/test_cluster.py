"""The same queue through a Dask scheduler: the same cases, and a lost worker costs nothing."""

from __future__ import annotations

import importlib.util

import pytest

from samples_fake.images import demo_image
from tests.batch import images
from tests.batch.cluster import cluster
from tests.batch.launching import descendants, ended, launch, run
from tests.scan.launching import until
from tests.scanning import scan

pytestmark = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs triage[cluster]")


@pytest.mark.soak
def test_a_lost_workers_image_is_examined_by_another(tmp_path):
    folder, out = tmp_path / "images", tmp_path / "out"
    folder.mkdir()
    demo = demo_image(folder / "slow-demo.img")
    images.garbage(folder / "rác.img")
    with cluster(tmp_path / "cluster", workers=2, TRIAGE_TEST_SLOW="1.5") as machines:
        process = launch(folder, out, "--scheduler-file", machines.scheduler_file, "--workers", 1)
        until(lambda: (out / "cases/slow-demo.img").exists())
        busy = [number for number, worker in enumerate(machines.workers) if at_demo(worker.pid)]
        machines.kill(busy[0])
        queued = ended(process, out)
    assert queued.code == 1, queued.errors
    assert {name: one["condition"] for name, one in queued.machines.items()} == {
        "slow-demo.img": "encrypted",
        "rác.img": "inconclusive",
    }
    assert queued.errors == ""
    assert queued.findings()["cases/slow-demo.img"] == scan(demo, case=tmp_path / "alone").findings_file


@pytest.mark.soak
def test_a_scheduler_that_is_lost_is_said_in_one_line_and_the_queue_goes_on_without(tmp_path):
    folder, out = tmp_path / "images", tmp_path / "out"
    folder.mkdir()
    demo = demo_image(folder / "slow-demo.img")
    with cluster(tmp_path / "cluster", workers=1, TRIAGE_TEST_SLOW="1.5") as machines:
        process = launch(folder, out, "--scheduler-file", machines.scheduler_file, "--workers", 1)
        until(lambda: (out / "cases/slow-demo.img").exists())
        machines.processes[0].kill()
        lost = ended(process, out)
    assert lost.code == 2
    assert lost.errors == "triage: the scheduler is gone; start it, then give the same command again to go on\n"
    assert lost.machines["slow-demo.img"]["condition"] == "waiting"
    here = run(folder, out, "--workers", 1)
    assert here.findings()["cases/slow-demo.img"] == scan(demo, case=tmp_path / "alone").findings_file


def at_demo(pid):
    return any("slow-demo.img" in command for command in descendants(pid).values())


def test_a_scheduler_that_is_not_there_is_said_in_one_line(tmp_path):
    demo_image(tmp_path / "demo.img")
    queued = run(tmp_path, tmp_path / "out", "--scheduler-file", tmp_path / "none.json")
    assert queued.code == 2
    assert queued.errors.count("\n") == 1
    assert "no such file" in queued.errors
    assert queued.machines["demo.img"]["condition"] == "waiting"
