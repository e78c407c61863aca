"""Names and modes as the walk prints them, with small caches: a disk repeats itself."""

from __future__ import annotations

from functools import lru_cache

from triage.text import decode_name, printable

_NAME_LETTERS = dict(enumerate("-pcdbrlshwvV"))
_META_LETTERS = dict(enumerate("-rdpcblshwvV"))
"""TSK's letters for its numbers of name types and of metadata types."""


def printable_name(raw: bytes) -> str:
    """The printable form of a name as the file system stores it. Plain ASCII, nearly all names, passes in one step."""
    name = decode_name(raw)
    return name if name.isascii() and name.isprintable() and "\\" not in name else printable(name)


@lru_cache(maxsize=4096)
def mode_text(name_type: int, meta_type: int | None, mode: int) -> str:
    """`r/rrwxr-xr-x`: TSK's letters of the name's and the record's type, then the permissions.

    References:
        The Sleuth Kit, `tsk_fs_meta_make_ls`.
    """
    name = _NAME_LETTERS.get(name_type, "-")
    if meta_type is None:
        return f"{name}/----------"
    permissions = "".join(letter if mode >> (8 - place) & 1 else "-" for place, letter in enumerate("rwxrwxrwx"))
    special = list(permissions)
    for bit, place, with_x, without in ((0o4000, 2, "s", "S"), (0o2000, 5, "s", "S"), (0o1000, 8, "t", "T")):
        if mode & bit:
            special[place] = with_x if special[place] == "x" else without
    return f"{name}/{_META_LETTERS.get(meta_type, '-')}{''.join(special)}"
