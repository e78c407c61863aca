"""What of a stick is not as it was made. Only Python's own library is used: this runs before anything is trusted.

The manifest names every file of the program by size and SHA-256. A start hashes what this system may load, but for
very large extension modules, which are hashed at the moment they are loaded; of the other system's folder it looks at
names and sizes. No result is kept for the next start: who can change the program could change what was kept, and times
on FAT prove nothing.

Limits:
    The interpreter that runs this lies on the same stick. A stick that was changed on purpose is recognised by
    `triage kit check` of another stick, or of an installed triage, and by the key's fingerprint on paper.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST = "MANIFEST.JSON"
SIGNATURE = "MANIFEST.SIG"
PUBLIC_KEY = "MANIFEST.PUB"
SUMS = "MANIFEST.SHA"
SCHEMA = "triage.kit/1"
LARGE = 16 << 20
"""Bytes from which an extension module is hashed when it is loaded, and not at the start."""

Files = Mapping[str, Any]
"""(size in bytes, SHA-256) by path, as a manifest lists them."""

_PROGRAM = re.compile(r".*\.(?:exe|dll|pyd|so(?:\.\d+)*|com|cmd|sys)", re.IGNORECASE)
_STEP = 1 << 20


class Damage(Enum):
    """How a file differs: (Vietnamese, English)."""

    MISSING = ("không còn", "missing")
    EMPTIED = ("bị xoá trắng", "emptied")
    UNREADABLE = ("không đọc được", "cannot be read")
    ALTERED = ("bị thay đổi", "altered")
    ADDED = ("không thuộc bộ công cụ", "does not belong here")


class Change(NamedTuple):
    """A file that is not as it was made. path: from the stick, "/"-separated."""

    path: str
    damage: Damage

    @property
    def by_antivirus(self) -> bool:
        """A program that vanished, was emptied or is held back: what quarantine looks like."""
        gone = self.damage in (Damage.MISSING, Damage.EMPTIED, Damage.UNREADABLE)
        return gone and _PROGRAM.fullmatch(self.path) is not None

    def told(self) -> str:
        """One line in both languages."""
        vi, en = self.damage.value
        if self.by_antivirus:
            vi, en = f"{vi}, có lẽ phần mềm diệt virus đã cách ly", f"{en}, most likely quarantined by antivirus"
        return f"{ascii(self.path)[1:-1]}: {vi} / {en}"


def read_manifest(root: Path) -> dict[str, Any]:
    """The manifest of a stick.

    Raises:
        ValueError: there is none, or it is none of ours; says which file.
    """
    path = root / MANIFEST
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        right = told["schema"] == SCHEMA and all(map(_is_row, told["files"].items()))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not readable as a manifest: {error}") from error
    if not right:
        raise ValueError(f"{path}: no manifest of this program")
    return told


def _is_row(row: Any) -> bool:  # noqa: ANN401 - anything may stand in JSON
    match row:
        case (str(), [int(), str()]):
            return True
    return False


def changes(root: Path, files: Files, hashed: Collection[str] | None = None) -> list[Change]:
    """What is missing, emptied, altered or added, by path.

    Args:
        root: the stick.
        files: of the manifest.
        hashed: paths whose content is compared, too; None for all.
    """
    folders = {name.partition("/")[0] for name in files if "/" in name}
    there = {path.casefold(): path for path in _present(root, folders)}
    known = {name.casefold() for name in files}
    found = [Change(path, Damage.ADDED) for folded, path in there.items() if folded not in known]
    for name, (size, digest) in files.items():
        where = root / there.get(name.casefold(), name)
        damage = _damage(where, size, digest if hashed is None or name in hashed else None)
        if damage is not None:
            found.append(Change(name, damage))
    return sorted(found, key=lambda change: change.path)


def _present(root: Path, folders: Collection[str]) -> Iterator[str]:
    """Every file below the folders; a link counts as a file and is not followed."""
    waiting = sorted(folders)
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    else:
                        yield path
        except OSError:
            continue  # its files are missed one by one


def _damage(path: Path, size: int, digest: str | None) -> Damage | None:
    try:
        there = path.lstat().st_size
        if size and not there:
            return Damage.EMPTIED
        if there != size:
            return Damage.ALTERED
        if digest is None:
            return None
        found, zeros = _measured(path)
    except FileNotFoundError:
        return Damage.MISSING
    except OSError:
        return Damage.UNREADABLE
    if found == digest:
        return None
    return Damage.EMPTIED if zeros else Damage.ALTERED


def _measured(path: Path) -> tuple[str, bool]:
    """SHA-256, and whether there is nothing but zeros."""
    total, zeros = hashlib.sha256(), True
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(_STEP):
            total.update(piece)
            zeros = zeros and not any(piece)
    return total.hexdigest(), zeros


def loaded_late(files: Files) -> set[str]:
    """Extension modules too large to be hashed at every start."""
    return {name for name, (size, _) in files.items() if size >= LARGE and name.endswith((".so", ".pyd"))}


class AlteredError(ImportError):
    """A module that is not as it was made was about to be loaded."""


class LateCheck(MetaPathFinder):
    """Hashes each large extension module just before it is loaded.

    Args:
        root: the stick.
        files: see `changes`.
    """

    def __init__(self, root: Path, files: Files) -> None:
        late = loaded_late(files)
        self._waiting = {str(root / name): (name, *files[name]) for name in late}

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:  # noqa: ANN401
        """Nothing: it only stops what was altered.

        Raises:
            AlteredError: it was.
        """
        if path is None or not self._waiting:
            return None
        spec = PathFinder.find_spec(name, path, target)
        expected = self._waiting.pop(spec.origin or "", None) if spec else None
        if expected is not None:
            shown, size, digest = expected
            damage = _damage(Path(spec.origin), size, digest) if spec and spec.origin else None
            if damage is not None:
                raise AlteredError(Change(shown, damage).told())
        return None


def guard(root: Path, files: Files) -> None:
    """From now on large extension modules are checked when they are loaded."""
    sys.meta_path.insert(0, LateCheck(root, files))
