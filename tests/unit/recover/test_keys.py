"""Private keys: where they may come from, what they open, and that a wrong one opens nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from samples_fake import state, wncry
from samples_fake.scenes.recoverable import demo_primes
from triage.errors import RecoveryError
from triage.formats import keyblob
from triage.formats.wncry import HEADER_MAX, parse
from triage.recover.keys import Key, fitting, read_key, wrapped_key

OTHER = rsa.generate_private_key(65537, 2048)


def key_of(primes: tuple[int, int]) -> Key:
    return Key(keyblob.private_of(primes[0] * primes[1], primes[0]), "test")


def own() -> Key:
    return Key(keyblob.parse_private(state.dky()), "00000000.dky")


def sealed_head(modulus: int, seed: int) -> bytes:
    head = wncry.sealed(b"content", modulus, seed=seed)[:HEADER_MAX]
    return wrapped_key(head, parse(head))


def test_a_key_opens_what_was_wrapped_for_it() -> None:
    for seed in range(20):
        opened = own().unwrap(sealed_head(state.MODULUS, seed))
        assert opened == random.Random(f"{seed}").randbytes(16)


def test_another_machines_key_opens_none_of_many() -> None:
    wrong = key_of(demo_primes())
    assert [wrong.unwrap(sealed_head(state.MODULUS, seed)) for seed in range(300)] == [None] * 300


@pytest.mark.parametrize("block", [b"", bytes(255), b"\xff" * 256, bytes(512)])
def test_a_block_that_no_key_of_2048_bits_made_opens_to_nothing(block: bytes) -> None:
    assert own().unwrap(block) is None


def test_of_several_keys_the_one_that_fits_is_named() -> None:
    keys = (key_of(demo_primes()), own())
    found = fitting(keys, sealed_head(state.MODULUS, 3))
    assert found is not None
    assert found[0].origin == "00000000.dky"


def test_the_decryptors_key_is_found_inside_the_program() -> None:
    program = b"MZ" + bytes(5000) + state.dky(demo_primes()) + b"\x07\x02\0\0\0\xa4\0\0RSA2" + bytes(50)
    assert [at for at, _ in keyblob.private_blobs(program)] == [5002]


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_pem_and_blob_of_one_key_are_one_key(tmp_path: Path, form: PrivateFormat) -> None:
    pem, blob = tmp_path / "key.pem", tmp_path / "00000000.dky"
    pem.write_bytes(OTHER.private_bytes(Encoding.PEM, form, NoEncryption()))
    numbers = OTHER.private_numbers()
    blob.write_bytes(keyblob.private_blob(keyblob.private_of(numbers.public_numbers.n, numbers.p)))
    modulus = numbers.public_numbers.n
    assert read_key(pem).private.public.modulus == read_key(blob).private.public.modulus == modulus


def test_a_key_file_of_something_else_is_refused_in_one_line(tmp_path: Path) -> None:
    closed = OTHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    for name, data in {"closed.pem": closed, "short.dky": state.dky()[:-1], "pub": state.pky(), "none": b""}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(RecoveryError, match=r"no RSA-2048 private key"):
            read_key(path)
    with pytest.raises(RecoveryError, match="No such file"):
        read_key(tmp_path / "absent")
