"""Options that several verbs share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

lang_option = click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language of what is printed."
)


def redacted_options(command: Command) -> Command:
    """`--redacted`, `--hide` and `--out`."""
    for option in (
        click.option(
            "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to.  [default: the case]"
        ),
        click.option(
            "--hide", multiple=True, metavar="TEXT", help="With --redacted: one more name that must not be read."
        ),
        click.option(
            "--redacted",
            is_flag=True,
            help="Tokens for names of people, machines and documents; needs --out, outside the case.",
        ),
    ):
        command = option(command)
    return command


def refuse_mixed(*, redacted: bool, hide: tuple[str, ...], out: Path | None) -> None:
    """A redacted copy needs its own folder; names are hidden in no other.

    Raises:
        UsageError: of click, which says so.
    """
    if redacted and out is None:
        raise click.UsageError("--redacted needs --out: a folder outside the case")
    if hide and not redacted:
        raise click.UsageError("--hide goes with --redacted")


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_MOST = 4000 << 20  # an archive of so much fits under the 4 GiB of FAT32


class Size(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.2
    """A number of bytes, with K, M or G."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> int:
        """The number of bytes."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,12})([KMG]?)(?:i?B)?", str(value).strip(), re.IGNORECASE)
        size = int(found[1]) * _UNITS[found[2].upper()] if found else 0
        if not 0 < size <= _MOST:
            self.fail(f"{value!r} is no size from 1 to 4000M; FAT32 holds no file over 4 GiB", param, context)
        return size
