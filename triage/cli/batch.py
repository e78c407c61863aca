"""`triage batch FOLDER --out DIR`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import click

from triage.analysis.overview import Condition, Machine, Overview
from triage.batch import (
    Asked,
    CaseFolder,
    Engine,
    Gathered,
    Image,
    Ledger,
    Queue,
    Ticket,
    cluster,
    find,
    find_cases,
    local,
    offices_of,
    tickets_of,
    told_apart,
)
from triage.batch.offices import LIST_NAME
from triage.cli.batch_progress import BatchProgress
from triage.cli.files import say, write_whole
from triage.cli.options import lang_option
from triage.cli.scan import say_remarks, stoppable
from triage.errors import UsageError
from triage.intel import load_intel
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible
from triage.outputs.overview import OVERVIEW
from triage.outputs.overview.columns import remark
from triage.scan import Depth

CORES = os.cpu_count() or 1
PROBLEMS_SHOWN = 50
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class Duration(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.2
    """Seconds, or a number with s, m, h or d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> float:
        """Seconds."""
        found = _DURATION.fullmatch(str(value).strip())
        seconds = float(found[1]) * _SECONDS[found[2].lower()] if found else 0.0
        if not seconds:
            self.fail(f"{value!r} is no length of time; give seconds, or 90m, 2h", param, context)
        return seconds


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the cases and of the overview.")
@click.option(
    "--case-folder",
    "case_folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A case made elsewhere, or a folder of such cases, to join the overview.",
)
@click.option(
    "--offices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of path and office; else FOLDER/offices.csv, else the first folders below FOLDER.",
)
@click.option("--per-image-limit", "limit", type=Duration(), help="Most time for one image: seconds, 90m, 2h.")
@click.option(
    "--jobs", type=click.IntRange(1, 1000), help="Images at a time.  [default: one a core, at most 4; all of a cluster]"
)
@click.option(
    "--workers", type=click.IntRange(1, 60), help="Worker processes of each scan.  [default: the cores divided by jobs]"
)
@click.option(
    "--depth",
    type=click.Choice([d.value for d in Depth]),
    default=Depth.STANDARD.value,
    show_default=True,
    help="As of `triage scan`.",
)
@click.option("--rules", multiple=True, type=click.Path(exists=True, path_type=Path), help="As of `triage scan`.")
@click.option("--iocs", multiple=True, type=click.Path(exists=True, path_type=Path), help="As of `triage scan`.")
@click.option(
    "--engine", type=click.Choice(["yara", "boreal"]), default="yara", show_default=True, help="Matching engine."
)
@click.option("--scheduler", default="", help="Dask scheduler whose workers scan the images: tcp://HOST:PORT.")
@click.option(
    "--scheduler-file", type=click.Path(path_type=Path), help="The same, as `dask scheduler --scheduler-file` wrote it."
)
@lang_option
@click.option("--quiet", is_flag=True, help="No progress, no line for each image.")
@click.option("--json", "as_json", is_flag=True, help="Print overview.json instead of the totals.")
def batch(
    folder: Path,
    out: Path,
    case_folders: tuple[Path, ...],
    offices: Path | None,
    limit: float | None,
    jobs: int | None,
    workers: int | None,
    depth: str,
    rules: tuple[Path, ...],
    iocs: tuple[Path, ...],
    engine: str,
    scheduler: str,
    scheduler_file: Path | None,
    lang: str,
    quiet: bool,
    as_json: bool,
) -> int:
    """Examine every disk image below a folder, one case each, and sum them up; the same command goes on."""
    if scheduler and scheduler_file:
        raise UsageError("--scheduler and --scheduler-file name one scheduler: give one of them")
    if out.resolve() == folder.resolve():
        raise UsageError(f"--out {out} is the folder of the images; choose another")
    is_cluster = bool(scheduler or scheduler_file)
    at_a_time = jobs or min(CORES, 4)
    if workers is None and not is_cluster:
        workers = max(1, CORES // at_a_time)
    asked = Asked(lang=lang, options=_options(depth, engine, rules, iocs, workers), limit=limit or 0.0)
    with stoppable(), BatchProgress(quiet=quiet or as_json, lang=lang) as progress:
        where = offices_of(folder, offices)
        intel = load_intel(rules, engine, iocs)
        say_remarks(intel)
        _make(out)
        found = find(folder, skip=(out, folder / LIST_NAME))
        elsewhere = [case for one in case_folders for case in find_cases(one)]
        ledger = Ledger.open(out, {"depth": depth, "engine": engine, "intel": intel.digest})
        tickets = tickets_of(found.images, ledger, partial(_looked_at, progress=progress))
        ledger.keep(*tickets)
        desk = _Desk(Gathered(ledger, where, found.passed_over), out, lang, progress)
        desk.begin(tickets, (*found.cases, *elsewhere))
        queue = Queue(ledger, tickets, asked, desk.ended)
        if queue.waits:
            with _engine(scheduler, scheduler_file, jobs if is_cluster else at_a_time) as machine:
                queue.run(machine, {image.name: image.path for image in found.images})
    overview = desk.write()
    say((out / "overview.json").read_text("utf-8") if as_json else "".join(_told(overview, out, lang)))
    return worst(overview)


class _Desk:
    """Keeps the overview in the folder of the queue right, and the user informed."""

    def __init__(self, gathered: Gathered, out: Path, lang: str, progress: BatchProgress) -> None:
        self._gathered = gathered
        self._out = out
        self._lang = lang
        self._progress = progress

    def begin(self, tickets: Sequence[Ticket], cases: Iterable[CaseFolder]) -> None:
        """All that is known before the first scan."""
        for ticket in tickets:
            self._gathered.add_ticket(ticket)
        for case in cases:
            self._gathered.add_case(case)
        self.write()
        self._progress.begin(tickets)

    def ended(self, ticket: Ticket) -> None:
        """A scan has ended."""
        self._gathered.add_ticket(ticket)
        self.write()
        self._progress.ended(ticket, self._gathered.row(ticket.name))

    def write(self) -> Overview:
        """The overview, now; each of its files is whole or the old one."""
        overview = self._gathered.overview()
        for name, render in OVERVIEW.items():
            write_whole(self._out / name, render(overview, self._lang))
        return overview


def worst(overview: Overview) -> int:
    """As of a scan, over all: 1 findings; else 2 an image that could not be examined; else 3 gaps; else 0."""
    seen = [one for one in overview.machines if one.condition is not Condition.COPY]
    if any(one.condition in _FINDINGS for one in seen):
        return 1
    if any(one.condition is Condition.NOT_EXAMINED for one in seen):
        return 2
    return 0 if seen and all(one.finished and not one.gaps and not one.problem for one in seen) else 3


_FINDINGS = (Condition.ENCRYPTED, Condition.INFECTED, Condition.DORMANT, Condition.SUSPICIOUS)


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}; choose another --out") from error


def _looked_at(images: Sequence[Image], progress: BatchProgress) -> Iterator[tuple[Image, str]]:
    for number, (image, mark) in enumerate(told_apart(images), 1):
        progress.looked_at(number, len(images))
        yield image, mark


def _options(
    depth: str, engine: str, rules: Iterable[Path], iocs: Iterable[Path], workers: int | None
) -> tuple[str, ...]:
    """Of `triage scan`; paths as every machine sees them."""
    options = ["--depth", depth, "--engine", engine]
    for flag, paths in (("--rules", rules), ("--iocs", iocs)):
        for path in paths:
            options += [flag, str(path.absolute())]
    return (*options, *(("--workers", str(workers)) if workers else ()))


def _engine(scheduler: str, scheduler_file: Path | None, jobs: int | None) -> AbstractContextManager[Engine]:
    if scheduler or scheduler_file:
        return cluster(scheduler, scheduler_file, jobs)
    return local(jobs or 1)


def _told(overview: Overview, out: Path, lang: str) -> Iterator[str]:
    """The totals, then what was not examined and why, then where all of it stands."""
    total = overview.total
    for condition, count in total.by_condition.items():
        count = overview.copies if condition is Condition.COPY else count
        if count:
            yield f"{count:6}  {translate(condition.value, lang, 'condition')}\n"
    problems = overview.problems
    if problems:
        yield f"\n{translate('Not examined, or not to the end', lang)}:\n"
        yield from (f"  {_problem(one, lang)}\n" for one in problems[:PROBLEMS_SHOWN])
        if (more := len(problems) - PROBLEMS_SHOWN) > 0:
            yield f"  … {more}\n"
    yield f"\n{translate('Overview', lang)}: {visible(str(out / 'index.html'))}\n"


def _problem(machine: Machine, lang: str) -> str:
    return f"{machine.name}: {visible(remark(machine, lang))}"
