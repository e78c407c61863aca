"""WannaCry's key files: the victim's public key, the wrapped private key and, after payment, the private key.

Limits:
    Whether a private key opens a machine's files is told by its modulus alone; nothing is decrypted here.

References:
    [MS-MQQB] 2.2.1 and Windows SDK, PUBLICKEYSTRUC and RSAPUBKEY: PUBLICKEYBLOB, PRIVATEKEYBLOB.
    The annotated decompile of the encryptor: records of `00000000.eky`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from struct import Struct

from triage.errors import FormatError

PUBLIC_SIZE = 276
PRIVATE_SIZE = 1172
RECORD_SIZE = 1284
"""Of one record of `.eky`: its length, 0x500, and five RSA-2048 blocks."""

BITS = 2048
EXPONENT = 65537
RECORDS_MAX = 256
"""The file is appended to at every first start; more records than this is some other file."""

_BLOB = Struct("<BBHI4sII")  # type, version, reserved, algorithm, magic, bits, exponent
_CALG_RSA_KEYX = 0xA400
_PUBLIC, _PRIVATE, _VERSION = 6, 7, 2
_PRIVATE_HEAD = _BLOB.pack(_PRIVATE, _VERSION, 0, _CALG_RSA_KEYX, b"RSA2", BITS, EXPONENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """An RSA-2048 public key."""

    modulus: int
    exponent: int

    @property
    def modulus_sha256(self) -> str:
        """Of the modulus as stored, 256 bytes little-endian: the victim's key in one line."""
        return hashlib.sha256(self.modulus.to_bytes(BITS // 8, "little")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """An RSA-2048 private key whose numbers belong together.

    Attributes:
        prime1: prime1 * prime2 is the modulus.
        exponent: the private one.
    """

    public: PublicKey
    prime1: int
    prime2: int
    exponent: int


def parse_public(data: bytes) -> PublicKey:
    """A PUBLICKEYBLOB of RSA-2048 (`00000000.pky`).

    Raises:
        FormatError: another size, another key, or a modulus that no RSA key has.
    """
    if len(data) != PUBLIC_SIZE:
        raise FormatError("PUBLICKEYBLOB size", len(data))
    return _public(data, _PUBLIC, b"RSA1")


def parse_private(data: bytes) -> PrivateKey:
    """A PRIVATEKEYBLOB of RSA-2048 (`00000000.dky`), its primes multiplied and its exponents checked.

    Raises:
        FormatError: another size, or numbers that do not belong together.
    """
    if len(data) != PRIVATE_SIZE:
        raise FormatError("PRIVATEKEYBLOB size", len(data))
    public = _public(data, _PRIVATE, b"RSA2")
    at = _BLOB.size + BITS // 8
    half, full = BITS // 16, BITS // 8
    fields = []
    for size in (half, half, half, half, half, full):
        fields.append(int.from_bytes(data[at : at + size], "little"))
        at += size
    prime1, prime2, exponent1, exponent2, coefficient, exponent = fields
    if prime1 < 2 or prime2 < 2 or prime1 * prime2 != public.modulus:
        raise FormatError("PRIVATEKEYBLOB primes", _BLOB.size + full)
    if (
        exponent1 != exponent % (prime1 - 1)
        or exponent2 != exponent % (prime2 - 1)
        or coefficient * prime2 % prime1 != 1
        or exponent * public.exponent % math.lcm(prime1 - 1, prime2 - 1) != 1
    ):
        raise FormatError("PRIVATEKEYBLOB exponents", _BLOB.size + full + 2 * half)
    return PrivateKey(public=public, prime1=prime1, prime2=prime2, exponent=exponent)


def private_of(modulus: int, prime: int, exponent: int = EXPONENT) -> PrivateKey:
    """The private key of a modulus one of whose primes is known.

    Raises:
        ValueError: prime does not divide the modulus, or the numbers are no RSA-2048 key's.
    """
    other, rest = divmod(modulus, prime)
    if rest or prime < 2 or other < 2 or modulus.bit_length() != BITS:
        raise ValueError("not a prime of this modulus")
    private = pow(exponent, -1, math.lcm(prime - 1, other - 1))
    return PrivateKey(
        public=PublicKey(modulus=modulus, exponent=exponent), prime1=prime, prime2=other, exponent=private
    )


def private_blob(key: PrivateKey) -> bytes:
    """The PRIVATEKEYBLOB of a key, as `00000000.dky` holds it: other decryptors read it."""
    first, second, half, full = key.prime1, key.prime2, BITS // 16, BITS // 8
    numbers = (
        (key.public.modulus, full),
        (first, half),
        (second, half),
        (key.exponent % (first - 1), half),
        (key.exponent % (second - 1), half),
        (pow(second, -1, first), half),
        (key.exponent, full),
    )
    head = _BLOB.pack(_PRIVATE, _VERSION, 0, _CALG_RSA_KEYX, b"RSA2", BITS, key.public.exponent)
    return head + b"".join(number.to_bytes(size, "little") for number, size in numbers)


def private_blobs(data: bytes) -> Iterator[tuple[int, PrivateKey]]:
    """(offset, key) of every PRIVATEKEYBLOB of RSA-2048 inside data: a program's, or an archive member's."""
    at = data.find(_PRIVATE_HEAD)
    while at >= 0:
        with suppress(FormatError):  # its header alone: the search goes on
            yield at, parse_private(data[at : at + PRIVATE_SIZE])
        at = data.find(_PRIVATE_HEAD, at + 1)


def wrapped_records(data: bytes) -> int:
    """How many wrapped private keys an `00000000.eky` holds.

    Raises:
        FormatError: not a whole number of records, another length in one, or a block that no cipher gives.
    """
    count, rest = divmod(len(data), RECORD_SIZE)
    if rest or not 0 < count <= RECORDS_MAX:
        raise FormatError("eky size", len(data))
    for at in range(0, len(data), RECORD_SIZE):
        if int.from_bytes(data[at : at + 4], "little") != RECORD_SIZE - 4:
            raise FormatError("eky record length", at)
        # 1280 bytes of ciphertext hold some 250 of the 256 values; far fewer is padding or text.
        if len(set(data[at + 4 : at + RECORD_SIZE])) < 200:
            raise FormatError("eky wrapped key", at + 4)
    return count


def _public(data: bytes, kind: int, magic: bytes) -> PublicKey:
    fields = _BLOB.unpack_from(data)
    if fields != (kind, _VERSION, 0, _CALG_RSA_KEYX, magic, BITS, EXPONENT):
        raise FormatError("RSA key blob header", 0)
    modulus = int.from_bytes(data[_BLOB.size : _BLOB.size + BITS // 8], "little")
    # A product of two large primes is odd and fills its bits.
    if modulus.bit_length() != BITS or modulus % 2 == 0:
        raise FormatError("RSA modulus", _BLOB.size)
    return PublicKey(modulus=modulus, exponent=EXPONENT)
