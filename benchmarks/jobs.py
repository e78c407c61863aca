"""What is measured: our commands and the peers', each as a list of words."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.mount import Mount

ENGINES = ("yara", "boreal")
YARA, CLAMSCAN, FLS, WALK = "yara -r -p 2, mounted", "clamscan -r, mounted", "fls -r -m", "triage, enumeration only"

_FOUND = (0, 1, 3)
"""Exit statuses of a scan that ran to its end; clamscan uses 1 in the same sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command. once: measured a single time, being slow."""

    name: str
    command: Callable[[], list[str]]
    accepted: tuple[int, ...] = (0,)
    server: int = 0
    once: bool = False


def peer_jobs(raw: Path, mount: Mount) -> list[Job]:
    """The peers, on the mounted copy and the raw image."""
    return [
        Job(name=YARA, command=lambda: peers.yara(mount), server=mount.server),
        Job(
            name=CLAMSCAN,
            command=lambda: peers.clamscan(mount),
            accepted=(0, 1),
            server=mount.server,
            once=True,
        ),
        Job(name=FLS, command=lambda: peers.fls(raw)),
    ]


def our_jobs(raw: Path, ewf: Path, cases: Path) -> list[Job]:
    """Ours: enumeration, every depth on raw, standard and full on E01, with each engine."""
    jobs = [walk_job(WALK, raw, cases)]
    jobs += [
        scan_job("raw", raw, depth, engine, cases) for depth in ("quick", "standard", "full") for engine in ENGINES
    ]
    jobs += [scan_job("E01", ewf, depth, engine, cases) for depth in ("standard", "full") for engine in ENGINES]
    return jobs


def walk_job(name: str, image: Path, cases: Path) -> Job:
    """Enumeration alone."""
    case = cases / "walk"

    def command() -> list[str]:
        shutil.rmtree(case, ignore_errors=True)
        return [sys.executable, "-m", "benchmarks.walk", str(image), str(case)]

    return Job(name=name, command=command)


def scan_name(form: str, depth: str, engine: str) -> str:
    """How the tables call a scan of ours."""
    return f"triage {depth}, {engine}, {form}"


def scan_job(form: str, image: Path, depth: str, engine: str, cases: Path) -> Job:
    """A scan into a new case, with every detector and all outputs that a scan writes."""
    case = case_of(cases, form, depth, engine)

    def command() -> list[str]:
        shutil.rmtree(case, ignore_errors=True)
        options = ["--depth", depth, "--engine", engine, "--workers", "2", "--rules", str(peers.RULES), "--quiet"]
        return [sys.executable, "-m", "triage", "scan", str(image), "--case", str(case), *options]

    return Job(name=scan_name(form, depth, engine), command=command, accepted=_FOUND)


def case_of(cases: Path, form: str, depth: str, engine: str) -> Path:
    """Where the last scan of this kind left its case."""
    return cases / f"{form}-{depth}-{engine}"
