"""What the assistant says, in both languages: `wording.toml`, each key with `vi` and `en`."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_BARE: Final = str.maketrans({"đ": "d", "Đ": "D", "–": "-", "…": "...", "•": "*", "“": '"', "”": '"', "→": "->"})


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language.

    Args:
        lang: "vi" or "en".
        bare: for a screen that cannot show diacritics.
    """

    lang: str
    bare: bool = False

    def __call__(self, key: str, /, **values: object) -> str:
        """The wording of a key, its blanks filled in."""
        text = _wording()[key][self.lang]
        return text.format(**values) if values else text

    def shown(self, text: str) -> str:
        """The text as this screen can show it."""
        if not self.bare:
            return text
        bare = unicodedata.normalize("NFD", text.replace("↑↓", "mũi tên").translate(_BARE))
        return "".join(character for character in bare if not unicodedata.combining(character))


@cache
def _wording() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("wording.toml").read_text("utf-8"))
