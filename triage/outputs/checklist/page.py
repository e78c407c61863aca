"""A list to tick on screen: one file, nothing fetched; what is entered is saved into a copy of the file itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from triage.outputs.checklist.saved import Saved, to_block
from triage.outputs.checklist.sheet import Sheet
from triage.outputs.escapes import to_script, visible
from triage.outputs.papers.wording import words

HEAD: Final = {
    "isolation": ("unit", "place", "t0", "lead", "contact"),
    "prevention": ("unit", "place", "lead"),
    "reconnection": ("unit", "place", "lead"),
}
"""Fields above each list."""

SIGNED_BY: Final = {
    "isolation": ("sign-doer", "sign-witness", "sign-head"),
    "prevention": ("sign-verifier", "sign-head"),
    "reconnection": ("sign-verifier", "sign-witness", "sign-head"),
}
"""Who signs which list."""


def render(sheet: Sheet, saved: Saved, name: str) -> Iterator[bytes]:
    """The page, with what was ticked before. name: of the file it saves itself as."""
    style, script = _part("checklist.css"), _part("checklist.js")
    fixed = words("checklist", sheet.lang)
    text = (
        _environment()
        .get_template("checklist.html.jinja")
        .render(
            s=sheet,
            w=fixed,
            head=HEAD[sheet.kind],
            signed_by=SIGNED_BY[sheet.kind],
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
            kept=Markup(to_block(saved)),  # noqa: S704 - to_script leaves nothing HTML would read
            said=Markup(to_script({"name": name, "saved": fixed["saved"], "unsaved": fixed["unsaved"]})),  # noqa: S704
        )
    )
    yield text.encode()


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    return visible(value) if type(value) is str else value


def _part(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
