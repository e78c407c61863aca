"""`triage report CASE [--as NAME]`."""

from __future__ import annotations

from pathlib import Path

import click

from triage.analysis import build
from triage.case import Case
from triage.cli.files import write_outputs
from triage.cli.options import lang_option
from triage.outputs import OUTPUTS


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--as", "names", default=",".join(OUTPUTS), show_default=True, help="What to write, separated by commas.")
@lang_option
def report(case: Path, names: str, lang: str) -> int:
    """Make the outputs of a case again, without its evidence."""
    wanted = [name for part in names.split(",") for name in _matching(part.strip())]
    with Case.open(case) as opened:
        for path in write_outputs(build(opened), case, lang, wanted):
            click.echo(path)
    return 0


def _matching(name: str) -> list[str]:
    """The outputs called name, or whose ending is name (`html`)."""
    found = [output for output in OUTPUTS if name in (output, output.rpartition(".")[2])]
    if not found:
        raise click.BadParameter(f"no output called {name!r}; there are {', '.join(OUTPUTS)}")
    return found
