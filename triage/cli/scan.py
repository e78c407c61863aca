"""`triage scan TARGET... --case DIR`."""

from __future__ import annotations

import getpass
import os
import time
from pathlib import Path

import click

from triage import __version__
from triage.analysis import build, exit_code
from triage.case import Case
from triage.cli.files import write_outputs
from triage.cli.options import lang_option
from triage.errors import CaseError, UsageError
from triage.intel import load_intel
from triage.model import UnixNs
from triage.outputs.screen import render_screen
from triage.scan import Depth, Limits, Progress, ScanOptions
from triage.scan import scan as run_scan


@click.command()
@click.argument("targets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TARGET...")
@click.option("--case", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the case; made if new.")
@click.option("--depth", type=click.Choice([d.value for d in Depth]), default=Depth.STANDARD.value, show_default=True,
              help="quick: names, metadata, first bytes; standard: and all that can be a component; full: every byte.")
@click.option("--rules", "rules", multiple=True, type=click.Path(exists=True, path_type=Path), help="Own YARA rules, file or folder.")
@click.option("--iocs", multiple=True, type=click.Path(exists=True, path_type=Path), help="Own indicator lists, file or folder.")
@click.option("--engine", type=click.Choice(["yara", "boreal"]), default="yara", show_default=True, help="Matching engine.")
@click.option("--workers", type=click.IntRange(1, 64), default=lambda: min(os.cpu_count() or 1, 8), help="Worker processes.")
@click.option("--hash-source", is_flag=True, help="Hash the media itself, too (MD5, SHA-256).")
@click.option("--entry-limit", type=click.FloatRange(0.1), default=Limits().seconds, show_default=True, hidden=True,
              help="Seconds for one entry, before 2 s a MiB are added.")
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
    hash_source: bool,
    entry_limit: float,
    lang: str,
    quiet: bool,
    as_json: bool,
) -> int:
    """Examine a folder, drive, device or disk image(s) into a case; goes on by itself with one that was cut off."""
    for target in targets:
        refuse_inside(folder, target)
    intel = load_intel(rules, engine, iocs)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}; choose another --case") from error
    options = ScanOptions(
        depth=Depth(depth),
        engine=engine,
        workers=workers,
        hash_source=hash_source,
        limits=Limits(seconds=entry_limit),
        now=lambda: UnixNs(time.time_ns()),
        who=_who(),
    )
    progress = Progress(quiet=quiet)
    with Case.create(folder) as case:
        if case.meta("tool.version") is None:
            case.set_meta({"tool.version": __version__})
        try:
            run_scan(targets, case, intel, options, progress)
        finally:
            progress.close()
        case.seal()
    with Case.open(folder) as case:
        dossier = build(case)
        write_outputs(dossier, folder, lang)
        if as_json:
            click.echo((folder / "summary.json").read_text(encoding="utf-8"), nl=False)
        else:
            color = click.get_text_stream("stdout").isatty()
            click.echo(render_screen(dossier, lang, color=color, report=str(folder / "report.html")), nl=False)
        return exit_code(dossier.verdict, dossier.coverage, finished=dossier.finished)


def refuse_inside(folder: Path, target: Path) -> None:
    """The case must not lie in what is examined.

    Raises:
        UsageError: it does.
    """
    where = folder.resolve()
    if target.is_dir() and where.is_relative_to(target.resolve()):
        raise UsageError(f"--case {folder} lies inside the evidence {target}; put it on another disk")
    if target.is_block_device() and (device := os.stat(target).st_rdev) and _lies_on(where, device):
        raise UsageError(f"--case {folder} lies on the examined device {target}; put it on another disk")


def _lies_on(where: Path, device: int) -> bool:
    """The file system of a path, or of its nearest existing parent, is on a block device or a partition of it."""
    while not where.exists():
        where = where.parent
    holder = where.stat().st_dev
    own = Path(f"/sys/dev/block/{os.major(holder)}:{os.minor(holder)}")
    whole = own.resolve().parent / "dev"
    return holder == device or (
        whole.is_file() and whole.read_text().strip() == f"{os.major(device)}:{os.minor(device)}"
    )


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
