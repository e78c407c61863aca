"""The original's bytes, out of what the malware left: in pieces, so that a file of any size takes no memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from triage.errors import FormatError
from triage.formats.wncry import STAGED_TAIL, Header
from triage.model import Stream

PIECE: Final = 1 << 20
_BLOCK: Final = 16


def plain(stream: Stream, size: int | None = None, start: int = 0) -> Iterator[bytes | memoryview]:
    """A stream's bytes from start, size of them or all.

    Raises:
        OSError: they cannot be read.
        FormatError: they end early.
    """
    at, end = start, stream.size if size is None else start + size
    while at < end:
        piece = stream.read(at, min(PIECE, end - at))
        if not piece:
            raise FormatError("content ends early", at)
        yield piece
        at += len(piece)


def staged(stream: Stream, header: Header) -> Iterator[bytes | memoryview]:
    """A staged file (type 3) put right: its tail over its head, cut to the original's size.

    Raises:
        OSError: it cannot be read.
        FormatError: it is shorter than its header says.
    """
    size = header.original_size
    if stream.size < size + STAGED_TAIL or size < STAGED_TAIL:
        raise FormatError("staged file, cut", stream.size)
    yield from plain(stream, STAGED_TAIL, size)
    yield from plain(stream, size - STAGED_TAIL, STAGED_TAIL)


def decrypted(stream: Stream, header: Header, key: bytes) -> Iterator[memoryview]:
    """An encrypted file (type 4) decrypted: AES-128-CBC from a zero vector, cut to the original's size.

    The pieces lie in two buffers by turns: each is good until the next but one is asked for.

    Raises:
        OSError: it cannot be read.
        FormatError: it is shorter than its header says.
    """
    left = header.original_size
    stored = -(-left // _BLOCK) * _BLOCK
    if stream.size < header.size + stored:
        raise FormatError("encrypted file, cut", stream.size)
    decryptor = Cipher(AES(key), CBC(bytes(_BLOCK))).decryptor()
    rooms = cycle([memoryview(bytearray(min(PIECE, stored) + 2 * _BLOCK)) for _ in range(2)])
    pending = b""
    for piece in plain(stream, stored, header.size):
        blocks: bytes | memoryview = piece
        if len(piece) % _BLOCK or pending:  # a short read: the cipher takes whole blocks
            joined = pending + bytes(piece)
            cut = len(joined) // _BLOCK * _BLOCK
            blocks, pending = joined[:cut], joined[cut:]
        room = next(rooms)
        done = min(decryptor.update_into(blocks, room), left)
        left -= done
        yield room[:done]
