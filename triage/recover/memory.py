"""Search of a memory image for a prime of the victim's key: while the malware runs, Windows XP to 7 still hold it.

Every fourth byte may begin a prime of 1024 bits. Almost all places fall away by what costs little: too small, even, in
a run of zeros, divisible by 3 to 23 (told for all places at once by a rolling sum); the rest is divided into the
modulus.

Limits:
    Windows 10 wipes the primes. A prime that lies across two pages of a physical memory image is missed (3 in 100).

References:
    B. Delpy, wanakiwi, and A. Guinet, wannakey: why the primes stay in memory.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import gmpy2

from triage.errors import FormatError, RecoveryError
from triage.formats import hiberfil, keyblob
from triage.formats.keyblob import PrivateKey
from triage.lifeline import follow_coordinator, signals_wait

Words = Any
"""A numpy array of 32-bit words."""
Places = Any
"""A numpy array of places in it."""

PRIME: Final = keyblob.BITS // 16
"""Bytes of a prime."""
STEP: Final = 4
CHUNK: Final = 1 << 20
PART: Final = 64 << 20
"""Bytes that a process searches before it says how far it is."""

_SMALL: Final = 3 * 5 * 7 * 11 * 13 * 17, 19 * 23
_SIEVE: Final = math.prod(_SMALL)
"""Sums of 32 words, each times less than this, stay below 2**64: running sums may wrap, their differences do not."""
_WORDS: Final = PRIME // STEP
_GROUP: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """offset: of the prime, bytes in the searched memory."""

    offset: int
    key: PrivateKey


def search(path: Path, modulus: int, workers: int, searched: Callable[[int], None]) -> Hit | None:
    """The first prime of the modulus in a memory image, dump or hibernation file; None where there is none.

    Args:
        path: the file.
        modulus: of the victim's public key (`00000000.pky`).
        workers: processes.
        searched: told how many bytes more were searched.

    Raises:
        RecoveryError: it cannot be read, or numpy is not installed.
    """
    _numpy()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if hiberfil.is_hibernation(file.read(4), path.name):
                return _in_pieces(hiberfil.pages(file, size), modulus, searched)
    except OSError as error:
        raise RecoveryError(f"{path}: {error.strerror}") from error
    except FormatError as error:
        raise RecoveryError(f"{path}: {error}; install triage[memory]") from error
    parts = [(str(path), start, modulus) for start in range(0, size, PART)]
    with ProcessPoolExecutor(min(workers, len(parts) or 1), initializer=follow_coordinator) as executor:
        with signals_wait():  # while the processes start, a Ctrl-C would be lost
            answers = executor.map(_part, parts)
        for (_, start, _), found in zip(parts, answers, strict=True):
            searched(min(PART, size - start))
            if found is not None:
                executor.shutdown(wait=False, cancel_futures=True)
                return Hit(offset=found[0], key=keyblob.private_of(modulus, found[1]))
    return None


def _in_pieces(pieces: Iterable[bytes], modulus: int, searched: Callable[[int], None]) -> Hit | None:
    """Over memory that comes unpacked: pages one after the other."""
    base, rest = 0, b""
    for piece in pieces:
        data = rest + piece
        whole = len(data) // STEP * STEP
        for at, prime in primes_in(data[:whole], modulus):
            return Hit(offset=base + at, key=keyblob.private_of(modulus, prime))
        keep = min(whole, PRIME - STEP)
        base, rest = base + whole - keep, data[whole - keep :]
        searched(len(piece))
    return None


def _part(asked: tuple[str, int, int]) -> tuple[int, int] | None:
    path, start, modulus = asked
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        end = min(start + PART, len(memory))
        for base in range(start, end, CHUNK):
            # a chunk's last places need what follows it
            chunk = memory[base : min(base + CHUNK + PRIME - STEP, len(memory))]
            for at, prime in primes_in(chunk[: len(chunk) // STEP * STEP], modulus):
                return base + at, prime
    return None


def primes_in(data: bytes, modulus: int) -> Iterator[tuple[int, int]]:
    """(offset, prime) of every place in data that holds a factor of the modulus.

    Args:
        data: a whole number of words of 4 bytes, no more than some megabytes.
        modulus: of 2048 bits.
    """
    np = _numpy()
    words = np.frombuffer(data, dtype="<u4")
    if len(words) < _WORDS:
        return
    # the other prime has at most 1024 bits, so this one is no smaller than
    least = np.uint32(modulus >> keyblob.BITS - 32)
    last = len(words) - _WORDS + 1
    places = np.flatnonzero((words[_WORDS - 1 :] >= least) & ((words[:last] & 1) != 0))
    for word in (7, 15, 23):
        places = places[words[places + word] != 0]
    if len(places):
        yield from _divided(words, _sieved(words, places), modulus)


def _sieved(words: Words, places: Places) -> Places:
    """Those places whose number none of the smallest odd primes divides."""
    np = _numpy()
    sums = np.zeros(len(words) + 1, dtype=np.uint64)
    np.multiply(words, _weights(len(words)), out=sums[1:])
    np.cumsum(sums, out=sums)
    # the window's number times a power of the base: divisible by the same primes
    numbers = sums[places + _WORDS] - sums[places]
    for product, table in zip(_SMALL, _tables(), strict=True):
        sound = table[numbers % np.uint64(product)]
        places, numbers = places[sound], numbers[sound]
    return places


@lru_cache(maxsize=4)
def _weights(count: int) -> Words:
    """The first powers of 2**32 modulo the sieve's product."""
    np = _numpy()
    powers, power = [1], 2**32 % _SIEVE
    while power != 1:
        powers.append(power)
        power = power * 2**32 % _SIEVE
    return np.resize(np.array(powers, dtype=np.uint64), count)


@cache
def _tables() -> tuple[Any, ...]:
    """Of each product, which rests none of its primes divides."""
    np = _numpy()
    return tuple(np.array([math.gcd(rest, product) == 1 for rest in range(product)], dtype=bool) for product in _SMALL)


def _divided(words: Words, places: Places, modulus: int) -> Iterator[tuple[int, int]]:
    np = _numpy()
    number, window = gmpy2.mpz(modulus), np.arange(_WORDS)
    for start in range(0, len(places), _GROUP):
        group = places[start : start + _GROUP]
        packed = words[group[:, None] + window].tobytes()
        for place, candidate in zip(
            group, gmpy2.unpack(gmpy2.mpz(int.from_bytes(packed, "little")), PRIME * 8), strict=True
        ):
            if gmpy2.is_divisible(number, candidate):
                yield int(place) * STEP, int(candidate)


@cache
def _numpy() -> ModuleType:
    """numpy, asked for only here: it is by far the largest thing the tool could need."""
    try:
        import numpy
    except ImportError as error:
        raise RecoveryError("numpy is not installed; install triage[memory] to search memory images") from error
    return numpy
