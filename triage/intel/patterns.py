"""Name patterns: what a file or folder is called, and where in the tree it counts.

`*` any characters but `/` · `**` any characters · `?` one character but `/` · `[a-z]` a class ·
`{tag}` a placeholder whose regular expression the family names once. Case never counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PIECE = re.compile(r"(\*\*|\*|\?|\[[^\]/]+\]|\{[a-z0-9_]+\})")
_WILD = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def translate(pattern: str, placeholders: Mapping[str, str], exact_case: bool = False) -> str:
    """The regular expression for a lower-cased name or path, or for one as it stands where case counts.

    Raises:
        ValueError: a placeholder that the family does not name.
    """
    return "".join(_piece(piece, placeholders) for piece in _PIECE.split(pattern if exact_case else pattern.lower()))


def _piece(piece: str, placeholders: Mapping[str, str]) -> str:
    if piece in _WILD:
        return _WILD[piece]
    if len(piece) > 2 and piece[0] == "{" and piece[-1] == "}":
        if piece[1:-1] not in placeholders:
            raise ValueError(f"placeholder {piece} is not named under [placeholders]")
        return f"(?:{placeholders[piece[1:-1]]})"
    if len(piece) > 2 and piece[0] == "[" and piece[-1] == "]":
        inside = piece[1:-1].replace("\\", r"\\")
        return f"[^{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
    return re.escape(piece)


def is_literal(pattern: str) -> bool:
    """No wildcard: the pattern is a name."""
    return _PIECE.search(pattern.lower()) is None


def literal_suffix(pattern: str) -> str:
    """The literal extension (`.wnry`) that every matching name ends with, or nothing."""
    tail = _PIECE.split(pattern.lower())[-1]
    return tail[tail.rindex(".") :] if "." in tail else ""


def compile_place(pattern: str, placeholders: Mapping[str, str]) -> re.Pattern[str]:
    """Matches a whole lower-cased path whose last parts fit: evidence may be a drive or a copy of one.

    `/Windows/tasksche.exe` fits `/windows/tasksche.exe` and `/evidence/c/windows/tasksche.exe`.
    """
    return re.compile(f"(?:/.*)?{translate(pattern, placeholders)}", re.DOTALL)
