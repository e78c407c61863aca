"""Names from evidence are hostile: undecodable, multi-line, right-to-left. Made printable once, at the source."""

from __future__ import annotations

import re

# C0/C1 controls, backslash (our own escape), lone surrogates, bidi and invisible format characters,
# line and paragraph separators, non-characters: what could hide, reorder or break a line of a report.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\\\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]"
)


def printable(name: str) -> str:
    r"""Every character that a reader, SQLite and UTF-8 can hold; the rest as `\xNN`, `\uNNNN`, `\UNNNNNNNN`.

    A backslash is doubled, so no two names become one. Vietnamese, NFC or NFD, is left as found.
    """
    return _UNSAFE.sub(_escape, name) if _UNSAFE.search(name) else name


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x5C:
        return "\\\\"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def decode_name(raw: bytes) -> str:
    """A name as its file system stores it, decoded without loss: bytes that are not UTF-8 become lone surrogates."""
    return raw.decode("utf-8", "surrogateescape")
