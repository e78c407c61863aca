"""Whether a sealed case is what it was: every claim of the seal, in a fixed order, and what does not hold."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyzipper
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from triage.case.archive import INDEX, NAME
from triage.case.journal import broken_at
from triage.case.keys import fingerprint, public_of, signs
from triage.case.manifest import (
    HASHDEEP,
    MANIFEST,
    PUBLIC_KEY,
    SEAL_FILES,
    SIGNATURE,
    SUMS,
    Manifest,
    hashdeep,
    measured,
    parse,
    sums,
)
from triage.case.records import Collected
from triage.case.sealed_zip import PASSWORD
from triage.case.staging import FOLDER
from triage.case.store import FILE_NAME, Case, OtherSchemaError
from triage.errors import CaseError

MISSING = "missing"
UNREADABLE = "cannot be read"
CHANGED = "changed since the seal"
EXTRA = "not under the seal: added after it"
UNPARSABLE = "not a manifest as the seal wrote it"
UNSIGNED = "not signed, though a key was asked for"
OTHER_KEY = "signed with another key than the one asked for"
KEY_CHANGED = "not the key that the manifest names"
SIGNATURE_WRONG = "does not sign this manifest.json"
LISTS_DIFFER = "does not agree with MANIFEST.sha256"
LIST_CHANGED = "does not agree with manifest.json"
JOURNAL_BROKEN = "its journal is broken: a line does not follow from the one before"
JOURNAL_CUT = "its journal does not end as the seal says"
DATABASE_BROKEN = "not a sound database"
MEMBER_CHANGED = "a member is not the file that was collected"
MEMBERS_DIFFER = "its members are not those that the records name"
WHATS = (
    *(MISSING, UNREADABLE, CHANGED, EXTRA, UNPARSABLE, UNSIGNED, OTHER_KEY, KEY_CHANGED, SIGNATURE_WRONG),
    *(LISTS_DIFFER, LIST_CHANGED, JOURNAL_BROKEN, JOURNAL_CUT, DATABASE_BROKEN, MEMBER_CHANGED, MEMBERS_DIFFER),
)
"""Fixed phrases, translated where they are said."""

_ARCHIVE = f"{FOLDER}/{NAME}"
_STEP = 1 << 20
_BAD_ZIP = (
    *(pyzipper.BadZipFile, zlib.error, struct.error, RuntimeError, NotImplementedError),
    *(OSError, EOFError, ValueError, KeyError, IndexError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that does not hold. what: one of WHATS; detail: what exactly, mostly empty."""

    place: str
    what: str
    detail: str = ""


def manifest_of(folder: Path) -> Manifest | None:
    """The manifest of a case, None where it does not read as one.

    Raises:
        CaseError: the case has no seal.
    """
    if not any((folder / name).exists() for name in SEAL_FILES):
        raise CaseError(f"{folder}: not a sealed case; `triage seal {folder}` seals one")
    try:
        return parse((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None


def verify(folder: Path, key: Ed25519PublicKey | None = None) -> Iterator[Broken]:
    """All that does not hold: first of the seal itself, then file by file, then what was added.

    Args:
        folder: of the case.
        key: the one that must have signed; None for the one that lies beside.

    Raises:
        CaseError: the case has no seal, or another version of triage made it.
    """
    manifest = manifest_of(folder)
    if manifest is None:
        yield Broken(MANIFEST, UNPARSABLE if (folder / MANIFEST).is_file() else MISSING)
        return
    parts = {name: _read(folder / name) for name in _expected(manifest)}
    missing = [name for name, data in parts.items() if data is None]
    yield from (Broken(name, MISSING) for name in missing)
    whole = {name: data for name, data in parts.items() if data is not None}
    if not missing:
        yield from _lists(manifest, whole)
    yield from _signed(manifest, whole, key)
    yield from _files(folder, manifest)


def _expected(manifest: Manifest) -> tuple[str, ...]:
    """The files of the seal."""
    return (MANIFEST, HASHDEEP, SUMS, *((SIGNATURE, PUBLIC_KEY) if manifest.key else ()))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


# -- the seal ---------------------------------------------------------------------------------------------------------


def _signed(manifest: Manifest, parts: Mapping[str, bytes], wanted: Ed25519PublicKey | None) -> Iterator[Broken]:
    if manifest.key is None:
        if wanted:
            yield Broken(MANIFEST, UNSIGNED)
        return
    if wanted and fingerprint(wanted) != manifest.key:
        yield Broken(MANIFEST, OTHER_KEY, manifest.key)
    beside = public_of(parts.get(PUBLIC_KEY, b""))
    if PUBLIC_KEY in parts and (beside is None or fingerprint(beside) != manifest.key):
        yield Broken(PUBLIC_KEY, KEY_CHANGED)
    by = wanted or beside
    if by and SIGNATURE in parts and not signs(by, parts[SIGNATURE], parts[MANIFEST]):
        yield Broken(SIGNATURE, SIGNATURE_WRONG)


def _lists(manifest: Manifest, parts: Mapping[str, bytes]) -> Iterator[Broken]:
    others = {name: data for name, data in parts.items() if name != SUMS}
    due = sums(manifest, others)
    if parts[SUMS] != due:
        given = parts[SUMS].splitlines()
        absent = [line.rpartition(b"  ")[2].decode() for line in due.splitlines() if line not in given]
        yield from (Broken(name, LISTS_DIFFER) for name in others if name in absent)
        if not absent or set(absent) - set(others):
            yield Broken(SUMS, LIST_CHANGED)
    if parts[HASHDEEP] != hashdeep(manifest):
        yield Broken(HASHDEEP, LIST_CHANGED)


# -- the files --------------------------------------------------------------------------------------------------------


def _files(folder: Path, manifest: Manifest) -> Iterator[Broken]:
    for file in manifest.files:
        path = folder / file.path
        if path.is_symlink() or not path.is_file():
            yield Broken(file.path, MISSING)
            continue
        if file.path == FILE_NAME:
            yield from _records(folder, manifest)
        if file.path == _ARCHIVE:
            yield from _archive(folder)
        try:
            now = measured(folder, file.path)
        except OSError as error:
            yield Broken(file.path, UNREADABLE, error.strerror or "")
            continue
        if now != file:
            yield Broken(file.path, CHANGED)
    known = {*(file.path for file in manifest.files), *_expected(manifest)}
    present = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())
    yield from (Broken(name, EXTRA) for name in sorted(present) if name not in known)


def _records(folder: Path, manifest: Manifest) -> Iterator[Broken]:
    try:
        with Case.open(folder) as case:
            said = case.quick_check()
            line = broken_at(case.chained_journal())
            end = case.journal_head()
    except OtherSchemaError:
        if measured(folder, FILE_NAME) in manifest.files:
            raise
        return  # it is said to have changed
    except (CaseError, ValueError, TypeError) as error:
        yield Broken(FILE_NAME, DATABASE_BROKEN, str(error))
        return
    if said != "ok":
        yield Broken(FILE_NAME, DATABASE_BROKEN, said)
    if line is not None:
        yield Broken(FILE_NAME, JOURNAL_BROKEN, str(line))
    elif end != (manifest.journal_lines, manifest.journal_head):
        yield Broken(FILE_NAME, JOURNAL_CUT, str(manifest.journal_lines))


def _archive(folder: Path) -> Iterator[Broken]:
    """Every member unpacks to the content that the records name."""
    try:
        with Case.open(folder) as case:
            kept = {one.member: one for _entry, one in case.collected() if one.why is None}
    except (CaseError, ValueError, TypeError):
        return  # said of the records already
    try:
        with closing(pyzipper.AESZipFile(folder / _ARCHIVE)) as archive:
            archive.setpassword(PASSWORD)
            if {*archive.namelist()} != {*kept, INDEX}:
                yield Broken(_ARCHIVE, MEMBERS_DIFFER)
            for name in archive.namelist():
                if name in kept and not _is_kept(archive, name, kept[name]):
                    yield Broken(_ARCHIVE, MEMBER_CHANGED, name)
    except _BAD_ZIP as error:
        yield Broken(_ARCHIVE, UNREADABLE, str(error))


def _is_kept(archive: pyzipper.AESZipFile, name: str, one: Collected) -> bool:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as stream:
            while piece := stream.read(_STEP):
                digest.update(piece)
    except _BAD_ZIP:
        return False
    return digest.hexdigest() == one.sha256
