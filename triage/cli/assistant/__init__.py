"""The assistant: `triage` without arguments, for whoever stands at the machine. Asks, and calls what the verbs call."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType

import click

from triage.errors import UsageError


def is_watched() -> bool:
    """Somebody sits at a terminal, and both ends of it are ours."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@click.command()
@click.option("--plain", is_flag=True, help="Line by line, for a terminal that cannot move its cursor.")
def assistant(plain: bool) -> int:
    """Ask what to examine and go through it step by step (also `triage` without arguments)."""
    if not is_watched():
        raise UsageError("the assistant needs a terminal; `triage scan --help` tells how to do without it")
    return guide(plain=plain)


def guide(*, plain: bool = False) -> int:
    """The assistant on this process's terminal; gives the exit code.

    Everything it needs is loaded here: the verbs start without it.
    """
    from triage.cli.assistant.walk import run

    sys.excepthook = _said
    if plain or os.environ.get("TERM") == "dumb":
        from triage.cli.assistant.lines import Lines

        run(Lines(sys.stdin, sys.stdout))
    else:
        from triage.cli.assistant.console import Console

        run(Console())
    return 0


def _said(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody foresaw: in one line for the user, in a file for those who mend it."""
    from triage.cli.assistant.places import cases_root

    told = "".join(traceback.format_exception(kind, error, trace))
    place = cases_root() / "triage-error.txt"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(told, encoding="utf-8", errors="backslashreplace")
        kept = f" ({place})"
    except OSError:
        kept = f" ({kind.__name__})"
    sys.stderr.write(
        "\ntriage: lỗi của chương trình, hồ sơ vẫn còn: chạy lại và chọn làm tiếp. / "
        f"an error of the program; the case is kept: start again and go on.{kept}\n"
    )
