from __future__ import annotations

import random
import zlib

import pytest

from triage.formats.expected import EXPECTED, extension_of, looks_random
from triage.formats.leading import TYPES


def test_every_expected_type_is_one_that_leading_bytes_can_give() -> None:
    assert {name for types in EXPECTED.values() for name in types} <= TYPES


@pytest.mark.parametrize(
    ("name", "extension"), [("a.DOCX", "docx"), ("a.b.pdf", "pdf"), ("sqlite3", ""), (".txt", ""), ("a.", "")]
)
def test_an_extension_stands_behind_a_name(name: str, extension: str) -> None:
    assert extension_of(name) == extension


def test_noise_looks_random() -> None:
    assert all(looks_random(random.Random(seed).randbytes(4096)) for seed in range(200))
    assert looks_random(random.Random(1).randbytes(1024))


@pytest.mark.parametrize(
    "data",
    [
        random.Random(1).randbytes(1023),
        bytes(4096),
        bytes(range(256)) * 16,
        b"The quick brown fox jumps over the lazy dog. " * 90,
        zlib.compress(" ".join(str(n * n) for n in range(9000)).encode())[:4096],
        bytes(n * n % 251 for n in range(4096)),
    ],
)
def test_ordinary_data_does_not(data: bytes) -> None:
    assert not looks_random(data)
