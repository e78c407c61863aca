"""A list to tick on screen: one file, nothing fetched; what is entered is saved into a copy of the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from triage.outputs.checklist.saved import Saved, to_block
from triage.outputs.checklist.sheet import Sheet
from triage.outputs.escapes import to_script
from triage.outputs.pages import environment, part, policy
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
    style, script = part(__package__, "templates/checklist.css"), part(__package__, "templates/checklist.js")
    fixed = words("checklist", sheet.lang)
    text = (
        environment(__package__)
        .get_template("checklist.html.jinja")
        .render(
            s=sheet,
            w=fixed,
            head=HEAD[sheet.kind],
            signed_by=SIGNED_BY[sheet.kind],
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=policy(style, script),
            kept=Markup(to_block(saved)),  # noqa: S704 - to_script leaves nothing HTML would read
            said=Markup(to_script({"name": name, "saved": fixed["saved"], "unsaved": fixed["unsaved"]})),  # noqa: S704
        )
    )
    yield text.encode()
