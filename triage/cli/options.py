"""Options that several verbs share."""

from __future__ import annotations

import click

lang_option = click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language of what is printed."
)
