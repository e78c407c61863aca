"""Images told apart by their fingerprint, each read in a process that can be ended: a bad one costs itself alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from triage.batch.finding import Image
from triage.errors import EvidenceError
from triage.evidence import Evidence, open_evidence
from triage.intel import Intel
from triage.scan.asking import fingerprint, survey
from triage.scan.depth import Depth
from triage.scan.pool import pool
from triage.scan.worker import WorkerSpec

SECONDS = 60.0
"""For one step: opening an image, or reading its fingerprint."""

_MEMORY = 1536 << 20


def told_apart(
    images: Iterable[Image],
    opener: Callable[[Sequence[Path]], Evidence] = open_evidence,
    seconds: float = SECONDS,
) -> Iterator[tuple[Image, str]]:
    """Each image with its fingerprint; empty where it cannot be read: its scan says why."""
    for image in images:
        spec = WorkerSpec(
            targets=(image.path,), depth=Depth.QUICK, intel=Intel(families=()), memory=_MEMORY, opener=opener
        )
        try:
            with pool(spec, 1) as workers:
                survey(workers, seconds)
                mark = fingerprint(workers, seconds)
        except EvidenceError:
            mark = ""
        yield image, mark
