"""Vietnamese and English of the comparison; what other outputs word already comes from their catalogue."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from triage.outputs.catalogue import translate

FILE: Final = "wording.toml"


def word(text: str, lang: str, kind: str = "phrase") -> str:
    """The wording of an id or an English phrase in a language; of what this room does not know the common one."""
    told = wordings().get(kind, {}).get(text)
    match told:
        case str():
            return told if lang == "vi" else text
        case {"vi": str(vi), "en": str(en)}:
            return vi if lang == "vi" else en
        case _:
            return translate(text, lang, kind)


@cache
def wordings() -> dict[str, dict[str, Any]]:
    """Every wording, by kind."""
    return tomllib.loads(files(__package__).joinpath(FILE).read_text("utf-8"))
