"""A Dask scheduler and workers as processes of their own, on loopback or each in a network namespace."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from tests.batch.launching import environment
from tests.scan.launching import until

DASK = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
WORKER = [sys.executable, "-m", "distributed.cli.dask_worker"]


class Cluster:
    """scheduler_file: tells clients where it is; workers: their processes."""

    def __init__(self, place, spaces):
        self.place = place
        self.scheduler_file = place / "scheduler.json"
        self.spaces = spaces
        self.processes = []
        self.workers = []

    def start(self, command, name, space, **env):
        prefix = ["ip", "netns", "exec", space] if space else []
        with (self.place / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [*prefix, *command], stdout=log, stderr=log, start_new_session=True, env=environment(**env)
            )
        self.processes.append(process)
        return process

    def start_scheduler(self, host, space=""):
        command = [*DASK, "--host", host, "--port", "0", "--no-dashboard", "--no-show", "--no-jupyter"]
        command += ["--scheduler-file", str(self.scheduler_file)]
        self.start(command, "scheduler", space)
        until(self.scheduler_file.exists)

    def start_worker(self, host, space="", *more, **env):
        number = len(self.workers)
        command = [*WORKER, "--scheduler-file", str(self.scheduler_file), "--host", host, "--nthreads", "1"]
        command += ["--no-dashboard", "--local-directory", str(self.place / f"worker {number}"), *more]
        self.workers.append(self.start(command, f"worker {number}", space, **env))

    def log(self, name):
        return (self.place / f"{name}.log").read_text("utf-8", "replace")

    def kill(self, number):
        """As a machine that is switched off: the worker and all that it has started, at once."""
        os.killpg(self.workers[number].pid, signal.SIGKILL)

    def close(self):
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def cluster(place, workers=3, spaces=None, options=(), **env):
    """spaces: [(namespace, address)] of the scheduler and of each worker; None for loopback."""
    place.mkdir(parents=True, exist_ok=True)
    places = spaces or [("", "127.0.0.1")] * (workers + 1)
    held = Cluster(place, places)
    try:
        held.start_scheduler(places[0][1], places[0][0])
        for space, address in places[1:]:
            held.start_worker(address, space, *options, **env)
        until(lambda: held.log("scheduler").count("Register worker") >= workers)
        yield held
    finally:
        held.close()


@contextmanager
def namespaces(count):
    """So many network namespaces on one bridge, without a way out: [(name, address)]."""
    tag = f"tr{os.getpid() % 10_000}"
    names = [f"{tag}n{number}" for number in range(count)]

    def ip(*arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    try:
        hub = f"{tag}hub"
        ip("netns", "add", hub)
        ip("-n", hub, "link", "add", "br0", "type", "bridge")
        ip("-n", hub, "link", "set", "br0", "up")
        for number, name in enumerate(names):
            ip("netns", "add", name)
            ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", f"v{number}", "netns", hub)
            ip("-n", hub, "link", "set", f"v{number}", "master", "br0", "up")
            ip("-n", name, "addr", "add", f"10.99.0.{number + 1}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield [(name, f"10.99.0.{number + 1}") for number, name in enumerate(names)]
    finally:
        for name in [*names, f"{tag}hub"]:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
