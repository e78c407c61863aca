"""`python -m benchmarks.read READER FILE...`: reads every file with one reader and prints how many items there are."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from evtx import PyEvtxParser

from triage.analysis.timeline import chronicle
from triage.case import Case
from triage.detectors.event_logs import EventLogs
from triage.formats.evtx import EvtxLog
from triage.formats.registry import Hive
from triage.intel import load_intel


def ours(paths: list[Path]) -> Iterator[int]:
    """Event logs by the product's reader, with the records that its detector wants decoded."""
    wanted = EventLogs(load_intel())._wanted  # noqa: SLF001  what the detector itself asks for
    for path in paths:
        with path.open("rb") as file:
            log = EvtxLog(file)
            for _ in log.records(wanted):
                pass
            yield log.summary.records


def binding(paths: list[Path]) -> Iterator[int]:
    """Event logs by the Rust reader alone, every record as JSON."""
    for path in paths:
        rows = PyEvtxParser(str(path), 1).records_json()
        with contextlib.suppress(RuntimeError):
            yield sum(1 for _ in rows)


def python_evtx(paths: list[Path]) -> Iterator[int]:
    """Event logs by the reader in Python, every record as XML."""
    reader = importlib.import_module("Evtx.Evtx")
    for path in paths:
        with reader.Evtx(str(path)) as log:
            yield sum(1 for record in log.records() if record.xml())


def hives(paths: list[Path]) -> Iterator[int]:
    """Keys and values, each decoded."""
    for path in paths:
        with path.open("rb") as file:
            yield sum(1 + sum(1 for _ in key.values()) for key in Hive(file).walk())


def regipy(paths: list[Path]) -> Iterator[int]:
    """The same by regipy."""
    reader = importlib.import_module("regipy.registry")
    for path in paths:
        keys = reader.RegistryHive(str(path)).recurse_subkeys(fetch_values=True)
        yield sum(1 + len(key.values) for key in keys)


def examined(paths: list[Path]) -> Iterator[int]:
    """Records of event logs that scans have read, as their cases tell it."""
    for path in paths:
        with Case.open(path) as case:
            told = (fact for fact in case.facts() if "log." in fact.name and fact.name.endswith(".records"))
            yield sum(int(fact.value) for fact in told)


def rows(paths: list[Path]) -> Iterator[int]:
    """Rows of a case's timeline."""
    for path in paths:
        with Case.open(path) as case:
            yield sum(1 for _ in chronicle(case).rows())


READERS: dict[str, Callable[[list[Path]], Iterator[int]]] = {
    reader.__name__: reader for reader in (ours, binding, python_evtx, hives, regipy, examined, rows)
}


if __name__ == "__main__":
    print(sum(READERS[sys.argv[1]]([Path(name) for name in sys.argv[2:]])))
