"""Options that several verbs share."""

from __future__ import annotations

import re

import click

lang_option = click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language of what is printed."
)

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
