"""`triage reveal CASE TOKEN...`: what the tokens of a redacted copy stand for."""

from __future__ import annotations

import re
from pathlib import Path

import click

from triage.case import Case
from triage.case.redactions import FILE_NAME, Redactions
from triage.errors import UsageError
from triage.outputs.escapes import visible

_TOKEN = re.compile(r"([A-Z]+)-0*(\d{1,12})")


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN...")
def reveal(case: Path, tokens: tuple[str, ...]) -> int:
    """Print what tokens of a redacted copy stand for (`DOC-0012`); only the case knows."""
    with Case.open(case):
        if not (case / FILE_NAME).is_file():
            raise UsageError(f"{case}: no redacted copy was ever made of it; `triage report --redacted` makes one")
    with Redactions.open(case) as known:
        for token in tokens:
            match = _TOKEN.fullmatch(token.strip().upper())
            text = known.text_of(match[1], int(match[2])) if match else None
            if text is None:
                raise UsageError(f"{token!r} is no token of this case; copy it as it stands, without its ending")
            click.echo(f"{token} = {visible(text)}")
    return 0
