"""The command line: one module for each verb, one name here."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from triage import __version__
from triage.cli.group import Group
from triage.errors import TriageError
from triage.outputs.escapes import visible

INTERRUPTED = 130
RESUMED = ("scan", "demo", "recover", "batch")
"""Verbs that go on where they were stopped; the others begin again, and leave nothing half written."""

VERBS = (
    *("assistant", "scan", "show", "report", "timeline", "checklist", "vncert", "org", "blocklist", "recover"),
    *("seal", "verify", "key", "reveal"),
    *("batch", "compare"),
    *("rules", "kit", "demo"),
)
"""In the order of the work: one machine, its integrity, many machines, what is known. Each is a module of its name."""


class Verbs(Group):
    """The verbs in their order; a verb's module is read when it is called, for a slow stick's sake."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Every verb."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb's command, which has the verb's name in its module; None where there is none."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"triage.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triage")
@click.pass_context
def verbs(context: click.Context) -> int:
    """Offline triage of Windows machines hit by WannaCry: what happened, what to do, what to send.

    Without a verb, on a terminal, an assistant asks step by step.

    Exit codes: 0 nothing found and everything examined; 1 findings; 2 usage, rules or evidence cannot be opened;
    3 nothing found, but not everything was examined; 130 interrupted (the same command goes on).
    """
    if context.invoked_subcommand is not None:
        return 0
    room = import_module("triage.cli.assistant")
    if not room.is_watched():
        raise click.exceptions.NoArgsIsHelpError(context)
    code: int = room.guide()
    return code


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
