"""`triage report CASE [--as NAME] [--redacted --out DIR]`."""

from __future__ import annotations

from pathlib import Path

import click

from triage.analysis import build
from triage.case import Case
from triage.case.redactions import FILE_NAME
from triage.cli.files import made, write_outputs
from triage.cli.options import lang_option, redacted_options, refuse_mixed
from triage.cli.redacting import names_of, outside, redacting
from triage.cli.seal import mind_seal
from triage.intel.organisation import load_organisation
from triage.outputs import AFTER_SCAN, OUTPUTS


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "names",
    default=",".join(AFTER_SCAN),
    show_default=True,
    help=f"What to write, separated by commas: {', '.join(OUTPUTS)}; a name without its ending, or an ending, will do.",
)
@click.option(
    "--org",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Profile made by `triage org`: who shares the findings; with --redacted, whose names are hidden.",
)
@redacted_options
@lang_option
def report(
    case: Path, names: str, org: Path | None, redacted: bool, hide: tuple[str, ...], out: Path | None, lang: str
) -> int:
    """Make the outputs of a case again, without its evidence; or a redacted copy to give away.

    What a token of a redacted copy stands for, `triage reveal CASE TOKEN` tells: only the case knows.
    """
    refuse_mixed(redacted=redacted, hide=hide, out=out)
    wanted = list(dict.fromkeys(name for part in names.split(",") for name in _matching(part.strip())))
    profile = load_organisation(org) if org else None
    with Case.open(case) as opened:
        dossier = build(opened)
        if redacted and out is not None:
            place = outside(case, out)
            hidden = (*hide, *(names_of(profile) if profile else ()))
            with redacting(case, dossier, hidden) as (told, _names):
                written = write_outputs(told, place, lang, wanted)
        else:
            place = made(out) if out else case
            written = write_outputs(dossier, place, lang, wanted, profile.name if profile else "")
    for path in written:
        click.echo(path)
    mind_seal(case, [case / FILE_NAME] if redacted else written if out is None else [], lang)
    return 0


def _matching(name: str) -> list[str]:
    """The outputs called name, with or without its ending, or whose ending is name (`html`)."""
    found = [output for output in OUTPUTS if name in (output, *output.rpartition(".")[::2])]
    if not found:
        raise click.BadParameter(f"no output called {name!r}; there are {', '.join(OUTPUTS)}")
    return found
