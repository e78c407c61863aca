"""The fixed words of papers in both languages: `wording/<name>.toml`, each key with `vi` and `en`.

Vietnamese is the official wording of the forms; English is a working translation of it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from triage.errors import UsageError

LANGUAGES: Final = ("vi", "en")


@cache
def words(name: str, lang: str) -> dict[str, str]:
    """Every wording of one file in a language.

    Raises:
        UsageError: there is no such language.
    """
    if lang not in LANGUAGES:
        raise UsageError(f"no language {lang!r}: choose one of {', '.join(LANGUAGES)}")
    rows = tomllib.loads(files(__package__).joinpath("wording", f"{name}.toml").read_text("utf-8"))
    return {key: row[lang] for key, row in rows.items()}
