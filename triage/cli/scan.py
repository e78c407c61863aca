"""`triage scan TARGET... --case DIR`."""

from __future__ import annotations

import getpass
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from triage import __version__
from triage.analysis import build, exit_code
from triage.case import Case
from triage.cli.files import say, write_outputs
from triage.cli.options import lang_option
from triage.cli.refusals import refuse_inside
from triage.errors import CaseError
from triage.intel import Intel, load_intel
from triage.model import UnixNs
from triage.outputs.escapes import visible
from triage.outputs.screen import render_screen
from triage.scan import Depth, Limits, Progress, ScanOptions
from triage.scan import scan as run_scan

REMARKS_SHOWN = 20


@click.command()
@click.argument("targets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TARGET...")
@click.option(
    "--case", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the case; made if new."
)
@click.option(
    "--depth",
    type=click.Choice([d.value for d in Depth]),
    default=Depth.STANDARD.value,
    show_default=True,
    help="quick: names, metadata, first bytes; standard: and all that can be a component; full: every byte.",
)
@click.option(
    "--rules",
    "rules",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Own YARA rules, file or folder.",
)
@click.option(
    "--iocs", multiple=True, type=click.Path(exists=True, path_type=Path), help="Own indicator lists, file or folder."
)
@click.option(
    "--engine", type=click.Choice(["yara", "boreal"]), default="yara", show_default=True, help="Matching engine."
)
@click.option(
    "--workers", type=click.IntRange(1, 60), default=lambda: min(os.cpu_count() or 1, 8), help="Worker processes."
)
@click.option("--shadow-copies", is_flag=True, help="Examine Windows' shadow copies, too: files as they were before.")
@click.option("--hash-source", is_flag=True, help="Hash the media itself, too (MD5, SHA-256).")
@click.option(
    "--entry-limit",
    type=click.FloatRange(0.1),
    default=Limits().seconds,
    show_default=True,
    hidden=True,
    help="Seconds for one entry, before 2 s a MiB are added.",
)
@lang_option
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of the screen.")
def scan(
    targets: tuple[Path, ...],
    folder: Path,
    depth: str,
    rules: tuple[Path, ...],
    iocs: tuple[Path, ...],
    engine: str,
    workers: int,
    shadow_copies: bool,
    hash_source: bool,
    entry_limit: float,
    lang: str,
    quiet: bool,
    as_json: bool,
) -> int:
    """Examine a folder, drive, device or disk image(s) into a case; goes on by itself with one that was cut off."""
    for target in targets:
        refuse_inside(folder, target)
    with _stoppable():
        options = ScanOptions(
            depth=Depth(depth),
            engine=engine,
            workers=workers,
            hash_source=hash_source,
            shadow_copies=shadow_copies,
            limits=Limits(seconds=entry_limit),
            now=lambda: UnixNs(time.time_ns()),
            who=_who(),
        )
        intel = load_intel(rules, engine, iocs)
        say_remarks(intel)
        examine(targets, folder, intel, options, Progress(quiet=quiet))
        return tell(folder, lang, as_json=as_json)


def examine(targets: tuple[Path, ...], folder: Path, intel: Intel, options: ScanOptions, progress: Progress) -> None:
    """From evidence to a sealed case in a folder, made if new.

    Raises:
        EvidenceError: the evidence cannot be opened, or is gone.
        CaseError: the case cannot be written, or is of something else.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}; choose another --case") from error
    with Case.create(folder) as case:
        if case.meta("tool.version") is None:
            case.set_meta({"tool.version": __version__})
        try:
            run_scan(targets, case, intel, options, progress)
        finally:
            progress.close()
        case.seal()


def tell(folder: Path, lang: str, *, as_json: bool = False) -> int:
    """Writes the outputs of a case and prints one; gives the exit code.

    Raises:
        CaseError: they cannot be written.
    """
    with Case.open(folder) as case:
        dossier = build(case)
        write_outputs(dossier, folder, lang)
        if as_json:
            say((folder / "summary.json").read_text(encoding="utf-8"))
        else:
            color = sys.stdout.isatty()
            say(render_screen(dossier, lang, color=color, report=str(folder / "report.html")))
        return exit_code(dossier.verdict, dossier.coverage, finished=dossier.finished)


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM stops a scan as Ctrl-C does: in one line, and resumable."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def say_remarks(intel: Intel) -> None:
    """Says what of the user's lists is not looked for, or not worth much."""
    for remark in intel.remarks[:REMARKS_SHOWN]:
        click.echo(f"triage: {visible(str(remark))}", err=True)
    if (more := len(intel.remarks) - REMARKS_SHOWN) > 0:
        click.echo(f"triage: {more} more remarks; `triage rules check --iocs` prints them all", err=True)
