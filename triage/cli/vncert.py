"""`triage vncert CASE`: the report to VNCERT with its letter, minutes and mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from triage.analysis import build
from triage.analysis.deadlines import remaining
from triage.case import Case
from triage.case.redactions import FILE_NAME
from triage.cli.files import made, write_whole
from triage.cli.options import lang_option, redacted_options, refuse_mixed
from triage.cli.redacting import nameless, names_of, outside, redacting, without_words
from triage.cli.seal import archive_of, mind_seal
from triage.errors import UsageError
from triage.intel.law import load_law
from triage.intel.organisation import FILE, Organisation, load_organisation
from triage.intel.roots import rules_root
from triage.outputs.escapes import visible
from triage.outputs.papers import PAPERS, lacking, make
from triage.outputs.papers.answers import Answers, How, Notified, load_answers
from triage.outputs.papers.mail import deadline_lines
from triage.outputs.papers.materials import FormId, Materials, gathered, internal_addresses
from triage.outputs.papers.wording import words
from triage.times import VIETNAM

_PATTERNS = ("%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y")
_DEFAULT = "mau-03,cong-van,bien-ban"

Command = TypeVar("Command", bound=Callable[..., object])


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return moment_of(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write 2026-11-22T08:15+07:00 or '22/11/2026 08:15'") from None


def moment_of(text: str) -> datetime:
    """A day and time; without an offset it is Vietnam's.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    when = _iso(text) or next((found for pattern in _PATTERNS if (found := _by(text, pattern))), None)
    if when is None:
        raise ValueError(text)
    return when if when.tzinfo else when.replace(tzinfo=VIETNAM)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if ":" in text else None
    except ValueError:
        return None


def _by(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - Vietnam's time, put in by the caller
    except ValueError:
        return None


def _answers(command: Command) -> Command:
    """The options that answer what no disk can tell."""
    for option in reversed(
        (
            click.option(
                "--detected-at",
                metavar="TIME",
                callback=_moment,
                help="T0, when it was detected (UTC+7 if no offset).",
            ),
            click.option("--how", type=click.Choice(get_args(How)), multiple=True, help="How it was detected."),
            click.option("--how-note", help="From whom the notice came, or how else it was detected."),
            click.option(
                "--notified", type=click.Choice(get_args(Notified)), multiple=True, help="Who has been told already."
            ),
            click.option("--handled/--not-handled", default=None, help="State of the incident."),
            click.option("--secret/--not-secret", default=None, help="Whether the report has to be kept secret."),
            click.option("--request", help="What help is asked for."),
            click.option("--number", help="Number of the report, without its symbol."),
            click.option(
                "--reported-at",
                metavar="TIME",
                callback=_moment,
                help="When the report is made; else left blank.",
            ),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--org",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"Profile made by `triage org`.  [default: {FILE} here, or beside the case]",
)
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Answers in a file; options go first.",
)
@_answers
@click.option(
    "--as",
    "names",
    default=_DEFAULT,
    show_default=True,
    help="Papers, separated by commas: mau-03 (initial report), mau-04 (closing report), cong-van, bien-ban.",
)
@redacted_options
@lang_option
def vncert(
    case: Path,
    org: Path | None,
    answers: Path | None,
    names: str,
    redacted: bool,
    hide: tuple[str, ...],
    out: Path | None,
    lang: str,
    **given: Any,  # noqa: ANN401
) -> int:
    """Write the incident report in the official form, its letter, minutes and mail, as DOCX to edit and PDF to send.

    Prints by when it must be sent. What is mandatory and not known is listed, and printed as such in the papers.
    Whoever the report is addressed to gets it whole. A redacted copy is for all others: it names neither people,
    machines and documents nor the office itself, and holds none of its own words, only ticks and times; no mail.
    """
    refuse_mixed(redacted=redacted, hide=hide, out=out)
    wanted = [_paper(name.strip()) for name in names.split(",")]
    profile, said = _profile(org, case), _told(answers, given)
    if redacted and out is not None:
        written = _redacted(case, profile, said, wanted, lang, outside(case, out), hide)
        for path in written:
            click.echo(path)
    else:
        with Case.open(case) as opened:
            materials, written = _papers(opened, case, profile, said, wanted, lang, out)
            for path in written:
                click.echo(path)
            _say(materials, wanted)
    mind_seal(case, [case / FILE_NAME] if redacted else written if out is None else [], lang)
    return 0


def write_papers(
    case: Path, profile: Organisation, told: Answers, wanted: Sequence[str], lang: str, out: Path | None = None
) -> tuple[Materials, list[Path]]:
    """Writes papers about a case into its folder, or another; gives what they were made of, and the files.

    Args:
        case: its folder.
        profile: of the organisation that reports.
        told: what no disk can tell.
        wanted: names of `PAPERS`.
        lang: "vi" or "en".
        out: a folder, made if new; None for the case.

    Raises:
        TriageError: no case; the folder cannot be made; its disk is full.
    """
    with Case.open(case) as opened:
        return _papers(opened, case, profile, told, wanted, lang, out)


def _papers(
    opened: Case,
    case: Path,
    profile: Organisation,
    told: Answers,
    wanted: Sequence[str],
    lang: str,
    out: Path | None,
) -> tuple[Materials, list[Path]]:
    archive, law = archive_of(case), load_law(rules_root())
    materials = gathered(build(opened), profile, told, law, lang, _form(wanted), archive)
    return materials, _written(materials, wanted, made(out) if out else case)


def _redacted(
    case: Path,
    profile: Organisation,
    told: Answers,
    wanted: Sequence[str],
    lang: str,
    place: Path,
    hide: Sequence[str],
) -> list[Path]:
    """The papers under tokens, without the office and its own words."""
    office, said, archive = nameless(profile), without_words(told), archive_of(case)
    with (
        Case.open(case) as opened,
        redacting(case, build(opened), (*hide, *names_of(profile))) as (hidden, _names),
    ):
        materials = gathered(hidden, office, said, load_law(rules_root()), lang, _form(wanted), archive)
        return _written(materials, wanted, place)


def _form(wanted: Sequence[str]) -> FormId:
    return "mau-04" if "bao-cao-mau-04" in wanted and "bao-cao-mau-03" not in wanted else "mau-03"


def _written(materials: Materials, wanted: Sequence[str], folder: Path) -> list[Path]:
    return [write_whole(folder / name, [content]) for name, content in make(materials, wanted)]


def _paper(name: str) -> str:
    found = next((paper for paper in PAPERS if name in (paper, paper.removeprefix("bao-cao-"))), None)
    if found is None:
        raise click.BadParameter(f"no paper called {name!r}; there are {', '.join(PAPERS)}", param_hint="--as")
    return found


def _profile(org: Path | None, case: Path) -> Organisation:
    places = [org] if org else [Path(FILE), case / FILE, case.parent / FILE]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        click.echo(f"triage: no {FILE}: the organisation is left blank; `triage org` makes one", err=True)
        return Organisation()
    return load_organisation(found)


def _told(answers: Path | None, given: dict[str, Any]) -> Answers:
    told = load_answers(answers) if answers else Answers()
    try:
        return replace(told, **{key: value for key, value in given.items() if value not in (None, ())})
    except ValueError as error:
        raise UsageError(str(error)) from error


def _say(materials: Materials, wanted: list[str]) -> None:
    """The deadlines with what is left of them, and what is missing."""
    fixed = words("mail", materials.lang)
    click.echo("")
    for line in due_lines(materials):
        click.echo(line)
    if internal := internal_addresses(materials.answers):
        click.echo("triage: " + fixed["internal"].format(addresses=", ".join(internal)), err=True)
    if missing := lacking(materials, wanted):
        click.echo(visible("triage: " + fixed["missing"].format(labels="; ".join(missing))), err=True)


def due_lines(materials: Materials) -> list[str]:
    """By when what must be sent to whom, with what is left of it now; the first line heads the others."""
    head, *lines = deadline_lines(materials)
    now = datetime.now(UTC)
    due = materials.clock.due if materials.clock else ()
    return [head] + [
        f"{line}{_left(remaining(one, now), materials.lang) if one.deadline.hours else ''}"
        for line, one in zip(lines, due, strict=True)
    ]


def _left(rest: timedelta, lang: str) -> str:
    hours, minutes = divmod(abs(rest) // timedelta(minutes=1), 60)
    return words("mail", lang)["left" if rest >= timedelta(0) else "over"].format(hours=hours, minutes=f"{minutes:02}")
