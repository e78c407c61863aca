"""`python -m benchmarks.walk IMAGE CASE`: enumeration alone, as a scan does it: a worker lists, the case takes rows."""

from __future__ import annotations

import sys
from pathlib import Path

from triage.case import Case
from triage.case.rows import renumbered
from triage.intel import load_intel
from triage.scan import Depth, Limits
from triage.scan.messages import Failed, Listed, Survey, Surveyed, Task, Walk, Walked
from triage.scan.pool import Lost, Pool, pool
from triage.scan.worker import WorkerSpec


def walk(image: Path, folder: Path) -> int:
    """Lists every volume of the image into a new case; gives the number of entries."""
    folder.mkdir(parents=True)
    listed = 0
    with Case.create(folder) as case, pool(WorkerSpec((image,), Depth.QUICK, load_intel(), 0), 1) as workers:
        for survey in _answers(workers, Survey()):
            case.add_volumes(survey.volumes)
        for volume in case.volumes():
            with case.transaction():
                base = case.last_entry()
                for rows in _rows(workers, Walk(volume.index)):
                    case.add_entries(renumbered(row, base) for row in rows)
                    listed += len(rows)
        case.seal()
    return listed
