"""`triage recover CASE EVIDENCE... --to DIR`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from tqdm import tqdm

from triage.analysis.recovery import Recovery, RecoveryState
from triage.analysis.savable import recoveries_of, summed
from triage.case import Case
from triage.cli.options import lang_option
from triage.cli.refusals import refuse_inside
from triage.outputs.catalogue import translate
from triage.outputs.figures import number, size
from triage.recover.carving import STATE
from triage.recover.job import Outcome
from triage.recover.keys import read_key
from triage.recover.plan import RECOVERABLE
from triage.recover.run import RecoverOptions
from triage.recover.run import recover as run_recovery
from triage.recover.tally import Result

NOT_REMEMBERED = (
    "The key is not in the memory searched: it stays there only on Windows XP to 7, while the malware's process lives."
)
CARVED = "found in free clusters by their content alone"
UNSEEN = "volumes whose free clusters are not known: a folder, or not NTFS"
ALL = ",".join(state.value for state in RECOVERABLE)


class _Bar:
    """A progress bar on a terminal's stderr, or silence."""

    def __init__(self, *, quiet: bool) -> None:
        self._silent = quiet or not sys.stderr.isatty()
        self._bar: tqdm[None] | None = None

    def begin_memory(self, name: str, size: int) -> None:
        self.close()
        self._bar = tqdm(
            desc=f"searching {name}", total=size, unit="B", unit_scale=True, disable=self._silent, leave=False
        )

    def searched(self, size: int) -> None:
        if self._bar is not None:
            self._bar.update(size)

    def begin_carving(self, volume: int, size: int) -> None:
        self.close()
        self._bar = tqdm(
            desc=f"carving volume {volume}", total=size, unit="B", unit_scale=True, disable=self._silent, leave=False
        )

    def begin(self, files: int, size: int) -> None:
        self.close()
        self._bar = tqdm(
            desc=f"recovering {files} files", total=size, unit="B", unit_scale=True, disable=self._silent, leave=False
        )

    def done(self, outcome: Outcome) -> None:
        if self._bar is not None:
            self._bar.update(outcome.size)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("targets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="EVIDENCE...")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder on another disk; made if new."
)
@click.option("--what", default=ALL, metavar="STATE,...", help=f"What to write out. One or more of {ALL}.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private key: 00000000.dky, PEM, or what wanakiwi wrote.",
)
@click.option(
    "--memory",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Memory image, process dump or hiberfil.sys of Windows XP to 7, searched for the key.",
)
@click.option("--carve", is_flag=True, help="Look for files in free clusters, too (photorec or foremost, NTFS only).")
@click.option("--dry-run", is_flag=True, help="Only say what could be saved.")
@click.option("--workers", type=click.IntRange(1, 60), default=2, show_default=True, help="Worker processes.")
@lang_option
@click.option("--quiet", is_flag=True, help="No progress.")
def recover(
    case: Path,
    targets: tuple[Path, ...],
    folder: Path | None,
    what: str,
    keys: tuple[Path, ...],
    memory: tuple[Path, ...],
    carve: bool,
    dry_run: bool,
    workers: int,
    lang: str,
    quiet: bool,
) -> int:
    """Save what WannaCry's own mistakes left: write it out to another disk, never onto the evidence.

    Goes on by itself where it was cut off; nothing is overwritten. Exit codes: 0 everything asked for was written; 1
    some files could not be; 2 usage, case, evidence or disk.
    """
    wanted = frozenset(_state(name.strip()) for name in what.split(","))
    with Case.open(case) as opened:
        if dry_run:
            _tell(recoveries_of(opened)(), lang)
            return 0
        if folder is None:
            raise click.UsageError("Missing option '--to': a folder on another disk; or ask with --dry-run")
        for target in targets:
            refuse_inside(folder, target, option="--to")
        bar = _Bar(quiet=quiet)
        options = RecoverOptions(
            wanted=wanted,
            keys=tuple(read_key(path) for path in keys),
            memory=memory,
            workers=workers,
            carve=carve,
        )
        try:
            result = run_recovery(opened, targets, folder, options, bar)
        finally:
            bar.close()
    _say(result, folder, lang)
    return 1 if result.problems or result.carving or result.unread else 0


def _state(name: str) -> RecoveryState:
    for state in RECOVERABLE:
        if state.value == name:
            return state
    raise click.BadParameter(f"{name!r} is none of {ALL}", param_hint="'--what'")


def _tell(every: Iterable[Recovery], lang: str) -> None:
    """What could be saved, by state."""
    found = summed(every)
    for state in RecoveryState:
        if state in found.by_state:
            share = found.by_state[state]
            amounts = f"{number(share.files, lang):>9}  {size(share.bytes, lang):>10}"
            click.echo(f"{amounts}  {translate(state.value, lang, 'recovery')}")


def _say(result: Result, folder: Path, lang: str) -> None:
    for state in RecoveryState:
        if count := result.written[state.value]:
            click.echo(f"{number(count, lang):>9}  {translate(state.value, lang, 'recovery')}")
    if count := result.written[STATE]:
        click.echo(f"{number(count, lang):>9}  {translate(CARVED, lang)}")
    if result.unseen:
        click.echo(f"{number(result.unseen, lang):>9}  {translate(UNSEEN, lang)}")
    for problem in result.carving:
        click.echo(f"{translate('while carving', lang)}: {problem}")
    if result.unread:
        click.echo(f"{size(result.unread, lang):>9}  {translate('of the free clusters could not be read', lang)}")
    if result.searched and not result.found:
        click.echo(translate(NOT_REMEMBERED, lang))
    if result.doubtful:
        click.echo(
            f"{number(result.doubtful, lang):>9}  {translate('of them nothing vouches for (folder doubtful)', lang)}"
        )
    for problem, count in sorted(result.failed.items()):
        click.echo(f"{number(count, lang):>9}  {translate('not written', lang)}: {problem}")
    click.echo(f"{size(result.bytes, lang)} → {folder}")
