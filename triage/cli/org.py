"""`triage org [--out to-chuc.toml]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final, TypeVar

import click

from triage.cli.files import write_whole
from triage.cli.options import lang_option
from triage.errors import UsageError
from triage.intel.organisation import FILE, Organisation, Person, System, load_organisation, to_toml
from triage.outputs.papers.wording import words

Value = str | int | tuple[str, ...]
Command = TypeVar("Command", bound=Callable[..., object])

_NESTED: Final = {"contact": Person, "system": System}
KEYS: Final = (
    *(field.name for field in fields(Organisation) if field.name not in _NESTED),
    *(f"{table}_{field.name}" for table, kind in _NESTED.items() for field in fields(kind)),
)
"""What is asked, in this order."""

_EXAMPLES: Final = {
    **dict.fromkeys(("phone", "contact_phone"), "0205 3812 345"),
    **dict.fromkeys(("email", "contact_email"), "vanthu@coquan.gov.vn"),
    "level": "3",
    "system_domains": "coquan.gov.vn; dichvu.coquan.gov.vn",
    "system_addresses": "8.8.8.8",
}
"""Answers as those keys take them."""


def _options(command: Command) -> Command:
    for key in reversed(KEYS):
        question = words("org", "en")[key]
        command = click.option(f"--{key.replace('_', '-')}", key, metavar="TEXT", help=question)(command)
    return command


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=FILE,
    show_default=True,
    help="The profile; what it holds already is kept.",
)
@click.option("--ask/--no-ask", default=None, help="Ask for what no option gives. Default: on a terminal only.")
@_options
@lang_option
def org(out: Path, ask: bool | None, lang: str, **given: str | None) -> int:
    """Make the organisation's profile that forms and letters are filled from. What is left empty stays unknown."""
    profile = load_organisation(out) if out.exists() else Organisation()
    asking = sys.stdin.isatty() if ask is None else ask
    for key in KEYS:
        text = given[key]
        if text is not None:
            try:
                profile = with_answer(profile, key, text)
            except ValueError as error:
                raise UsageError(f"--{key.replace('_', '-')}: {error}") from error
        elif asking:
            profile = _asked(profile, key, lang)
    save(profile, out)
    wording = words("org", lang)
    empty = [key for key in KEYS if not value_of(profile, key)]
    click.echo(wording["saved" if empty else "complete"].format(path=out))
    for key in empty:
        click.echo(f"  --{key.replace('_', '-')}: {wording[key]}")
    return 0


def save(profile: Organisation, out: Path) -> None:
    """Writes a profile.

    Raises:
        UsageError: it cannot be written.
    """
    write_whole(out, [to_toml(profile).encode()], "--out")


def _asked(profile: Organisation, key: str, lang: str) -> Organisation:
    """Asks until the answer is one; nothing keeps what there is."""
    wording = words("org", lang)
    question = wording[key]
    before = shown(value_of(profile, key))
    while True:
        text = click.prompt(question, default=before, show_default=bool(before))
        try:
            return with_answer(profile, key, text)
        except ValueError as error:
            wrong = wording["wrong"].format(example=_EXAMPLES.get(key, "-"))
            click.echo(f"{wrong} ({error})" if lang == "en" else wrong, err=True)


def value_of(profile: Organisation, key: str) -> Value:
    """What a profile holds for one of KEYS."""
    table, _, name = key.partition("_")
    if table == "contact":
        return str(getattr(profile.contact, name))
    holder = (profile.system[0] if profile.system else System()) if table == "system" else profile
    value: Value = getattr(holder, name if table == "system" else key)
    return value


def shown(value: Value) -> str:
    """A value as it is asked for; empty where there is none."""
    return "; ".join(value) if isinstance(value, tuple) else str(value or "")


def with_answer(profile: Organisation, key: str, text: str) -> Organisation:
    """The profile with one answer.

    Raises:
        ValueError: it is not what that key holds.
    """
    value = _read(text.strip(), value_of(Organisation(), key))
    table, _, name = key.partition("_")
    if table == "contact":
        return _replaced(profile, {"contact": Person(**{**asdict(profile.contact), name: str(value)})})
    if table == "system":
        first = profile.system[0] if profile.system else System()
        kept = {field.name: getattr(first, field.name) for field in fields(System)}
        return _replaced(profile, {"system": (System(**{**kept, name: value}), *profile.system[1:])})
    return _replaced(profile, {key: value})


def _read(text: str, like: Value) -> Value:
    if isinstance(like, tuple):
        return tuple(part.strip() for part in text.split(";") if part.strip())
    if isinstance(like, int):
        if text and not text.isdecimal():
            raise ValueError(f"{text!r} is no number")
        return int(text or 0)
    return text


def _replaced(profile: Organisation, change: Mapping[str, object]) -> Organisation:
    kept = {field.name: getattr(profile, field.name) for field in fields(Organisation)}
    return Organisation(**{**kept, **change})
