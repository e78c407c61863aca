"""Texts for people, in both languages."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text in both languages, in composed Unicode."""

    vi: str
    en: str

    def __post_init__(self) -> None:
        for text in (self.vi, self.en):
            if not text or text != " ".join(text.split()) or not unicodedata.is_normalized("NFC", text):
                raise ValueError(f"{text!r} is empty, has stray spaces or is not composed Unicode")

    def of(self, lang: str) -> str:
        """The text in a language."""
        return self.vi if lang == "vi" else self.en
