"""What OpenSSL encrypted, `triage recover` gives back: nothing to a gigabyte; a wrong key gives nothing."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from samples_fake import state, wncry
from samples_fake.scenes.recoverable import demo_primes
from tests.scanning import scan, triage

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
SIZES = (0, 1, 15, 16, 17, 4095, 4096, 65_535, 65_537, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (4 << 20) + 5, 9_000_001)
PIECE = 1 << 20


def encrypted(path: Path, size: int, seed: int) -> str:
    """Writes a container whose body the program encrypted; gives the original's SHA-256."""
    head = wncry.sealed(b"", state.MODULUS, seed=seed)
    key = random.Random(f"{seed}").randbytes(16).hex()  # as the fake makes it
    chance, digest = random.Random(size), hashlib.sha256()
    with path.open("wb") as file:
        file.write(head[:-8] + size.to_bytes(8, "little"))
        file.flush()
        command = ["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", key, "-iv", "00" * 16]
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file)
        assert program.stdin is not None
        for at in range(0, size, PIECE):
            piece = chance.randbytes(min(PIECE, size - at))
            digest.update(piece)
            program.stdin.write(piece)
        program.stdin.write(bytes(-size % 16))
        program.stdin.close()
        assert program.wait() == 0
    return digest.hexdigest()


def round_trip(folder: Path, sizes: tuple[int, ...]) -> None:
    source, out = folder / "disk", folder / "out"
    (source / "D").mkdir(parents=True)
    expected = {
        f"{size}.bin": encrypted(source / "D" / f"{size}.bin.WNCRY", size, seed) for seed, size in enumerate(sizes)
    }
    key = folder / "00000000.dky"
    key.write_bytes(state.dky())
    wrong = folder / "wrong.dky"
    wrong.write_bytes(state.dky(demo_primes()))
    scanned = scan(source, case=folder / "case", depth="quick")
    code, _, errors = triage("recover", scanned.case, source, "--to", out, "--key", wrong)
    assert (code, out.exists()) == (2, False)
    assert "it is another machine's key" in errors
    assert triage("recover", scanned.case, source, "--to", out, "--key", key)[0] == 0
    found = {}
    for path in (out / "volume-0" / "D").iterdir():
        with path.open("rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    assert found == expected


def test_what_openssl_encrypted_comes_back(tmp_path: Path) -> None:
    round_trip(tmp_path, SIZES)


@pytest.mark.soak
def test_large_files_come_back(tmp_path: Path) -> None:
    round_trip(tmp_path, (100_000_007, 512 << 20, (1 << 30) - 1, 1 << 30))
