"""Text from evidence, made safe for a screen, a page and a line of JSON.

Paths are printable since the source; details, facts and journal lines may still hold anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from triage.model import Json
from triage.text import printable

# What JSON lets through but a terminal, a line reader, UTF-8 or a reading eye would stumble over.
_RAW = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
# What could end a <script> block.
_MARKUP = re.compile("[<>&]")


def visible(text: str) -> str:
    r"""Nothing that hides, reorders or breaks a line; names that are printable already stay as they are.

    Unlike `text.printable` a backslash is not doubled, for paths carry those escapes already.
    """
    if text.isascii() and text.isprintable():  # nearly every text, and many times faster
        return text
    return "\\".join(printable(part) for part in text.split("\\"))


def visible_json(value: Json) -> Json:
    """The same value with every string and key visible."""
    match value:
        case str():
            return visible(value)
        case list():
            return [visible_json(item) for item in value]
        case dict():
            return {visible(key): visible_json(item) for key, item in value.items()}
        case _:
            return value


def to_json(value: object, *, indent: int | None = None) -> str:
    r"""JSON in readable UTF-8; controls, bidi marks and lone surrogates as `\uNNNN`. Key order is kept."""
    text = (_COMPACT if indent is None else _encoder(indent)).encode(value)
    return text if text.isascii() and "\x7f" not in text else _RAW.sub(_escape, text)


def to_script(value: object) -> str:
    """JSON that stands inside an HTML <script> block and cannot end it."""
    return _MARKUP.sub(_escape, to_json(value))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


def _encoder(indent: int | None) -> json.JSONEncoder:
    separators = (",", ":") if indent is None else (",", ": ")
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent, separators=separators, default=_plain)


_COMPACT: Final = _encoder(None)
"""Kept: making an encoder costs more than a line of JSON."""


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
