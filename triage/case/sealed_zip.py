"""A zip of AES-256 members that two runs write alike, to the byte.

The password is public (`infected`, by convention among analysts): it only keeps an antivirus from eating the evidence
and a hand from starting it by a double click. No secret hangs on the salts, so they are derived from what a member
is, and times are fixed. Members are deflated and encrypted one by one, where they are read; the archive only
joins them.

References:
    APPNOTE.TXT 6.3.10, 4.3 and 4.5; WinZip, "AES Encryption Information", AE-2.

Limits:
    No Zip64: fewer than 65,535 members, less than 4 GiB in all, which is also the most that FAT32 takes.
    Another build of zlib may deflate to other bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter

PASSWORD = b"infected"
MEMBERS_MAX = 60_000

OVERHEAD = 18 + 10
"""Bytes of a payload beside the deflated content: salt, password check, authentication code."""

_DEFLATE_LEVEL = 3
_ROUNDS = 1000
_TAG = 10
_STEP = 1 << 20
_VERSION = 51
_ENCRYPTED = 1
_METHOD_AES = 99
_DATE = 0x21  # 1980-01-01, the first a zip can hold
_AES_EXTRA = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, zlib.DEFLATED)
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member whose payload is written already. name: ASCII; size: of the content, in bytes."""

    name: str
    size: int
    payload: Path


def payload(content: Iterable[bytes | memoryview], salted_by: str) -> Iterator[bytes]:
    """Content as it stands in the zip: salt, password check, deflated and encrypted bytes, authentication code."""
    salt = hashlib.sha256(salted_by.encode("utf-8", "surrogatepass")).digest()[:16]
    key, mac, check = _keys(salt)
    cipher = AES.new(key, AES.MODE_CTR, counter=Counter.new(128, little_endian=True))
    deflate = zlib.compressobj(_DEFLATE_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    yield salt + check

    def deflated() -> Iterator[bytes]:
        for piece in content:
            for start in range(0, len(piece), _STEP):
                yield deflate.compress(piece[start : start + _STEP])
        yield deflate.flush()

    for piece in deflated():
        if piece:
            sealed = cipher.encrypt(piece)
            mac.update(sealed)
            yield sealed
    yield mac.digest()[:_TAG]


def is_whole(path: Path) -> bool:
    """A payload was written to its end: its authentication code holds."""
    left = path.stat().st_size - OVERHEAD
    if left < 0:
        return False
    with path.open("rb") as stream:
        _key, mac, _check = _keys(stream.read(16))
        stream.read(2)
        while left and (piece := stream.read(min(left, _STEP))):
            mac.update(piece)
            left -= len(piece)
        return hmac.compare_digest(mac.digest()[:_TAG], stream.read(_TAG))


def _keys(salt: bytes) -> tuple[bytes, hmac.HMAC, bytes]:
    material = hashlib.pbkdf2_hmac("sha1", PASSWORD, salt, _ROUNDS, 66)
    return material[:32], hmac.new(material[32:64], digestmod="sha1"), material[64:]


def join(members: Iterable[Member], target: BinaryIO) -> None:
    """Writes the zip; holds one MiB at once."""
    directory: list[bytes] = []
    at = 0
    for member in members:
        name = member.name.encode("ascii")
        stored = member.payload.stat().st_size
        given = (_VERSION, _ENCRYPTED, _METHOD_AES, 0, _DATE, 0, stored, member.size, len(name), len(_AES_EXTRA))
        directory.append(_CENTRAL.pack(b"PK\1\2", _VERSION, *given, 0, 0, 0, 0, at) + name + _AES_EXTRA)
        target.write(header := _LOCAL.pack(b"PK\3\4", *given) + name + _AES_EXTRA)
        with member.payload.open("rb") as stream:
            while piece := stream.read(_STEP):
                target.write(piece)
        at += len(header) + stored
    listed = b"".join(directory)
    target.write(listed)
    target.write(_END.pack(b"PK\5\6", 0, 0, len(directory), len(directory), len(listed), at, 0))
