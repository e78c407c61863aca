"""What lies below a folder: disk images, each with all its parts, and cases made elsewhere.

Told by content; a file that is only named like an image is taken, too, so that its scan says what is wrong with it.

Limits:
    A disk that others are based on (a VMDK snapshot's parent, a QCOW2 backing file) is an image of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.case import FILE_NAME
from triage.errors import EvidenceError, UsageError
from triage.evidence.containers import is_disk_image
from triage.evidence.ewf_sections import SIGNATURE, SIGNATURE_2, segment_number
from triage.evidence.partsets import part_set
from triage.evidence.vmdk import SPARSE, base_name, is_descriptor, read_descriptor
from triage.text import printable

_LIKE_AN_IMAGE = re.compile(
    r"\.(?:img|dd|raw|vmdk|vhdx?|qcow2?|vdi|aff4?|afd|[els]x?01|\d{3}|aa)(?:\.(?:gz|bz2|xz|zst|zip|7z|rar))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(.+)\.(?:\d{3,4}|[a-z]{2,4})", re.DOTALL)
_FIRST_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One disk image.

    Attributes:
        path: the file to open.
        name: printable, its path below the folder, "/"-separated.
        parts: every file of it.
        size: bytes of all parts.
    """

    path: Path
    name: str
    parts: tuple[Path, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFolder:
    """A case that `triage scan` made elsewhere. name: as an image's."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that lies below a folder, by name. passed_over: names of files that are neither images nor cases."""

    images: tuple[Image, ...]
    cases: tuple[CaseFolder, ...]
    passed_over: tuple[str, ...]


def find(folder: Path, skip: Sequence[Path] = ()) -> Found:
    """Images and cases below a folder; what lies in skip is not looked at, nor what lies inside a case.

    Raises:
        UsageError: the folder, or one below it, cannot be listed.
    """
    images: list[Image] = []
    cases: list[CaseFolder] = []
    passed_over: list[str] = []
    left_out = {path.resolve() for path in skip}
    for place, below, names in os.walk(folder, onerror=_unlisted):
        here = Path(place)
        if here != folder and is_case(here):
            cases.append(CaseFolder(path=here, name=_named(here, folder)))
            below.clear()
            continue
        below[:] = sorted(name for name in below if (here / name).resolve() not in left_out)
        files = (here / name for name in names)
        for parts in _sets(sorted(path for path in files if path.resolve() not in left_out)):
            name = _named(parts[0], folder)
            if _LIKE_AN_IMAGE.search(parts[0].name) or is_disk_image(parts[0]):
                size = sum(part.stat().st_size for part in parts)
                images.append(Image(path=parts[0], name=name, parts=parts, size=size))
            else:
                passed_over.append(name)
    return Found(
        images=tuple(sorted(images, key=lambda image: image.name)),
        cases=tuple(sorted(cases, key=lambda case: case.name)),
        passed_over=tuple(sorted(passed_over)),
    )


def find_cases(folder: Path) -> tuple[CaseFolder, ...]:
    """The folder itself where it is a case, else the cases below it.

    Raises:
        UsageError: there is none.
    """
    if is_case(folder):
        return (CaseFolder(path=folder, name=printable(folder.resolve().name)),)
    found = find(folder).cases
    if not found:
        raise UsageError(f"{folder}: no case here or below; give the folder that `triage scan --case` made")
    return found


def is_case(folder: Path) -> bool:
    """Whether `triage scan` wrote into the folder; its findings may have been left where they were made."""
    return (folder / FILE_NAME).is_file() or all(
        (folder / name).is_file() for name in ("summary.json", "findings.jsonl")
    )


def _unlisted(error: OSError) -> None:
    raise UsageError(f"{error.filename}: cannot be listed: {error.strerror}") from error


def _named(path: Path, folder: Path) -> str:
    return "/".join(printable(part) for part in path.relative_to(folder).parts)


# -- files that are one disk ----------------------------------------------------------------------------------------


def _sets(files: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """The files of one folder, each in exactly one set; the file to open stands first."""
    free = dict.fromkeys(path for path in files if path.is_file())
    heads = {path: _head(path) for path in free}
    for claimed in (*_vmdk_sets(heads), *_ewf_sets(heads)):
        if all(path in free for path in claimed):
            for path in claimed:
                del free[path]
            yield claimed
    while free:
        claimed = tuple(path for path in _numbered_set(next(iter(free))) if path in free)
        for path in claimed:
            del free[path]
        yield claimed


def _head(path: Path) -> bytes:
    """Empty where it cannot be read: the scan says why."""
    try:
        with path.open("rb") as file:
            return file.read(_FIRST_BYTES)
    except OSError:
        return b""


def _vmdk_sets(heads: dict[Path, bytes]) -> Iterator[tuple[Path, ...]]:
    """Descriptors with the extents that lie beside them."""
    for path, head in heads.items():
        if not head.startswith(SPARSE) and not is_descriptor(head):
            continue
        try:
            described = read_descriptor(path)
        except (EvidenceError, OSError):
            continue
        named = {base_name(extent.name) for extent in described.extents} if described else set()
        yield path, *(other for other in heads if other.name in named and other != path)


def _ewf_sets(heads: dict[Path, bytes]) -> Iterator[tuple[Path, ...]]:
    """Segments by the name they share, in the order of their numbers; one that is missing is said by the scan."""
    sets: dict[str, list[tuple[int, Path]]] = {}
    for path, head in heads.items():
        if head.startswith((SIGNATURE, SIGNATURE_2)):
            sets.setdefault(path.stem, []).append((_number(path), path))
    for members in sets.values():
        yield tuple(path for _number, path in sorted(members))


def _number(path: Path) -> int:
    try:
        return segment_number(path) or 1
    except OSError:
        return 1


def _numbered_set(path: Path) -> tuple[Path, ...]:
    """A split raw image; a set with a part missing is still one set, and its scan names the part."""
    try:
        parts = part_set(path)
    except OSError:
        return (path,)
    except EvidenceError:
        match = _NUMBERED.fullmatch(path.name)
        stem = match[1] if match else path.name
        beside = (other for other in path.parent.iterdir() if (m := _NUMBERED.fullmatch(other.name)) and m[1] == stem)
        return tuple(sorted({path, *beside}))
    return parts if path in parts else (path,)
