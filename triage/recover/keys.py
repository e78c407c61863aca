"""Private keys that open what WannaCry encrypted: where they come from, and whether they fit.

A key is believed only where the RSA block that it opens has the padding that it must have, to the last byte: a wrong
key passes that once in more files than there are.

References:
    RFC 8017 7.2.2 (PKCS#1 v1.5); CryptEncrypt writes the block little-endian.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import gmpy2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from triage.errors import FormatError, RecoveryError
from triage.formats import keyblob
from triage.formats.keyblob import PrivateKey
from triage.formats.wncry import Header

AES_KEY: Final = 16
_BLOCK: Final = keyblob.BITS // 8
_FILE_MAX: Final = 1 << 20
"""No key file is larger; a program that carries one is searched as evidence, not given as a key."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, ready for use.

    Attributes:
        origin: where it was found, for the log.
    """

    private: PrivateKey
    origin: str
    _parts: tuple[gmpy2.mpz, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first, second, exponent = (
            gmpy2.mpz(n) for n in (self.private.prime1, self.private.prime2, self.private.exponent)
        )
        parts = (first, second, exponent % (first - 1), exponent % (second - 1), gmpy2.invert(second, first))
        object.__setattr__(self, "_parts", parts)

    def unwrap(self, wrapped: bytes) -> bytes | None:
        """The AES-128 key that an RSA block of a header holds, None where it was wrapped with another key.

        Args:
            wrapped: as in the file, little-endian.
        """
        number = gmpy2.mpz(int.from_bytes(wrapped, "little"))
        if len(wrapped) != _BLOCK or number >= self.private.public.modulus:
            return None
        first, second, exponent1, exponent2, coefficient = self._parts
        # by the Chinese remainder theorem: four times as fast as one power
        low = gmpy2.powmod(number, exponent2, second)
        high = gmpy2.powmod(number, exponent1, first)
        block = int(low + (high - low) * coefficient % first * second).to_bytes(_BLOCK, "big")
        padding, zero = block[2 : -AES_KEY - 1], block[-AES_KEY - 1]
        if block[:2] != b"\0\x02" or 0 in padding or zero:
            return None
        return block[-AES_KEY:]


def wrapped_key(head: bytes, header: Header) -> bytes:
    """The wrapped AES key of a container. head: its first bytes, which hold the header."""
    return head[12 : 12 + header.key_length]


def fitting(keys: tuple[Key, ...], wrapped: bytes) -> tuple[Key, bytes] | None:
    """The first key that opens a wrapped AES key, and what it gives; None where none does."""
    return next(((key, opened) for key in keys if (opened := key.unwrap(wrapped))), None)


def read_key(path: Path) -> Key:
    """A key that the user gives: a PRIVATEKEYBLOB (`00000000.dky`, also as wanakiwi writes it), or PEM.

    Raises:
        RecoveryError: unreadable, or no RSA-2048 private key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_MAX)
    except OSError as error:
        raise RecoveryError(f"{path}: {error.strerror}") from error
    try:
        private = _from_pem(data) if data.lstrip().startswith(b"-----BEGIN") else keyblob.parse_private(data)
    except (FormatError, ValueError, TypeError) as error:  # TypeError: PEM with a pass-phrase
        raise RecoveryError(f"{path}: no RSA-2048 private key (PRIVATEKEYBLOB or PEM without pass-phrase)") from error
    return Key(private, path.name)


def _from_pem(data: bytes) -> PrivateKey:
    key = load_pem_private_key(data, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not RSA")
    numbers = key.private_numbers()
    return keyblob.private_of(numbers.public_numbers.n, numbers.p, numbers.public_numbers.e)
