"""Tens of thousands of damaged traces, each through its reader and every detector that wants it, counted.

Files are read in a process of its own, which a crash or a hang of a native reader may cost: the file that it was at is
noted, and the next process goes on behind it. `python -m tests.mutant_runs sort seed index` reads one again.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from tests.contents import MemoryContent, entry_of
from tests.mutants import SORTS, Sort, mutant
from triage.case.rows import event_row, fact_row, finding_row
from triage.detectors import all_detectors
from triage.errors import FormatError
from triage.intel import load_intel
from triage.model import Detector, Event, Fact, Finding, NoContentError, Record

FILE_SECONDS: Final = 10.0
"""CPU seconds that no damaged file may take, reader and detectors together."""
HUNG_SECONDS: Final = 60.0
"""Wall seconds without a sign of life after which a process is ended."""
MEMORY: Final = 2 << 30
"""Bytes of address space beyond what the process had at its start."""
_ROW_OF: Final = {Finding: finding_row, Event: event_row, Fact: fact_row}


@dataclass(slots=True)
class Tally:
    """What became of the files of one sort.

    Attributes:
        read: by the reader, to the end.
        refused: by the reader, with a FormatError.
        gaps: files that a detector gave a FormatError for, which a scan makes a gap, whatever it told before.
        records: findings, events and facts told.
        slowest: (CPU seconds, name) of the file that took longest.
        memory: the most that a process held, in bytes.
        faults: (name, what happened) of each file that did anything else.
    """

    read: int = 0
    refused: int = 0
    gaps: int = 0
    records: int = 0
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    memory: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many there were."""
        return self.read + self.refused + len(self.faults)

    def add(self, other: Tally) -> None:
        """Takes in what another process counted."""
        self.read += other.read
        self.refused += other.refused
        self.gaps += other.gaps
        self.records += other.records
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.memory = max(self.memory, other.memory)
        self.faults += other.faults


@cache
def _detectors() -> tuple[Detector, ...]:
    return all_detectors(load_intel())


def examined(sort: str, seed: int, indices: range, alive: Callable[[int], None] = lambda _index: None) -> Tally:
    """What becomes of these files. alive: told of each file before it is read."""
    tally = Tally()
    for index in indices:
        alive(index)
        name = f"{sort} {seed} {index}"
        files = mutant(sort, seed, index)
        begun = time.process_time()
        try:
            _one(SORTS[sort], files, tally)
        except Exception as error:  # noqa: BLE001  whatever it is, it is told by name
            tally.faults.append((name, f"{type(error).__name__}: {error}"))
        took = time.process_time() - begun
        tally.seconds += took
        tally.slowest = max(tally.slowest, (took, name))
        if took > FILE_SECONDS:
            tally.faults.append((name, f"{took:.1f} s"))
    tally.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return tally


def _one(sort: Sort, files: tuple[bytes, ...], tally: Tally) -> None:
    gaps = records = 0
    entry = entry_of(sort.path, files[0], kind=sort.kind)
    content = MemoryContent(files[0], entry.name, neighbours=dict(zip(sort.neighbours, files[1:], strict=True)))
    for detector in _detectors():
        if not detector.wants(entry):
            continue
        try:
            for record in detector.detect(entry, content):
                _kept(record)
                records += 1
        except NoContentError:
            continue
        except FormatError:
            gaps = 1
    try:
        sort.read(*files)
    except FormatError:
        tally.refused += 1
    else:
        tally.read += 1
    tally.gaps += gaps
    tally.records += records


def _kept(record: Record) -> None:
    """The case and its outputs can hold it."""
    row = _ROW_OF[type(record)](record)  # type: ignore[operator]
    json.dumps(row, ensure_ascii=False).encode()


def _work(sort: str, seed: int, indices: range, out: Connection) -> None:
    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, resource.RLIM_INFINITY))
    out.send(examined(sort, seed, indices, alive=out.send))
    out.close()


def examined_apart(sort: str, seed: int, indices: range) -> Tally:
    """The same in processes of their own: a crash or a hang is a fault of the file that it happened at."""
    total = Tally()
    while indices:
        tally, at = _attempt(sort, seed, indices)
        if at is None:
            total.add(tally)
            return total
        total.faults += tally.faults
        if indices.start < at:
            total.add(_attempt(sort, seed, range(indices.start, at))[0])
        indices = range(at + 1, indices.stop)
    return total


def _attempt(sort: str, seed: int, indices: range) -> tuple[Tally, int | None]:
    """The tally of one process, and the file that it was lost at, if it was."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    at: int | None = None
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work, args=(sort, seed, indices, theirs))
    process.start()
    theirs.close()
    why = "no sign of life"
    try:
        while ours.poll(HUNG_SECONDS):
            said = ours.recv()
            if isinstance(said, Tally):
                return said, None
            at = said
    except EOFError:
        process.join()
        why = f"the process ended with {process.exitcode}"
    finally:
        process.kill()
        process.join()
    if at is None:
        raise RuntimeError(f"no file was begun: {why}")
    return Tally(faults=[(f"{sort} {seed} {at}", why)]), at


def counts(total: int) -> dict[str, int]:
    """How many files of each sort make up this many in all."""
    return {name: max(1, total * sort.share // 1000) for name, sort in SORTS.items()}


def report(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """A line for each sort, and one for all."""
    every = Tally()
    yield f"{'sort':10}{'files':>8}{'read':>8}{'refused':>9}{'gaps':>8}{'records':>10}{'CPU s':>9}{'MiB':>6}  slowest"
    for name, tally in tallies.items():
        every.add(tally)
        yield _line(name, tally)
    yield _line("all", every)
    for name, what in every.faults:
        yield f"FAULT {name}: {what}"


def _line(name: str, tally: Tally) -> str:
    return (
        f"{name:10}{tally.files:8}{tally.read:8}{tally.refused:9}{tally.gaps:8}{tally.records:10}"
        f"{tally.seconds:9.1f}{tally.memory >> 20:6}  {tally.slowest[0]:.3f} s {tally.slowest[1]}"
    )


if __name__ == "__main__":
    sort_, seed_, index_ = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _one(SORTS[sort_], mutant(sort_, seed_, index_), Tally())
