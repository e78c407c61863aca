"""`triage scan TARGET... --case DIR`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from triage import __version__
from triage.analysis import VerdictLevel, build, exit_code
from triage.case import FILE_NAME, Case, JournalLine, LeftOut
from triage.case.archive import Archive, is_over
from triage.case.seal import is_sealed, refuse_signed, seal
from triage.cli.actor import now, who
from triage.cli.files import say, write_outputs
from triage.cli.options import Size, lang_option
from triage.cli.refusals import refuse_empty, refuse_inside
from triage.cli.seal import mind_seal
from triage.errors import CaseError, EvidenceError
from triage.intel import Intel, load_intel
from triage.model import Severity
from triage.outputs import AFTER_SCAN
from triage.outputs.catalogue import translate
from triage.outputs.escapes import visible
from triage.outputs.screen import render_screen
from triage.scan import Depth, Limits, Progress, ScanOptions
from triage.scan import scan as run_scan

REMARKS_SHOWN = 20

COLLECTED = "files collected"
"""Act in the journal."""


@click.command()
@click.argument(
    "targets", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False), metavar="TARGET..."
)
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
    "--collect",
    type=click.Choice(["matters", "none"]),
    default="matters",
    show_default=True,
    help="Files put into the case's evidence.zip: components, notes, keys, state, hives, logs; never user documents.",
)
@click.option(
    "--collect-limit",
    type=Size(),
    default="512M",
    show_default=True,
    help="Bytes of collected files in all, before compression (K, M, G); one file takes at most a fourth of it.",
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
    collect: str,
    collect_limit: int,
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
        refuse_empty(target)
    with stoppable():
        options = ScanOptions(
            depth=Depth(depth),
            engine=engine,
            workers=workers,
            hash_source=hash_source,
            shadow_copies=shadow_copies,
            limits=Limits(seconds=entry_limit),
            collect_limit=collect_limit if collect == "matters" else 0,
            now=now,
            who=who(),
        )
        intel = load_intel(rules, engine, iocs)
        say_remarks(intel)
        wrote = examine(targets, folder, intel, options, Progress(quiet=quiet, word=partial(translate, lang=lang)))
        return tell(folder, lang, as_json=as_json, records_may_differ=wrote)


def examine(targets: tuple[Path, ...], folder: Path, intel: Intel, options: ScanOptions, progress: Progress) -> bool:
    """From evidence to a finished case in a folder, made if new; a case that is finished is only read.

    Returns:
        Whether anything was written.

    Raises:
        EvidenceError: the evidence cannot be opened, or is gone.
        CaseError: the case cannot be written, or is of something else.
    """
    if _is_finished(folder, hashed=options.hash_source):
        with Case.open(folder) as case:
            _run(targets, case, intel, options, progress)
        return False
    refuse_signed(folder)
    _refuse_other_version(folder)
    new_folder, new_case = not folder.exists(), not (folder / FILE_NAME).exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}; choose another --case") from error
    begun = True
    try:
        with Case.create(folder) as case:
            if case.meta("tool.version") is None:
                case.set_meta({"tool.version": __version__})
            try:
                _run(targets, case, intel, options, progress)
                _archive(case, options, progress)
            finally:
                begun = case.meta("evidence.fingerprint_before") is not None
            case.fold()
    except EvidenceError:
        if new_case and not begun:  # a mistyped target leaves nothing behind
            (folder / FILE_NAME).unlink(missing_ok=True)
            if new_folder:
                folder.rmdir()
        raise
    return True


def _run(targets: tuple[Path, ...], case: Case, intel: Intel, options: ScanOptions, progress: Progress) -> None:
    try:
        run_scan(targets, case, intel, options, progress)
    finally:
        progress.close()


def _is_finished(folder: Path, *, hashed: bool) -> bool:
    """Nothing is left to write: the case must stay as it was sealed."""
    if not (folder / FILE_NAME).is_file() or (folder / f"{FILE_NAME}-wal").exists():
        return False
    try:
        with Case.open(folder) as case:
            return is_over(case) and not (hashed and not case.all_meta("hash."))
    except CaseError:
        return False  # opening it for writing says better what is wrong


def _refuse_other_version(folder: Path) -> None:
    """What two versions saw is not mixed in one case.

    Raises:
        CaseError: another version began it.
    """
    if not (folder / FILE_NAME).is_file():
        return
    try:
        with Case.open(folder) as case:
            maker = case.meta("tool.version")
    except CaseError:
        return  # opening it for writing says better what is wrong
    if maker not in (None, __version__):
        raise CaseError(f"{folder}: begun by triage {maker}; go on with that one, or choose another --case")


def _archive(case: Case, options: ScanOptions, progress: Progress) -> None:
    """What was collected, into its archive; says what a full disk left out."""
    progress.say("sealing what was collected")
    archive = Archive(case, options.collect_limit)
    left_out = archive.make(artefacts=_worth_keeping(case))
    if left_out is None:
        return
    kept = sum(one.why is None for _entry, one in case.collected())
    detail = [f"{kept} kept", *(f"{count} {why.value}" for why, count in sorted(left_out.items(), key=str))]
    case.note(JournalLine(when=options.now(), who=options.who, act=COLLECTED, detail=", ".join(detail)))
    if left_out[LeftOut.DISK_FULL]:
        click.echo(
            f"triage: {left_out[LeftOut.DISK_FULL]} files that matter were not collected: the disk of {case.path} "
            "is full; free space, then scan into another --case",
            err=True,
        )


def _worth_keeping(case: Case) -> bool:
    """Hives and logs are of use: anything was found, or it could not be told."""
    severities = case.aggregate().severities
    weighty = any(count and severity != Severity.INFO.value for severity, count in severities.items())
    return weighty or build(case).verdict.level is not VerdictLevel.NOTHING_FOUND


def tell(folder: Path, lang: str, *, as_json: bool = False, records_may_differ: bool = False) -> int:
    """Writes the outputs of a case, seals it and prints one; gives the exit code.

    Args:
        folder: of the case.
        lang: "vi" or "en".
        as_json: print the summary, and not the screen.
        records_may_differ: a seal that is there already is older than the records.

    Raises:
        CaseError: they cannot be written.
    """
    screen, code = conclude(folder, lang, color=sys.stdout.isatty(), records_may_differ=records_may_differ)
    say((folder / "summary.json").read_text(encoding="utf-8") if as_json else screen)
    return code


def conclude(folder: Path, lang: str, *, color: bool, records_may_differ: bool) -> tuple[str, int]:
    """Writes the outputs of a case and seals it; gives the verdict on one screen, and the exit code.

    Of a sealed case only those are written that are not there.

    Args:
        folder: of the case.
        lang: "vi" or "en".
        color: of the screen.
        records_may_differ: a seal that is there already is older than the records.

    Raises:
        CaseError: they cannot be written.
    """
    with Case.open(folder) as case:
        dossier = build(case)
        is_new = records_may_differ or not is_sealed(folder)
        written = write_outputs(dossier, folder, lang, [n for n in AFTER_SCAN if is_new or not (folder / n).exists()])
        screen = render_screen(dossier, lang, color=color, report=str(folder / "report.html"))
    if is_new:
        seal(folder, None, when=now(), who=who(), records_may_differ=True)
    else:
        mind_seal(folder, written, lang)
    return screen, exit_code(dossier.verdict, dossier.coverage, finished=dossier.finished)


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM stops a scan as Ctrl-C does: in one line, and resumable."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def say_remarks(intel: Intel) -> None:
    """Says what of the user's lists is not looked for, or not worth much."""
    for remark in intel.remarks[:REMARKS_SHOWN]:
        click.echo(f"triage: {visible(str(remark))}", err=True)
    if (more := len(intel.remarks) - REMARKS_SHOWN) > 0:
        click.echo(f"triage: {more} more remarks; `triage rules check --iocs` prints them all", err=True)
