"""`triage show CASE`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from triage.analysis import build, exit_code
from triage.case import Case
from triage.cli.files import say
from triage.cli.options import lang_option
from triage.outputs import OUTPUTS
from triage.outputs.screen import render_screen


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@lang_option
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of the screen.")
def show(case: Path, lang: str, as_json: bool) -> int:
    """Print the verdict of a case on one screen."""
    with Case.open(case) as opened:
        dossier = build(opened)
        if as_json:
            say(b"".join(OUTPUTS["summary.json"](dossier, lang)).decode())
        else:
            report = case / "report.html"
            there = str(report) if report.is_file() else ""
            say(render_screen(dossier, lang, color=sys.stdout.isatty(), report=there))
        return exit_code(dossier.verdict, dossier.coverage, finished=dossier.finished)
