"""What every page of ours stands on: our own templates, nothing fetched, names that hide nothing, a strict policy."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from triage.outputs.escapes import visible


def part(package: str, name: str) -> str:
    """A template, style or script of a package, `templates/report.css`.

    Read as text, so line ends are the same wherever it was checked out, and with them the policy's hashes.
    """
    return files(package).joinpath(*name.split("/")).read_text("utf-8")


def environment(package: str, folder: str = "templates/") -> Environment:
    """For the templates in a package's folder: all that they print is escaped, an unknown name is an error."""
    return Environment(
        loader=FunctionLoader(partial(_below, package, folder)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )


def policy(style: str, script: str, *, images: bool = False) -> str:
    """The page's own policy: its one style and its one script by their hashes, nothing else.

    Args:
        style: as it stands in the page.
        script: as it stands in the page.
        images: those that the page itself carries are shown, too.
    """
    shown = "img-src data:; " if images else ""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; {shown}"
        "base-uri 'none'; form-action 'none'"
    )


def _below(package: str, folder: str, name: str) -> str:
    return part(package, folder + name)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(value: object) -> object:
    """Whatever stands in the page hides nothing; markup of our own passes."""
    return visible(value) if type(value) is str else value
