"""The originals' bytes, against OpenSSL's own encryption."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples_fake import wncry as fake
from triage.errors import FormatError
from triage.formats.wncry import HEADER_MAX, parse
from triage.recover import content

SECRET = random.Random("secret").randbytes(16)
SIZES = (0, 1, 15, 16, 17, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_017)


class Memory:
    """A stream over bytes; every read gives at most so many."""

    def __init__(self, data: bytes, most: int = 1 << 30) -> None:
        self._data, self._most = data, most
        self.size = len(data)

    def read(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + min(size, self._most)]

    def data_from(self, offset: int) -> int:
        return offset

    def close(self) -> None: ...


def by_openssl(plain: bytes, folder: Path) -> bytes:
    """The container, its body encrypted by the program."""
    source, out = folder / "plain", folder / "cipher"
    source.write_bytes(plain.ljust(-(-len(plain) // 16) * 16, b"\0"))
    command = ["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", SECRET.hex(), "-iv", "00" * 16]
    subprocess.run([*command, "-in", source, "-out", out], check=True)
    head = b"WANACRY!" + struct.pack("<I", 256) + bytes(256) + struct.pack("<IQ", 4, len(plain))
    return head + out.read_bytes()


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
@pytest.mark.parametrize("size", SIZES)
def test_what_openssl_encrypted_comes_back(tmp_path: Path, size: int) -> None:
    plain = random.Random(size).randbytes(size)
    data = by_openssl(plain, tmp_path)
    header = parse(data[:HEADER_MAX])
    for most in (1 << 30, 70_001):  # whole reads, and short ones that end inside a block
        assert b"".join(bytes(piece) for piece in content.decrypted(Memory(data, most), header, SECRET)) == plain


@given(st.integers(65_536, 400_000))
def test_a_staged_file_is_put_together(size: int) -> None:
    original = random.Random(size).randbytes(size)
    data = fake.staged(original)
    header = parse(data[:HEADER_MAX])
    assert b"".join(bytes(piece) for piece in content.staged(Memory(data), header)) == original


@pytest.mark.parametrize("cut", [1, 16, 65_536, 70_000])
def test_what_is_cut_short_gives_an_error_and_no_wrong_end(cut: int) -> None:
    original = random.Random(1).randbytes(200_000)
    for data in (fake.staged(original)[:-cut], fake.encrypted(200_000)[:-cut]):
        header = parse(data[:HEADER_MAX])
        pieces = (
            content.staged(Memory(data), header)
            if header.type == 3
            else content.decrypted(Memory(data), header, SECRET)
        )
        with pytest.raises(FormatError):
            list(pieces)
