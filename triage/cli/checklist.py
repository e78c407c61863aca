"""`triage checklist CASE`: what to do at this machine, asked and answered where the technician stands."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from triage.analysis import Dossier, VerdictLevel, build
from triage.analysis.machine import Answers, Told
from triage.case import Case
from triage.case.redactions import FILE_NAME
from triage.cli.files import made, say, write_whole
from triage.cli.options import lang_option, redacted_options, refuse_mixed
from triage.cli.redacting import nameless, names_of, only_ticks, outside, redacting
from triage.cli.seal import mind_seal
from triage.errors import CaseError
from triage.intel.checklists import Checklist, load_checklist, load_criteria
from triage.intel.organisation import FILE as PROFILE
from triage.intel.organisation import Organisation, load_organisation
from triage.intel.roots import rules_root
from triage.outputs.checklist import document, page
from triage.outputs.checklist.saved import Saved, read_saved
from triage.outputs.checklist.screen import steps
from triage.outputs.checklist.sheet import Kind, Sheet, isolation_sheet, prevention_sheet, reconnection_sheet
from triage.outputs.papers import docx, pdf
from triage.outputs.papers.paper import Letterhead
from triage.outputs.papers.wording import words

NAMES: Final[dict[Kind, str]] = {
    "isolation": "checklist",
    "prevention": "phong-ngua",
    "reconnection": "tai-hoa-mang",
}
"""File names in the case, before the ending."""
FORMS: Final = ("html", "pdf", "docx")

Answer = TypeVar("Answer")

_TOLD: Final = click.Choice(["yes", "no", "unknown"])
_WORDS: Final[dict[str, Told]] = {
    **dict.fromkeys(("c", "có", "co", "y", "yes"), "yes"),
    **dict.fromkeys(("k", "không", "khong", "n", "no"), "no"),
    **dict.fromkeys(("", "?", "chưa rõ", "chua ro", "u", "unknown"), "unknown"),
}
_HINT: Final = {"vi": "c = có, k = không, Enter = chưa rõ", "en": "y = yes, n = no, Enter = not known"}
_MORE_HINT: Final = {"vi": "Enter = chưa rõ", "en": "Enter = not known"}
_AGAIN: Final = {"vi": "Trả lời c, k hoặc Enter.", "en": "Answer y, n or Enter."}
_DAY_AGAIN: Final = {"vi": "Ghi ngày như 31/12/2026.", "en": "Write the day as 31/12/2026."}


def _day_option(_context: click.Context, _option: click.Parameter, text: str | None) -> date | None:
    try:
        return day_of(text or "")
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day; write 31/12/2026 or 2026-12-31") from None


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--running", type=_TOLD, help="The machine is switched on now.")
@click.option("--rebooted", type=_TOLD, help="It was started again since it was infected.")
@click.option("--network", type=_TOLD, help="It is still on a network.")
@click.option("--neighbours", metavar="TEXT", help="Which machines share its segment.")
@click.option("--backup", type=_TOLD, help="There is a backup kept apart.")
@click.option("--backup-date", metavar="DAY", callback=_day_option, help="Of its last copy.")
@click.option("--isolation", "kind", flag_value="isolation", help="What to do now (default where something was found).")
@click.option("--prevention", "kind", flag_value="prevention", help="What the letters order where nothing was found.")
@click.option("--reconnection", "kind", flag_value="reconnection", help="May it go back on the network?")
@click.option(
    "--org",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"Profile made by `triage org`, for the certificate.  [default: {PROFILE} here, or beside the case]",
)
@click.option("--as", "forms", default="html,pdf", show_default=True, help=f"What to write: {', '.join(FORMS)}.")
@redacted_options
@lang_option
def checklist(
    case: Path,
    kind: Kind | None,
    org: Path | None,
    forms: str,
    redacted: bool,
    hide: tuple[str, ...],
    out: Path | None,
    lang: str,
    **given: Any,  # noqa: ANN401
) -> int:
    """Make the lists for people: what to do at this machine, in order, to tick and to sign.

    Three things no disk can answer are asked; options answer them beforehand, and what nobody knows stays unknown.
    Ticks that were saved into the case's page are carried over. A redacted copy shows ticks, but nothing that was
    written into the list, and not the office.
    """
    refuse_mixed(redacted=redacted, hide=hide, out=out)
    wanted = [_form(part.strip()) for part in forms.split(",")]
    told = {name: value for name, value in given.items() if value is not None}
    ask = partial(_asked, lang=lang) if sys.stdin.isatty() else None
    sheets, written = make_lists(
        case, told, lang, kind=kind, org=org, forms=wanted, ask=ask, out=out, hide=hide if redacted else None
    )
    for sheet in sheets:
        say(steps(sheet))
    for path in written:
        click.echo(path)
    mind_seal(case, [case / FILE_NAME] if redacted else written if out is None else [], lang)
    return 0


def make_lists(
    case: Path,
    told: Mapping[str, Any],
    lang: str,
    *,
    kind: Kind | None = None,
    org: Path | None = None,
    forms: Sequence[str] = ("html", "pdf"),
    ask: Callable[[Checklist], Answers] | None = None,
    out: Path | None = None,
    hide: Sequence[str] | None = None,
) -> tuple[tuple[Sheet, ...], list[Path]]:
    """Writes the lists that a case calls for; gives them, and the files.

    Args:
        case: its folder.
        told: fields of `Answers` that are known; what an earlier page holds stays.
        lang: "vi" or "en".
        kind: one list; None for those that the verdict calls for.
        org: the office's profile; None looks for it.
        forms: of FORMS.
        ask: asks for the answers where nothing is known.
        out: a folder, made if new; None for the case.
        hide: what more to hide in a redacted copy, which needs `out`; None for the whole lists.

    Raises:
        CaseError: no case, or its disk is full.
    """
    sheets: list[Sheet] = []
    written: list[Path] = []
    known, office = load_checklist(rules_root()), _office(org, case)
    with ExitStack() as stack:
        dossier, place = build(stack.enter_context(Case.open(case))), case
        kinds = (kind,) if kind else fitting(dossier)
        if hide is not None and out is not None:
            place = outside(case, out)
            dossier, _names = stack.enter_context(redacting(case, dossier, (*hide, *names_of(office))))
            office = nameless(office)
        elif out is not None:
            place = made(out)
        for one in kinds:
            saved = _held(case / f"{NAMES[one]}.html")
            answers: Answers = replace(saved.answers, **told)
            if ask and one == "isolation" and answers == Answers() and not told:
                answers = ask(known)
            saved = replace(saved, answers=answers)
            if hide is not None:
                saved = only_ticks(saved)
            sheets.append(_sheet(one, dossier, saved.answers, known, lang))
            head = _letterhead(office)
            written += [_write(sheets[-1], saved, place / f"{NAMES[one]}.{form}", head) for form in forms]
    return tuple(sheets), written


def fitting(dossier: Dossier) -> tuple[Kind, ...]:
    """Which lists a verdict calls for."""
    match dossier.verdict.level:
        case VerdictLevel.NOTHING_FOUND:
            return ("prevention", "reconnection")
        case VerdictLevel.INCONCLUSIVE:
            return ("isolation", "prevention")
    return ("isolation",)


def _sheet(kind: Kind, dossier: Dossier, answers: Answers, known: Checklist, lang: str) -> Sheet:
    match kind:
        case "isolation":
            return isolation_sheet(dossier, answers, known, lang)
        case "prevention":
            return prevention_sheet(dossier, load_criteria(rules_root(), kind), lang)
        case "reconnection":
            return reconnection_sheet(dossier, load_criteria(rules_root(), kind), lang)


def _held(path: Path) -> Saved:
    """What an earlier page of this case holds."""
    if not path.exists():
        return Saved()
    try:
        return read_saved(path.read_bytes(), str(path))
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}") from error


def _write(sheet: Sheet, saved: Saved, path: Path, head: Letterhead) -> Path:
    if path.suffix == ".html":
        return write_whole(path, page.render(sheet, saved, path.name))
    paper = document.paper(sheet, saved, head)
    return write_whole(path, [(pdf if path.suffix == ".pdf" else docx).render(paper)])


def _office(org: Path | None, case: Path) -> Organisation:
    """Whose profile is given or lies near; a blank one where there is none."""
    places = [org] if org else [Path(PROFILE), case / PROFILE, case.parent / PROFILE]
    found = next((place for place in places if place.is_file()), None)
    return load_organisation(found) if found else Organisation()


def _letterhead(office: Organisation) -> Letterhead:
    return Letterhead(
        authority=office.managing_body,
        organisation=office.name,
        symbol=f"BB-{office.symbol}" if office.symbol else "BB",
        place=office.place,
    )


def _form(name: str) -> str:
    if name not in FORMS:
        raise click.BadParameter(f"no form {name!r}; there are {', '.join(FORMS)}", param_hint="--as")
    return name


# -- asking ----------------------------------------------------------------------------------------------------------


def _asked(known: Checklist, lang: str) -> Answers:
    """The three questions, on the terminal; on stderr, so that results can be piped."""
    click.echo(f"{words('checklist', lang)['questions']}:", err=True)
    answers = Answers()
    for number, question in enumerate(known.questions, 1):
        told = _prompted(f"{number}. {question.text.of(lang)} ({_HINT[lang]})", _told, _AGAIN[lang])
        more = f"   {question.more.of(lang)}"
        match question.id:
            case "running":
                answers = replace(answers, running=told)
                if told == "yes":
                    rebooted = _prompted(f"{more} ({_HINT[lang]})", _told, _AGAIN[lang])
                    answers = replace(answers, rebooted=rebooted)
            case "network":
                neighbours = _prompted(f"{more} ({_MORE_HINT[lang]})", str.strip, "")
                answers = replace(answers, network=told, neighbours=neighbours)
            case "backup":
                answers = replace(answers, backup=told)
                if told == "yes":
                    day = _prompted(f"{more} ({_MORE_HINT[lang]})", day_of, _DAY_AGAIN[lang])
                    answers = replace(answers, backup_date=day)
    return answers


def _prompted(text: str, read: Callable[[str], Answer], again: str) -> Answer:
    """What read makes of the answer; asked again until it can."""
    while True:
        given: str = click.prompt(text, default="", show_default=False, prompt_suffix=": ", err=True)
        try:
            return read(given.strip())
        except ValueError:
            click.echo(again, err=True)


def _told(text: str) -> Told:
    told = _WORDS.get(unicodedata.normalize("NFC", text).lower())
    if told is None:
        raise ValueError(text)
    return told


def day_of(text: str) -> date | None:
    """`31/12/2026` or `2026-12-31`; None of nothing."""
    if not text:
        return None
    form = "%Y-%m-%d" if "-" in text else "%d/%m/%Y"
    return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
