"""The import hash of a Windows program: MD5 over `library.function` in the order of its import table.

pefile computes it too, in 9 to 230 ms a file; this walk gives the same in a fraction, with every table bounded,
so that it can be asked of each program in a place where users may write.

Limits:
    Bound and delayed imports are not part of it, as in the original definition.

References:
    Mandiant, "Tracking Malware with Import Hashing"; Microsoft, "PE Format", The .idata Section.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator

import pefile

from triage.errors import FormatError
from triage.formats.pe import PeScreen

DESCRIPTORS_MAX = 1024
SYMBOLS_MAX = 8192
"""Of all tables together, as in pefile."""

_NAME_MAX = 512
_FUNCTION = re.compile(rb"[A-Za-z0-9._?@$()<>]+")
_LIBRARY_TAILS = (".dll", ".ocx", ".sys")


def imphash(data: bytes | memoryview, screen: PeScreen) -> str:
    """Lower-case hex; empty where nothing is imported.

    Args:
        data: the whole file.
        screen: of the same file.

    Raises:
        FormatError: the import table leaves the file or exceeds a limit.
    """
    if not screen.imports:
        return ""
    names = ",".join(_imports(data, screen))
    return hashlib.md5(names.encode("latin-1"), usedforsecurity=False).hexdigest() if names else ""


def _imports(data: bytes | memoryview, screen: PeScreen) -> Iterator[str]:
    at = _offset(screen, screen.imports)
    left = SYMBOLS_MAX
    for index in range(DESCRIPTORS_MAX):
        try:
            lookup, _, _, library_at, addresses = struct.unpack_from("<5I", data, at + 20 * index)
        except struct.error as error:
            raise FormatError("PE import table, cut", at + 20 * index) from error
        if not (lookup or addresses or library_at):
            return
        library = _string(data, screen, library_at).lower()
        short = library[:-4] if library.endswith(_LIBRARY_TAILS) else library
        for symbol in _symbols(data, screen, library, lookup, addresses):
            left -= 1
            if left < 0:
                raise FormatError("PE import symbols, too many", at)
            yield f"{short}.{symbol.lower()}"
    raise FormatError("PE import table, too long", at)


def _symbols(data: bytes | memoryview, screen: PeScreen, library: str, lookup: int, addresses: int) -> Iterator[str]:
    """Names of one library's table: the lookup table, or the address table where old linkers wrote no other."""
    word, by_ordinal = ("<I", 1 << 31) if screen.bits == 32 else ("<Q", 1 << 63)
    size = struct.calcsize(word)
    start = screen.offset(lookup) if lookup else None
    if start is None or not any(data[start : start + size]):
        start = _offset(screen, addresses)
    for (thunk,) in struct.iter_unpack(word, _whole(data[start : start + SYMBOLS_MAX * size], size)):
        if not thunk:
            return
        if thunk & by_ordinal:
            yield _ordinal(library, thunk & 0xFFFF)
        elif (name := _string(data, screen, (thunk & 0x7FFFFFFF) + 2)) and _FUNCTION.fullmatch(name.encode("latin-1")):
            yield name


def _ordinal(library: str, number: int) -> str:
    """As pefile knows the names behind the ordinals of a few system libraries; of others, `ord<n>`."""
    name: bytes | str = pefile.ordlookup.ordLookup(library.encode("latin-1"), number, make_name=True)
    return name.decode("latin-1") if isinstance(name, bytes) else name


def _string(data: bytes | memoryview, screen: PeScreen, address: int) -> str:
    at = _offset(screen, address)
    raw = bytes(data[at : at + _NAME_MAX])
    end = raw.find(0)
    return raw[: end if end >= 0 else len(raw)].decode("latin-1")


def _whole(table: bytes | memoryview, size: int) -> bytes | memoryview:
    return table[: len(table) - len(table) % size]


def _offset(screen: PeScreen, address: int) -> int:
    at = screen.offset(address)
    if at is None:
        raise FormatError("PE import address outside every section", address)
    return at
