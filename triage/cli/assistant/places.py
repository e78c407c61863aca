"""Where cases go: the stick's `CASES/<machine>-<n>`, and those there that are not finished."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import triage
from triage.case import FILE_NAME, Case
from triage.case.archive import is_over
from triage.cli.assistant.plugged import Attached
from triage.cli.refusals import refuse_inside
from triage.errors import CaseError, UsageError
from triage.scan import Depth

VARIABLE: Final = "TRIAGE_CASES"
"""Names the folder for cases; whoever starts the assistant from a stick sets it."""
FOLDER: Final = "CASES"
NAMELESS: Final = "MAY"
"""A machine that nobody gave a name."""
LEAST_FREE: Final = 128 << 20
"""Bytes: the records of a machine with 500,000 files, and the reports."""
_COLLECT: Final = 512 << 20
_LEAST_COLLECT: Final = 8 << 20
_LONGEST: Final = 32
_LIVE_MEDIUM: Final = Path("/run/live/medium")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A case that was cut off.

    Attributes:
        evidence: name of what was examined.
        size: of its media in bytes, 0 for a folder.
        depth: as it was begun.
        collect: the limit it was begun with, in bytes.
        done: share of the work, 0 to 1.
    """

    folder: Path
    evidence: str
    size: int
    depth: Depth
    collect: int
    done: float


def unfinished(root: Path) -> list[Unfinished]:
    """Cases in a folder that a scan can go on with, by name."""
    found = []
    with suppress(OSError):
        for folder in sorted(root.iterdir()):
            with suppress(CaseError):
                if (folder / FILE_NAME).is_file() and (one := _unfinished(folder)):
                    found.append(one)
    return found


def finished(root: Path) -> list[Path]:
    """Cases in a folder that hold a whole scan, the newest first."""
    found = []
    with suppress(OSError):
        for folder in root.iterdir():
            with suppress(CaseError):
                if (folder / FILE_NAME).is_file() and _is_over(folder):
                    found.append((folder.stat().st_mtime_ns, folder))
    return [folder for _when, folder in sorted(found, reverse=True)]


def _is_over(folder: Path) -> bool:
    with Case.open(folder) as case:
        return is_over(case)


def _unfinished(folder: Path) -> Unfinished | None:
    with Case.open(folder) as case:
        depth = case.meta("argument.depth")
        if is_over(case) or depth is None:
            return None
        _entries, cost, done = case.work_total()
        return Unfinished(
            folder=folder,
            evidence=case.meta("evidence.name") or "",
            size=int(case.meta("evidence.size") or 0),
            depth=Depth(depth),
            collect=int(case.meta("argument.collect") or 0),
            done=done / cost if cost else 0.0,
        )


def cases_root() -> Path:
    """The folder for cases: the one that is named, else on the stick that the tool was started from, else here."""
    if given := os.environ.get(VARIABLE):
        return Path(given)
    stick = _mount(Path(triage.__file__).resolve())
    system = _mount(Path(os.environ.get("SYSTEMROOT", "/")).resolve())
    return (Path.cwd() if stick == system else stick) / FOLDER


def own_places() -> list[Path]:
    """What the tool itself needs: nothing that holds one of these is offered as evidence."""
    return [place for place in (Path(triage.__file__).parent, cases_root(), _LIVE_MEDIUM) if _nearest(place).exists()]


def is_own(one: Attached) -> bool:
    """The disk holds the tool or the cases, and not the running system."""
    return not one.runs_system and any(holds(one, place) for place in own_places())


def holds(one: Attached, place: Path) -> bool:
    """Writing to a place would write to this."""
    where = _nearest(place.absolute())
    if any(where.is_relative_to(folder) for folder in one.folders if folder != Path("/")):
        return True
    return not _may_hold(place, one.path)


def _may_hold(folder: Path, target: Path) -> bool:
    try:
        refuse_inside(folder, target)
    except UsageError:
        return False
    return True


def roots_for(target: Path, found: Iterable[Attached]) -> list[Path]:
    """Folders for cases that may be offered, best first: writable, none on what is examined; this one last of all."""
    around = list(found)
    examined = [one for one in around if one.path == target]
    removable = [folder / FOLDER for one in around if one.is_removable for folder in one.folders]
    wanted = dict.fromkeys((cases_root(), *removable))
    good = [root for root in wanted if not refused(root, target, examined) and _is_writable(root)]
    here = Path.cwd() / FOLDER
    return good or ([here] if not refused(here, target, examined) and _is_writable(here) else [])


def refused(root: Path, target: Path, examined: Iterable[Attached] = ()) -> bool:
    """A case there would be written to the evidence."""
    return not _may_hold(root, target) or any(holds(one, root) for one in examined)


def free(place: Path) -> int:
    """Bytes that are left where a place is or would be; 0 where that is not told."""
    try:
        return shutil.disk_usage(_nearest(place.absolute())).free
    except OSError:
        return 0


def collect_limit(room: int) -> int:
    """Bytes of collected files for so many free ones: at most half of what the records leave over."""
    return min(_COLLECT, max(_LEAST_COLLECT, (room - LEAST_FREE) // 2))


def new_case(root: Path, machine: str) -> Path:
    """The first folder for a machine that is not there yet."""
    name = file_name(machine)
    number = 1
    while (root / f"{name}-{number}").exists():
        number += 1
    return root / f"{name}-{number}"


def file_name(text: str) -> str:
    """A name that FAT, Windows and a console can carry; NAMELESS where nothing of it is left."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = re.sub(r"[^A-Za-z0-9]+", "-", bare.encode("ascii", "ignore").decode()).strip("-")[:_LONGEST].strip("-")
    return f"{NAMELESS}-{kept}" if _RESERVED.fullmatch(kept) else kept or NAMELESS


def _is_writable(place: Path) -> bool:
    where = _nearest(place.absolute())
    return where.is_dir() and os.access(where, os.W_OK)


def _nearest(path: Path) -> Path:
    return next((above for above in (path, *path.parents) if above.exists()), path)


def _mount(path: Path) -> Path:
    return next(above for above in (path, *path.parents) if os.path.ismount(above))


def keys_near(root: Path) -> Iterator[Path]:
    """Private keys that lie beside the cases."""
    for folder in (root, root.parent):
        with suppress(OSError):
            for path in sorted(folder.iterdir()):
                if path.is_file() and path.suffix in (".key", ".pem") and b"PRIVATE KEY" in path.read_bytes()[:64]:
                    yield path
