"""A recovery that is killed again and again ends complete: nothing missing, nothing twice, the evidence as it was."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from samples_fake import documents, state, wncry
from tests.scanning import scan


def evidence(folder: Path, files: int) -> dict[str, bytes]:
    """A tree of encrypted files and the key that opens them; harmless fakes. Gives the originals."""
    originals = {
        f"/Dulieu/{number % 17}/Tờ trình {number}.txt": documents.text(f"Tờ trình {number}", 3 + number % 40)
        for number in range(files)
    }
    for number, (path, data) in enumerate(originals.items()):
        place = folder / f"{path[1:]}.WNCRY"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(wncry.sealed(data, state.MODULUS, seed=number % 50))
    work = folder / "ProgramData" / "hxqdwpkvzbr704"
    work.mkdir(parents=True)
    (work / "00000000.pky").write_bytes(state.pky_of_dky())
    (work / "00000000.dky").write_bytes(state.dky())
    return originals


def recover(case: Path, source: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "triage", "recover", case, source, "--to", out, "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def killed_until_done(case: Path, source: Path, out: Path, kills: int, delay: Callable[[], float]) -> int:
    """How many of the kills hit a run that was still at work."""
    hit = 0
    for _ in range(kills):
        run = recover(case, source, out)
        try:
            run.wait(delay())
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            hit += 1
    assert recover(case, source, out).wait() == 0
    return hit


def check(out: Path, originals: dict[str, bytes]) -> None:
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert found == {f"volume-0{path}" for path in originals} | {"SHA256SUMS", "recovery.jsonl"}
    for path, data in originals.items():
        assert (out / f"volume-0{path}").read_bytes() == data
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=out, check=True)
    ids = [json.loads(line)["id"] for line in (out / "recovery.jsonl").read_text().splitlines()[1:] if line]
    assert len(ids) == len(set(ids)) == len(originals)


def workers_of(out: Path) -> list[str]:
    """Processes that still have the target in their command line."""
    lines = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if str(out) in line]


def times(source: Path) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in source.rglob("*"))


def run_of(tmp_path: Path, files: int, kills: int, longest: float) -> int:
    source, out = tmp_path / "disk", tmp_path / "out"
    originals = evidence(source, files)
    before = times(source)
    case = scan(source, case=tmp_path / "case").case
    chance = random.Random(5)
    hit = killed_until_done(case, source, out, kills, lambda: chance.uniform(0.3, longest))
    check(out, originals)
    assert not workers_of(out)
    assert times(source) == before
    return hit


def test_a_recovery_killed_at_random_ends_complete(tmp_path: Path) -> None:
    run_of(tmp_path, files=250, kills=4, longest=1.5)


@pytest.mark.soak
def test_five_thousand_files_interrupted_ten_times(tmp_path: Path) -> None:
    begun = time.monotonic()
    hit = run_of(tmp_path, files=5000, kills=10, longest=4.0)
    assert hit >= 5, f"only {hit} kills hit a run at work, in {time.monotonic() - begun:.0f} s"
