"""The command line: one module for each verb, one line here."""

from __future__ import annotations

import os
import sys

import click

from triage import __version__
from triage.cli.blocklist import blocklist
from triage.cli.checklist import checklist
from triage.cli.demo import demo
from triage.cli.group import Group
from triage.cli.key import key
from triage.cli.org import org
from triage.cli.report import report
from triage.cli.reveal import reveal
from triage.cli.rules import rules
from triage.cli.scan import scan
from triage.cli.seal import seal
from triage.cli.show import show
from triage.cli.timeline import timeline
from triage.cli.verify import verify
from triage.cli.vncert import vncert
from triage.errors import TriageError
from triage.outputs.escapes import visible

INTERRUPTED = 130
RESUMED = ("scan", "demo")
"""Verbs that go on where they were stopped; the others begin again, and leave nothing half written."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triage")
def verbs() -> None:
    """Offline triage of Windows machines hit by WannaCry: what happened, what to do, what to send.

    Exit codes: 0 nothing found and everything examined; 1 findings; 2 usage, rules or evidence cannot be opened;
    3 nothing found, but not everything was examined; 130 interrupted (the same command goes on).
    """


for verb in (scan, show, report, reveal, checklist, timeline, blocklist, rules, demo, seal, verify, key, org, vncert):
    verbs.add_command(verb)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; says an error in one line."""
    try:
        code = verbs.main(args=arguments, prog_name="triage", standalone_mode=False)
    except TriageError as error:
        click.echo(f"triage: {visible(str(error))}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        given = sys.argv[1:] if arguments is None else arguments
        again = "goes on where it stopped" if given[:1] and given[0] in RESUMED else "begins again"
        click.echo(f"triage: interrupted; the same command {again}", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # `triage show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0
