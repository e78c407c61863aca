"""`python -m benchmarks.walk IMAGE CASE`: enumeration alone, every entry into a new case, in one process."""

from __future__ import annotations

import sys
from pathlib import Path

from triage.case import Case
from triage.case.rows import entry_row, renumbered
from triage.evidence import open_evidence
from triage.model import Entry


def walk(image: Path, folder: Path) -> int:
    """Lists every volume of the image into the case; gives the number of entries.

    Raises:
        EvidenceError: the image cannot be opened.
    """
    folder.mkdir(parents=True)
    evidence = open_evidence((image,))
    with Case.create(folder) as case:
        with case.transaction():
            case.add_volumes(evidence.volumes)
            for volume in evidence.volumes:
                base = case.last_entry()
                rows = (entry_row(record) for record in evidence.walk(volume.index) if isinstance(record, Entry))
                case.add_entries(renumbered(row, base) for row in rows)
        case.seal()
        count = case.last_entry()
    evidence.close()
    return count


if __name__ == "__main__":
    print(walk(Path(sys.argv[1]), Path(sys.argv[2])))
