"""Private keys that lie on the evidence itself: the one given after payment, and the one of the demo files.

References:
    The demo files' key is a PRIVATEKEYBLOB inside the malware's own decryptor (`u.wnry`, `@WanaDecryptor@.exe`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from triage.errors import FormatError
from triage.formats import keyblob
from triage.model import Entry, Finding, Source
from triage.recover.keys import Key

_PROGRAM_MAX: Final = 16 << 20
"""The decryptor has 245,760 bytes; what is far larger only has its name."""
_PROGRAMS: Final = ("u.wnry", "@wanadecryptor@.exe", "!wanadecryptor!.exe")


def keys_on(source: Source, findings: Iterable[tuple[Finding, Entry]]) -> Iterator[Key]:
    """The keys, each once, in the order of the findings; a file that cannot be read holds none."""
    seen: set[int] = set()
    tried: set[tuple[int, str]] = set()
    for _, entry in findings:
        where = (entry.volume, entry.key)
        if where in tried or not _may_hold(entry):
            continue
        tried.add(where)
        for private in _keys_in(source, entry):
            if private.public.modulus not in seen:
                seen.add(private.public.modulus)
                yield Key(private, entry.path)


def public_keys(source: Source, findings: Iterable[tuple[Finding, Entry]]) -> Iterator[keyblob.PublicKey]:
    """The victim's public keys (`00000000.pky`), each once."""
    seen: set[int] = set()
    for _, entry in findings:
        if entry.key and entry.size == keyblob.PUBLIC_SIZE and entry.name.lower().endswith(".pky"):
            with suppress(OSError, FormatError):
                key = keyblob.parse_public(_bytes(source, entry))
                if key.modulus not in seen:
                    seen.add(key.modulus)
                    yield key


def _may_hold(entry: Entry) -> bool:
    name = entry.name.lower()
    if not entry.key:
        return False
    if name.endswith(".dky"):
        return entry.size == keyblob.PRIVATE_SIZE
    return name in _PROGRAMS and entry.size <= _PROGRAM_MAX


def _keys_in(source: Source, entry: Entry) -> list[keyblob.PrivateKey]:
    try:
        data = _bytes(source, entry)
    except OSError:
        return []
    return [private for _, private in keyblob.private_blobs(data)]


def _bytes(source: Source, entry: Entry) -> bytes:
    stream = source.open(entry)
    try:
        return bytes(stream.read(0, entry.size))
    finally:
        stream.close()
