"""Windows' own records: our readers beside others', the pass over a whole disk, the forms of the timeline.

A peer that is not installed is left out. Rates count a command from its start to its end.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from benchmarks.disk import say
from benchmarks.jobs import Job
from benchmarks.measure import Run, measure
from benchmarks.session import warm
from benchmarks.table import MIB, Check, budget, cpu, markdown, private, wall
from benchmarks.trace_data import FILES, event_log_set, hive_set, traces_image
from triage.outputs.timeline import TIMELINES

LOGS, HIVES, TIMELINE = "event logs: records", "registry: keys and values", "timeline: rows"
OURS = "triage"
PASS = f"triage quick, every detector, 2 workers, {FILES:,} files"
_RECORD_LIMIT = 10
"""Microseconds: 100,000 records a second."""
_PASS_LIMIT = 30
_MEMORY = 512
_FOUND = (0, 1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A command that reads items of a group; count tells how many, of what it printed or left behind."""

    group: str
    job: Job
    count: Callable[[Run], int]


def section(data: Path, runs: int) -> str:
    """The part of the tables.

    Raises:
        MeasureError: a command failed.
        ToolError: the disk cannot be built.
    """
    logs, hives, image = event_log_set(data), hive_set(data), traces_image(data)
    warm([*logs, *hives, image])
    case = data / "cases" / "traces"
    scanned = _measured(_pass(image, case), runs)
    size = sum(path.stat().st_size for path in logs) / 1e6
    readings = [*_logs(logs, data), *_hives(hives), *_timeline(case, data)]
    told = [(reading, _measured(reading.job, runs)) for reading in readings]
    checks = [*_checks(told), *_pass_checks(scanned)]
    return "\n".join(
        [
            "## Traces\n",
            f"{_versions()}.",
            f"Event logs: {len(logs)} files, {size:.0f} MB, the same few over and over; slow readers have one file.",
            "The disk: NTFS with hives, 96 MiB of logs, prefetch, 30 MB of change journal and the rest.",
            "Rates are of whole commands; ratios by wall and by CPU time, which other work disturbs less.\n",
            _rates(told),
            _costs({PASS: scanned}),
            budget(checks),
        ]
    )


def _measured(job: Job, runs: int) -> list[Run]:
    found = []
    for turn in range(1 if job.once else runs):
        run = measure(job.command(), accepted=job.accepted)
        say(f"{turn + 1}/{runs}  {job.name}: {run.wall:.2f} s, CPU {run.cpu:.2f} s, {run.private >> 20} MiB")
        found.append(run)
    return found


def _logs(paths: Sequence[Path], data: Path) -> list[Reading]:
    found = [_reader(LOGS, OURS, "ours", paths), _detector(data), _reader(LOGS, "evtx (Rust) alone", "binding", paths)]
    if shutil.which("evtxexport"):
        script = 'for f; do evtxexport "$f"; done | grep -c "^Event number"'
        found.append(_shell(LOGS, "evtxexport", script, paths, once=True))
    if importlib.util.find_spec("Evtx"):
        one = min(paths, key=lambda path: path.stat().st_size)
        found.append(_reader(LOGS, "python-evtx, one file", "python_evtx", [one], once=True))
    return found


def _detector(data: Path) -> Reading:
    """A scan of a folder with nothing but the logs."""
    case = data / "cases" / "logs"
    job = _scan("triage scan of the folder, 2 workers", data / "logs", case)
    return Reading(group=LOGS, job=job, count=_counted("examined", case))


def _hives(paths: Sequence[Path]) -> list[Reading]:
    found = [_reader(HIVES, OURS, "hives", paths)]
    if shutil.which("reglookup"):
        found.append(_shell(HIVES, "reglookup", 'for f; do reglookup -H "$f"; done 2>/dev/null | wc -l', paths))
    if importlib.util.find_spec("regipy"):
        one = min(paths, key=lambda path: path.stat().st_size)
        found.append(_reader(HIVES, "regipy, one hive", "regipy", [one], once=True))
    return found


def _timeline(case: Path, data: Path) -> list[Reading]:
    rows = _counted("rows", case)

    def job(form: str) -> Job:
        target = str(data / f"timeline.{form}")
        command = [sys.executable, "-m", "triage", "timeline", str(case), "--as", form, "--to-file", target]
        return Job(name=f"triage timeline --as {form}", command=lambda: command)

    return [Reading(group=TIMELINE, job=job(form), count=rows) for form in TIMELINES]


def _counted(reader: str, case: Path) -> Callable[[Run], int]:
    """Counts once, and not in the time of a measured command."""

    @cache
    def number() -> int:
        return int(measure([sys.executable, "-m", "benchmarks.read", reader, case]).output)

    return lambda _run: number()


def _reader(group: str, name: str, reader: str, paths: Sequence[Path], *, once: bool = False) -> Reading:
    command = [sys.executable, "-m", "benchmarks.read", reader, *map(str, paths)]
    return Reading(group=group, job=Job(name=name, command=lambda: command, once=once), count=_printed)


def _shell(group: str, name: str, script: str, paths: Sequence[Path], *, once: bool = False) -> Reading:
    command = ["sh", "-c", script, "sh", *map(str, paths)]
    return Reading(group=group, job=Job(name=name, command=lambda: command, once=once), count=_printed)


def _printed(run: Run) -> int:
    return int(run.output.split()[-1])


def _pass(image: Path, case: Path) -> Job:
    return _scan(PASS, image, case)


def _scan(name: str, evidence: Path, case: Path) -> Job:
    def command() -> list[str]:
        shutil.rmtree(case, ignore_errors=True)
        options = ["--depth", "quick", "--workers", "2", "--quiet"]
        return [sys.executable, "-m", "triage", "scan", str(evidence), "--case", str(case), *options]

    return Job(name=name, command=command, accepted=_FOUND)


def _versions() -> str:
    libraries = ("evtx", "libregf-python", "python-evtx", "regipy")
    found = [f"{name} {version}" for name in libraries if (version := _version(name))]
    return ", ".join(found)


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _rates(told: Sequence[tuple[Reading, list[Run]]]) -> str:
    """One row a command; how many times the rate of each peer ours is."""
    rows = [["what", "command", "items", "wall s", "CPU s", "items/s", "triage is (wall, CPU)", "private MiB"]]
    own = {reading.group: (reading, runs) for reading, runs in told if reading.job.name == OURS}
    for reading, runs in told:
        ratios = "–"
        if reading.group in own and not reading.job.name.startswith(OURS):
            ratios = ", ".join(
                f"{_rate(*own[reading.group], by) / _rate(reading, runs, by):.1f} ×" for by in (wall, cpu)
            )
        items, seconds = reading.count(runs[0]), (f"{wall(runs):.2f}", f"{cpu(runs):.2f}")
        told_rate = f"{_rate(reading, runs):,.0f}"
        rows.append(
            [reading.group, reading.job.name, f"{items:,}", *seconds, told_rate, ratios, f"{private(runs):.0f}"]
        )
    return markdown(rows)


def _rate(reading: Reading, runs: Sequence[Run], by: Callable[[Sequence[Run]], float] = wall) -> float:
    return reading.count(runs[0]) / by(runs)


def _costs(measured: Mapping[str, Sequence[Run]]) -> str:
    rows = [["command", "wall s", "CPU s", "private MiB", "PSS MiB", "largest MiB"]]
    for name, runs in measured.items():
        sizes = [private(runs), max(r.proportional for r in runs) / MIB, max(r.single for r in runs) / MIB]
        rows.append([name, f"{wall(runs):.2f}", f"{cpu(runs):.2f}", *(f"{size:.0f}" for size in sizes)])
    return markdown(rows)


def _checks(told: Sequence[tuple[Reading, list[Run]]]) -> list[Check]:
    ours = [(reading, runs) for reading, runs in told if reading.group == LOGS and reading.job.name.startswith(OURS)]
    return [
        Check(
            text=f"event logs, {reading.job.name}: µs a record",
            limit=_RECORD_LIMIT,
            measured=1e6 / _rate(reading, runs),
        )
        for reading, runs in ours
    ]


def _pass_checks(scanned: Sequence[Run]) -> list[Check]:
    return [
        Check(text=f"traces pass: seconds ({FILES:,} files)", limit=_PASS_LIMIT, measured=wall(scanned)),
        Check(text="traces pass: private memory of all processes, MiB", limit=_MEMORY, measured=private(scanned)),
    ]
