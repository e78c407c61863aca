"""Detectors and evidence that go wrong on purpose, as a library's bug would on hostile bytes."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from triage.detectors.encrypted import Encrypted
from triage.evidence import open_evidence
from triage.evidence.folder import Folder
from triage.evidence.image import Image
from triage.evidence.several import Several
from triage.model import Kind


def hang():
    threading.Event().wait()


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def grow():
    kept = []
    while True:
        kept.append(bytes(16 << 20))


def stumble():
    raise ZeroDivisionError("no such sector size")


def interrupt():
    """Ctrl-C, as the terminal sends it to all, while this file is read and read."""
    os.killpg(os.getpgrp(), signal.SIGINT)
    hang()


DEEDS = {
    "hang": hang,
    "crash": crash,
    "grow": grow,
    "stumble": stumble,
    "interrupt": interrupt,
    "exit": lambda: os._exit(0),
}


class Faulty:
    """Does what the file's name says."""

    name = "faulty"

    def wants(self, entry):
        return entry.kind is Kind.FILE and entry.name.partition(" ")[0] in DEEDS

    def detect(self, entry, content):
        DEEDS[entry.name.partition(" ")[0]]()
        return ()


def detectors(_intel):
    return (Faulty(), Encrypted())


def no_detectors(_intel):
    crash()


class FaultyWalk(Folder):
    """A tree whose listing does, at `deed NAME`, what the name says."""

    def walk(self, volume):
        for record in super().walk(volume):
            yield record
            if record.path.startswith("/walk "):
                DEEDS[record.path.split(" ")[1]]()


def faulty_walk(targets):
    return Several(
        [FaultyWalk(Path(target)) if Path(target).is_dir() else open_evidence([target]) for target in targets]
    )


class NoHash(Image):
    """A disk with a sector that cannot be read, outside of every file."""

    def hashes(self, step):
        raise OSError("sector 99 cannot be read")


def no_hash(targets):
    return NoHash(*targets)


def no_start(_targets):
    crash()


def start_once(targets):
    """The first reader opens the evidence; every later one dies of it."""
    marker = Path(os.environ["TRIAGE_TEST_MARKER"])
    return open_evidence(targets) if _first(marker) else crash()


def _first(marker):
    try:
        marker.mkdir()
    except FileExistsError:
        return False
    return True
