"""The search for a prime in memory: found wherever it lies on a word, and nothing else is taken for one."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples_fake import state
from triage.formats import keyblob
from triage.formats.hiberfil import MARK, PAGE
from triage.recover import memory
from triage.recover.memory import CHUNK, PRIME, primes_in, search

pytest.importorskip("numpy")
ONE, TWO = state._PRIMES
BYTES = TWO.to_bytes(PRIME, "little")


def noise(size: int, seed: int = 1) -> bytearray:
    return bytearray(random.Random(seed).randbytes(size))


@given(st.integers(0, 5000), st.integers(0, 9))
def test_a_prime_on_any_word_is_found_and_noise_is_not(word: int, seed: int) -> None:
    data = noise(24_000, seed)
    assert list(primes_in(bytes(data), state.MODULUS)) == []
    data[word * 4 : word * 4 + PRIME] = BYTES
    assert list(primes_in(bytes(data), state.MODULUS)) == [(word * 4, TWO)]


@pytest.mark.parametrize("prime", [ONE, TWO])
def test_either_prime_gives_the_whole_key(prime: int) -> None:
    key = keyblob.private_of(state.MODULUS, prime)
    assert keyblob.private_blob(key)[: keyblob.PRIVATE_SIZE][:276] == state.dky()[:276]
    assert {key.prime1, key.prime2} == {ONE, TWO}
    assert keyblob.parse_private(keyblob.private_blob(key)).exponent == keyblob.parse_private(state.dky()).exponent


@pytest.mark.parametrize("place", [0, CHUNK - 64, CHUNK - 4, CHUNK, 2 * CHUNK + 96])
def test_it_is_found_across_the_borders_of_what_is_searched_at_once(tmp_path: Path, place: int) -> None:
    data = noise(2 * CHUNK + 96 + PRIME)
    data[place : place + PRIME] = BYTES
    path = tmp_path / "memory.dmp"
    path.write_bytes(data)
    seen: list[int] = []
    hit = search(path, state.MODULUS, 2, seen.append)
    assert hit is not None
    assert (hit.offset, hit.key.public.modulus) == (place, state.MODULUS)
    assert sum(seen) == len(data)


def test_borders_of_processes_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PART", CHUNK)
    data = noise(3 * CHUNK)
    data[2 * CHUNK - 8 : 2 * CHUNK - 8 + PRIME] = BYTES
    path = tmp_path / "memory.raw"
    path.write_bytes(data)
    hit = search(path, state.MODULUS, 2, lambda _: None)
    assert hit is not None
    assert hit.offset == 2 * CHUNK - 8


@pytest.mark.parametrize("data", [b"", b"abc", bytes(PRIME), bytes(100_000), b"text " * 50_000])
def test_what_holds_no_prime_gives_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "memory.raw"
    path.write_bytes(data)
    assert search(path, state.MODULUS, 1, lambda _: None) is None


def literal(page: bytes) -> bytes:
    """Plain LZ77 that only copies: a word of 32 flags, all zero, before every 32 bytes ([MS-XCA] 2.4)."""
    return b"".join(bytes(4) + page[at : at + 32] for at in range(0, len(page), 32))


def block(packed: bytes, pages: int) -> bytes:
    data = MARK + struct.pack("<I", (len(packed) - 1) << 10 | pages - 1) + bytes(20) + packed
    return data + bytes(-len(data) % 8)


def test_a_hibernation_file_is_unpacked_and_a_damaged_block_passed_over(tmp_path: Path) -> None:
    page = noise(PAGE, 5)
    page[800 : 800 + PRIME] = BYTES
    stored = block(bytes(noise(2 * PAGE, 6)), 2)
    data = b"hibr".ljust(PAGE, b"\0") + stored + MARK + bytes(40) + block(bytes(page), 1)
    path = tmp_path / "hiberfil.sys"
    path.write_bytes(data)
    hit = search(path, state.MODULUS, 1, lambda _: None)
    assert hit is not None
    assert hit.key.public.modulus == state.MODULUS


def test_packed_pages_are_unpacked(tmp_path: Path) -> None:
    pytest.importorskip("pyfwnt")
    page = bytearray(bytes(3000) + noise(PAGE - 3000, 7))
    page[3400 : 3400 + PRIME] = BYTES
    # a run of zeros as one long match, then literals: shorter than the page it stands for
    run = (
        struct.pack("<I", 0x4000_0000)
        + b"\0"
        + struct.pack("<H", 7 | 0 << 3)
        + b"\x0f\xff"
        + struct.pack("<H", 2999 - 3)
    )
    rest = page[3000:]
    packed = run + bytes(rest[:30]) + literal(bytes(rest[30:]))
    path = tmp_path / "hiberfil.sys"
    path.write_bytes(b"wake".ljust(PAGE, b"\0") + block(packed, 1))
    hit = search(path, state.MODULUS, 1, lambda _: None)
    assert hit is not None
    assert hit.offset == 3400
