"""Recovery: decrypting beside `openssl enc -d`, and the search for a prime in memory, each as a command.

OpenSSL is told every file's key and only decrypts; ours unwraps the keys, decrypts, hashes, proves and logs.
`python -m benchmarks.recovery FILE` searches one file.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from benchmarks.measure import MeasureError, Run
from benchmarks.measure import measure as run
from benchmarks.table import Check, budget, cpu, markdown, wall
from samples_fake import state, wncry
from samples_fake.scenes.recoverable import demo_primes
from triage.recover.memory import search

LARGE, SMALL, FILES, MEMORY = 512 << 20, 32 << 10, 2000, 1 << 30
_RATIO, _RATE = 1.3, 200
_PIECE, _PAGE = 1 << 20, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table. size: bytes that the command went through; peer: whose wall time it is compared with."""

    name: str
    runs: Sequence[Run]
    size: int
    peer: str = ""

    @property
    def rate(self) -> float:
        """Megabytes a second."""
        return self.size / wall(self.runs) / 1e6


def measure(folder: Path, runs: int = 3) -> list[Row]:
    """Every row, in an order for reading; two workers.

    Args:
        folder: for 4 GB of files, made and removed; where it lies counts, so give a fast one.
        runs: of each command.

    Raises:
        MeasureError: a command failed.
    """
    folder.mkdir(parents=True)
    try:
        large = _decrypting(folder / "large", f"one file of {LARGE >> 20} MiB", [LARGE], runs)
        small = _decrypting(folder / "small", f"{FILES} files of {SMALL >> 10} KiB", [SMALL] * FILES, runs)
        return [*large, *small, *_searching(folder, runs)]
    finally:
        shutil.rmtree(folder)


def section(data: Path, runs: int) -> str:
    """The part of the tables.

    Raises:
        MeasureError: a command failed.
    """
    rows = measure(data / "recovery", runs)
    lines = [["command", "MB/s", "wall / peer", "CPU s"]]
    by_name = {row.name: row for row in rows}
    for row in rows:
        ratio = f"{wall(row.runs) / wall(by_name[row.peer].runs):.2f}" if row.peer else "–"
        lines.append([row.name, f"{row.rate:.0f}", ratio, f"{cpu(row.runs):.2f}"])
    return "\n".join(["## Recovery\n", "OpenSSL is told every key.\n", markdown(lines), budget(checks(rows))])


def checks(rows: Sequence[Row]) -> list[Check]:
    """The budget: decrypting everything against its peer, and milliseconds for a megabyte searched."""
    by_name = {row.name: row for row in rows}
    ours = sum(wall(row.runs) for row in rows if row.peer)
    peers = sum(wall(by_name[row.peer].runs) for row in rows if row.peer)
    noise = by_name[_search_name("noise")]
    return [
        Check(text="triage recover, all files, wall / openssl enc -d", limit=_RATIO, measured=ours / peers),
        Check(text=f"{noise.name}, ms a megabyte", limit=1e3 / _RATE, measured=1e3 / noise.rate),
    ]


def _decrypting(folder: Path, what: str, sizes: Sequence[int], runs: int) -> list[Row]:
    source, case, out = (folder / name for name in ("disk", "case", "out"))
    script = _sealed(folder, source, out, sizes)
    ours = [sys.executable, "-m", "triage"]
    run([*ours, "scan", source, "--case", case, "--depth", "quick", "--quiet"], accepted=(0, 1, 3))
    peer, mine = f"openssl enc -d, {what}", f"triage recover, {what}"
    commands: dict[str, list[str | Path]] = {
        peer: ["sh", script],
        mine: [*ours, "recover", case, source, "--to", out, "--workers", "2", "--quiet"],
    }
    measured: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            out.mkdir()
            measured[name].append(run(command))
            if sum(path.stat().st_size for path in out.rglob("*.bin")) != sum(sizes):
                raise MeasureError(f"{name}: not everything was decrypted")
            shutil.rmtree(out)
    return [
        Row(name=name, runs=measured[name], size=sum(sizes), peer=peer if name == mine else "") for name in commands
    ]


def _sealed(folder: Path, source: Path, out: Path, sizes: Sequence[int]) -> Path:
    """Makes encrypted files, and the script by which OpenSSL decrypts their bodies."""
    bodies, work = folder / "bodies", source / "ProgramData" / "hxqdwpkvzbr704"
    for place in (source / "D", bodies, work):
        place.mkdir(parents=True)
    (work / "00000000.pky").write_bytes(state.pky_of_dky())
    (work / "00000000.dky").write_bytes(state.dky())
    lines = ["set -e"]
    for number, size in enumerate(sizes):
        seed, name = number % 50, f"{number}.bin"
        head = wncry.sealed(b"", state.MODULUS, seed=seed)
        key = random.Random(f"{seed}").randbytes(16)  # as it makes it
        cipher = Cipher(AES(key), CBC(bytes(16))).encryptor()
        with (bodies / name).open("wb") as body, (source / "D" / f"{name}.WNCRY").open("wb") as file:
            file.write(head[:-8] + size.to_bytes(8, "little"))
            for at in range(0, size, _PIECE):
                piece = cipher.update(os.urandom(min(_PIECE, size - at)))
                body.write(piece)
                file.write(piece)
        words = ["openssl", "enc", "-d", "-aes-128-cbc", "-nopad", "-K", key.hex(), "-iv", "00" * 16]
        lines.append(shlex.join([*words, "-in", str(bodies / name), "-out", str(out / name)]))
    script = folder / "openssl.sh"
    script.write_text("\n".join(lines) + "\n", "utf-8")
    return script


def _search_name(kind: str) -> str:
    return f"prime search, {MEMORY >> 30} GiB of {kind}"


def _searching(folder: Path, runs: int) -> list[Row]:
    rows = []
    for kind, pages in (("noise", _noise()), ("pages as in memory", _as_in_memory())):
        memory = folder / "memory.raw"
        with memory.open("wb") as file:
            for _ in range(MEMORY // _PIECE):
                file.write(b"".join(islice(pages, _PIECE // _PAGE)))
        measured = [run([sys.executable, "-m", "benchmarks.recovery", memory]) for _ in range(runs)]
        rows.append(Row(name=_search_name(kind), runs=measured, size=MEMORY))
        memory.unlink()
    return rows


def _noise() -> Iterator[bytes]:
    while True:
        yield os.urandom(_PAGE)


def _as_in_memory() -> Iterator[bytes]:
    """Two fifths zeros, as much of programs, a tenth each of text and noise."""
    library = Path(sysconfig.get_path("stdlib"))
    text = b"".join(path.read_bytes() for path in sorted(library.glob("*.py")))
    program = Path(sys.executable).read_bytes()
    program += b"".join(path.read_bytes() for path in sorted(library.glob("lib-dynload/*.so")))
    chance = random.Random(5)
    while True:
        kind = chance.choices((None, program, text, b""), (4, 4, 1, 1))[0]
        if kind is None:
            yield bytes(_PAGE)
        elif kind:
            at = chance.randrange(max(1, len(kind) - _PAGE)) // _PAGE * _PAGE
            yield kind[at : at + _PAGE].ljust(_PAGE, b"\0")
        else:
            yield os.urandom(_PAGE)


if __name__ == "__main__":
    one, two = (
        demo_primes()
    )  # drawn at random, as the malware's are: published primes begin with ones and fall out early
    if search(Path(sys.argv[1]), one * two, 2, lambda _: None) is not None:
        sys.exit("found a prime that is not there")
