from __future__ import annotations

import pytest

from tests.wannacry_files import P, Q, private, public, record
from triage.errors import FormatError
from triage.formats.keyblob import parse_private, parse_public, wrapped_records


def test_the_public_blob_begins_as_the_facts_say() -> None:
    assert public().startswith(bytes.fromhex("0602000000a40000525341310008000001000100"))
    assert len(public()) == 276
    assert parse_public(public()).modulus == P * Q


def test_a_private_blob_belongs_to_its_public_one() -> None:
    assert len(private()) == 1172
    assert parse_private(private()).public.modulus_sha256 == parse_public(public()).modulus_sha256


@pytest.mark.parametrize("at", [0, 8, 12, 16, 20, 300, 500, 700, 800, 1000, 1171])
def test_a_private_blob_with_one_wrong_byte_is_refused(at: int) -> None:
    wrong = bytearray(private())
    wrong[at] ^= 0x41
    with pytest.raises(FormatError):
        parse_private(bytes(wrong))


@pytest.mark.parametrize("wrong", [b"", bytes(276), public()[:-1], public() + b"\0", public()[:20] + bytes(256)])
def test_a_public_blob_of_zeros_or_another_size_is_refused(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        parse_public(wrong)


def test_wrapped_keys_are_counted() -> None:
    assert len(record(1)) == 1284
    assert wrapped_records(record(1)) == 1
    assert wrapped_records(record(1) + record(2)) == 2


@pytest.mark.parametrize(
    "wrong", [b"", bytes(1284), record(1)[:-1], record(1) + bytes(1284), b"\0\5\0\0" + b"A" * 1280]
)
def test_what_is_no_wrapped_key_is_refused(wrong: bytes) -> None:
    with pytest.raises(FormatError):
        wrapped_records(wrong)
