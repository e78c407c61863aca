"""Files as WannaCry leaves them. Harmless fakes: the header's layout with noise where key and ciphertext were.

But for `sealed`, nothing is encrypted and nothing can be decrypted: the wrapped key and the body are pseudo-random
numbers from a seed.

References:
    msuiche, 010 Editor template for WannaCry files; gentilkiwi/wanakiwi.
"""

from __future__ import annotations

import random
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

MAGIC = b"WANACRY!"
HEADER_SIZE = 280
BLOCK = 16
ENCRYPTED, STAGED = 4, 3
STAGED_TAIL = 0x10000
"""Bytes of the head that a staged file keeps in clear behind its end."""


def header(original_size: int, *, kind: int = ENCRYPTED, seed: int = 0) -> bytes:
    """The first 280 bytes of a fake: magic, key length 256, noise for the wrapped key, type, original size."""
    noise = random.Random(seed).randbytes(0x100)
    return MAGIC + struct.pack("<I", 0x100) + noise + struct.pack("<IQ", kind, original_size)


def body_size(original_size: int) -> int:
    """Bytes of ciphertext: whole AES blocks, zero-padded."""
    return -(-original_size // BLOCK) * BLOCK


def encrypted(original_size: int, *, seed: int = 0) -> bytes:
    """A harmless fake of a finished `.WNCRY`: type 4 and a body of noise of the right length."""
    return header(original_size, seed=seed) + random.Random(~seed & 0xFFFF).randbytes(body_size(original_size))


def sealed(original: bytes, modulus: int, *, seed: int = 0) -> bytes:
    """A `.WNCRY` that really opens: AES-128-CBC under a key from the seed, that key wrapped for an RSA-2048 modulus.

    Harmless: the modulus is a test's own, whoever holds its primes has the original back.
    """
    noise = random.Random(f"{seed}")
    secret, room = noise.randbytes(16), modulus.bit_length() // 8
    padding = bytes(noise.randrange(1, 256) for _ in range(room - 3 - len(secret)))
    block = int.from_bytes(b"\0\x02" + padding + b"\0" + secret, "big")
    wrapped = pow(block, 65537, modulus).to_bytes(room, "little")
    cipher = Cipher(AES(secret), CBC(bytes(BLOCK))).encryptor()
    body = cipher.update(original.ljust(body_size(len(original)), b"\0")) + cipher.finalize()
    return MAGIC + struct.pack("<I", room) + wrapped + struct.pack("<IQ", ENCRYPTED, len(original)) + body


def truncated(original_size: int, *, missing: int, seed: int = 0) -> bytes:
    """A harmless fake of a `.WNCRY` whose last bytes are missing (a full disk, a bad copy)."""
    return encrypted(original_size, seed=seed)[:-missing]


def being_written(original_size: int, *, done: int, seed: int = 0) -> bytes:
    """A harmless fake of a `.WNCRYT` whose body was still growing when the machine stopped.

    Args:
        original_size: as the header has it.
        done: bytes of the body already there.
        seed: of the noise.
    """
    return encrypted(original_size, seed=seed)[: HEADER_SIZE + done]


def staged(original: bytes, *, seed: int = 0) -> bytes:
    """A harmless fake of a `.WNCYR`: type 3, the head moved behind the end, the rest of the original in clear.

    Args:
        original: at least 64 KiB, as recovery must give it back.
        seed: of the noise in the header.
    """
    if len(original) < STAGED_TAIL:
        raise ValueError(f"a staged file is at least {STAGED_TAIL} bytes, not {len(original)}")
    head = header(len(original), kind=STAGED, seed=seed).ljust(STAGED_TAIL, b"\0")
    return head + original[STAGED_TAIL:] + original[:STAGED_TAIL]


def decoy(text: str = "An ordinary file that only has the extension.\r\n") -> bytes:
    """What some other program named `.WNCRY`: no header at all. Harmless text."""
    return text.encode()


def wrong_key_length(original_size: int, *, length: int, seed: int = 0) -> bytes:
    """A harmless fake whose key length field is not 256."""
    data = bytearray(encrypted(original_size, seed=seed))
    struct.pack_into("<I", data, 8, length)
    return bytes(data)


def wrong_type(original_size: int, *, kind: int, seed: int = 0) -> bytes:
    """A harmless fake whose type field is neither 3 nor 4."""
    data = bytearray(encrypted(original_size, seed=seed))
    struct.pack_into("<I", data, 0x10C, kind)
    return bytes(data)
