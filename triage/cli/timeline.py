"""`triage timeline CASE --as FORM`."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from triage.analysis import build
from triage.analysis.redaction import redact_chronicle
from triage.analysis.timeline import EARLIEST, LATEST, chronicle
from triage.case import Case
from triage.case.redactions import FILE_NAME
from triage.cli.files import write_whole
from triage.cli.options import lang_option
from triage.cli.redacting import redacting
from triage.cli.seal import mind_seal
from triage.errors import UsageError
from triage.model import UnixNs
from triage.outputs.timeline import TIMELINES
from triage.times import VIETNAM, from_unix

_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4}")
_AS_SHOWN = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%H:%M %d/%m/%Y", "%H:%M:%S %d/%m/%Y")


def _moment(text: str, *, end: bool) -> UnixNs:
    """UnixNs of a day, or a day and time; a day given as the end means all of it.

    ISO 8601 has `Z` or an offset, or is UTC. Day first is how the screen shows times, and UTC+7 as there.
    """
    text = text.strip()
    try:
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
    except ValueError:
        when = _as_shown(text)
    micros = (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    day = 86_400_000_000 - 1 if end and _DAY.fullmatch(text) else 0
    return from_unix(0, (micros + day) * 1000 + (999 if end else 0))


def _as_shown(text: str) -> datetime:
    for pattern in _AS_SHOWN:
        with suppress(ValueError):
            return datetime.strptime(text, pattern).replace(tzinfo=VIETNAM)
    hint = "write 2017-05-12, 2017-05-12T14:30:00+07:00, or as on the screen '23:29:30 12/05/2017' (UTC+7)"
    raise click.BadParameter(f"{text!r} is no time; {hint}")


def _start(_context: click.Context, _option: click.Parameter, text: str | None) -> UnixNs:
    return EARLIEST if text is None else max(EARLIEST, _moment(text, end=False))


def _end(_context: click.Context, _option: click.Parameter, text: str | None) -> UnixNs:
    return LATEST if text is None else min(LATEST, _moment(text, end=True))


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--as", "form", type=click.Choice(list(TIMELINES)), default="csv", show_default=True, help="For which tool."
)
@click.option(
    "--from",
    "start",
    metavar="TIME",
    callback=_start,
    help="Nothing before this day or time: 2017-05-12 (UTC, or with its offset), or 12/05/2017 (UTC+7).",
)
@click.option("--to", "end", metavar="TIME", callback=_end, help="Nothing after this day or time.")
@click.option("--to-file", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of to the screen.")
@click.option("--redacted", is_flag=True, help="Tokens for names of people, machines and documents.")
@click.option("--hide", multiple=True, metavar="TEXT", help="With --redacted: one more name that must not be read.")
@lang_option
def timeline(
    case: Path,
    form: str,
    start: UnixNs,
    end: UnixNs,
    to_file: Path | None,
    redacted: bool,
    hide: tuple[str, ...],
    lang: str,
) -> int:
    """Write every time of a case in order: of files, of their names, of events, of encryption."""
    if start > end:
        raise UsageError("--from is after --to")
    if hide and not redacted:
        raise click.UsageError("--hide goes with --redacted")
    with Case.open(case) as opened, ExitStack() as stack:
        told = chronicle(opened, start, end)
        if redacted:
            _dossier, names = stack.enter_context(redacting(case, build(opened), hide))
            told = redact_chronicle(told, names)
        pieces = TIMELINES[form](told, lang)
        if to_file is None:
            sys.stdout.buffer.writelines(pieces)
        else:
            write_whole(to_file, pieces, "--to-file")
    if redacted:
        mind_seal(case, [case / FILE_NAME], lang)
    return 0
