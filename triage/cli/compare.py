"""`triage compare CASE... --out DIR`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from tqdm import tqdm

from triage.analysis import build
from triage.analysis.spread import Outbreak
from triage.analysis.spread import compare as compare_machines
from triage.analysis.spread_odd import wallets_of
from triage.analysis.spread_records import Machine
from triage.analysis.spread_witness import witness
from triage.case import Case
from triage.case.store import FILE_NAME
from triage.cli.files import say, write_whole
from triage.cli.options import lang_option
from triage.errors import CaseError, UsageError
from triage.intel.families import load_families
from triage.intel.roots import rules_root
from triage.outputs.outbreak import FORMS
from triage.outputs.outbreak.section import plain, section

DEEP = 3
"""Folders below a given one in which cases are looked for."""
_MINUTE = 60_000_000_000


def _forms(_context: click.Context, _option: click.Parameter, text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if unknown := [name for name in names if name not in FORMS]:
        raise click.BadParameter(f"no form called {', '.join(unknown)}; there are {', '.join(FORMS)}")
    return names


@click.command()
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CASE...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write files here; made if new.")
@click.option(
    "--as", "forms", default=",".join(FORMS), show_default=True, callback=_forms, help="What to write, by commas."
)
@click.option(
    "--clocks-within",
    type=click.FloatRange(0),
    metavar="MINUTES",
    help="Assume that every clock was right within so many minutes, where records do not say otherwise.",
)
@lang_option
@click.option("--quiet", is_flag=True, help="No progress.")
def compare(
    cases: tuple[Path, ...],
    out: Path | None,
    forms: tuple[str, ...],
    clocks_within: float | None,
    lang: str,
    quiet: bool,
) -> int:
    """Compare the cases of many machines: who was first, who brought it to whom, who may be plugged in again.

    CASE is a case, or a folder that holds cases (what `triage batch` wrote).
    """
    folders = find_cases(cases)
    within = None if clocks_within is None else round(clocks_within * _MINUTE)
    wallets = wallets_of(load_families(rules_root()))
    bar = tqdm(folders, desc="compare", unit="case", disable=quiet or None)
    outbreak = compare_machines((_machine(folder) for folder in bar), wallets, within)
    if out is None:
        say(b"".join(plain(section(outbreak))).decode())
    else:
        for path in write(outbreak, out, forms, lang):
            click.echo(path)
    return 0


def find_cases(given: tuple[Path, ...]) -> list[Path]:
    """Every case named or held by a folder named, each once, sorted by the folder's name and place.

    Raises:
        CaseError: one of them is no case and holds none.
    """
    found: dict[Path, None] = {}
    for path in given:
        inside = sorted(_inside(path, DEEP))
        if not inside:
            raise CaseError(f"{path}: no case here (no {FILE_NAME}); give case folders, or a folder that holds them")
        found.update(dict.fromkeys(one.resolve() for one in inside))
    return sorted(found, key=lambda one: (one.name, one))


def _inside(folder: Path, deep: int) -> Iterator[Path]:
    if (folder / FILE_NAME).is_file():
        yield folder
    elif deep and folder.is_dir():
        for below in folder.iterdir():
            if below.is_dir() and not below.is_symlink():
                yield from _inside(below, deep - 1)


def _machine(folder: Path) -> Machine:
    with Case.open(folder) as case:
        return witness(build(case), folder.name)


def write(outbreak: Outbreak, out: Path, forms: tuple[str, ...], lang: str) -> list[Path]:
    """Writes the files of some forms.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}; choose another --out") from error
    files = {name: render for form in forms for name, render in FORMS[form].items()}
    try:
        return [write_whole(out / name, render(outbreak, lang)) for name, render in files.items()]
    except CaseError as error:  # no case is written here: what to do is another thing
        raise UsageError(f"{out}: cannot be written: {error.__cause__}; free space or choose another --out") from error
