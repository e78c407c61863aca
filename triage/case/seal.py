"""The seal: a last line in the journal, lists of hashes, and a signature where there is a key.

A case that is sealed again says in its journal what became of it since: which outputs were made again, added or taken
away, and the manifest that the new one replaces. Records and collected files have no reason to change; where they did,
no new seal is put over them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.case.keys import fingerprint, public_pem
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
    names,
    parse,
    sums,
)
from triage.case.records import JournalLine
from triage.case.staging import FOLDER
from triage.case.store import FILE_NAME, Case
from triage.errors import CaseError
from triage.model import UnixNs

ACTS = ("sealed", "sealed again")
KEY = "key: "
"""What the detail of such a line begins with; a fingerprint follows, or a dash."""


CHANGES = ("new", "gone", "changed")
"""What became of a file since the seal before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A seal that was put on. key: fingerprint; changes: since the seal before, `word: path`, the word of CHANGES."""

    files: int
    key: str | None
    changes: tuple[str, ...]


def is_sealed(folder: Path) -> bool:
    """There is a whole seal, whether it holds or not: its last file is written."""
    return (folder / SUMS).exists()


def is_covered(folder: Path, written: Iterable[Path]) -> bool:
    """Files of a case are those that its seal lists, or it has no seal."""
    try:
        known = set(parse((folder / MANIFEST).read_bytes()).files)
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return all(measured(folder, path.relative_to(folder).as_posix()) in known for path in written)


def key_of(journal: Iterable[JournalLine]) -> str:
    """Fingerprint of the key that signed last, as the journal says; empty where nobody signed."""
    told = [line.detail.partition(";")[0] for line in journal if line.act in ACTS]
    return told[-1].removeprefix(KEY).strip("-") if told else ""


def refuse_signed(folder: Path) -> None:
    """Called before records are written.

    Raises:
        CaseError: somebody has signed them.
    """
    path = folder / MANIFEST
    if path.is_file() and _parsed(folder, path.read_bytes()).key:
        raise CaseError(f"{folder}: sealed and signed, its records stay as they are; choose another --case")


def seal(
    folder: Path,
    key: Ed25519PrivateKey | None,
    *,
    when: UnixNs,
    who: str,
    records_may_differ: bool = False,
    remake: Mapping[str, Callable[[], object]] | None = None,
) -> Sealed:
    """Seals a case, or seals it again.

    Args:
        folder: of the case.
        key: signs; None for a seal that shows damage, but not who put it on.
        when: for the journal.
        who: for the journal.
        records_may_differ: the caller has written to the records itself.
        remake: outputs that name the key, and what writes them again once the journal names it.

    Raises:
        CaseError: not a case; altered where nothing may alter it; signed before, and no key is given; disk full.
    """
    with Case.open(folder):
        pass
    previous = (folder / MANIFEST).read_bytes() if (folder / MANIFEST).is_file() else None
    changes: tuple[str, ...] = ()
    if previous is not None:
        changes = tuple(_changes(folder, _parsed(folder, previous), key, records_may_differ=records_may_differ))
    mark = fingerprint(key.public_key()) if key else None
    try:
        for name in SEAL_FILES:
            (folder / name).unlink(missing_ok=True)
        with Case.create(folder) as case:
            details = [f"{KEY}{mark or '-'}", *changes, *(f"made again: {name}" for name in remake or ())]
            case.note(JournalLine(when=when, who=who, act=ACTS[previous is not None], detail="; ".join(details)))
            case.fold()
        for write in (remake or {}).values():
            write()
        manifest = _manifest(folder, mark, previous)
        _write(folder, manifest, key)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}; the case is not sealed: give the command again") from error
    return Sealed(files=len(manifest.files), key=mark, changes=changes)


def _parsed(folder: Path, data: bytes) -> Manifest:
    try:
        return parse(data)
    except ValueError as error:
        raise CaseError(f"{folder / MANIFEST}: altered; `triage verify {folder}` says more") from error


def _changes(
    folder: Path, before: Manifest, key: Ed25519PrivateKey | None, *, records_may_differ: bool
) -> Iterator[str]:
    """What is otherwise than the seal says, one phrase for each file."""
    if before.key and key is None:
        raise CaseError(f"{folder}: sealed with key {before.key}; give a --key, this one or another")
    then = {file.path: file for file in before.files}
    now = set(names(folder))
    for name in sorted(then.keys() | now):
        word = "new" if name not in then else "gone" if name not in now else "changed"
        if word == "changed" and measured(folder, name) == then[name]:
            continue
        if (name == FILE_NAME or name.startswith(f"{FOLDER}/")) and not records_may_differ:
            raise CaseError(
                f"{folder / name}: {word} since the seal, and nothing of ours does that; "
                f"`triage verify {folder}` says more: no new seal is put over it"
            )
        yield f"{word}: {name}"


def _manifest(folder: Path, mark: str | None, previous: bytes | None) -> Manifest:
    with Case.open(folder) as case:
        lines, head = case.journal_head()
        return Manifest(
            tool_version=case.meta("tool.version") or "",
            intel_digest=case.meta("argument.intel") or "",
            evidence={
                **case.all_meta("evidence."),
                **{f"hash_{name}": value for name, value in case.all_meta("hash.").items()},
                **{f"stored_hash_{name}": value for name, value in case.all_meta("stored_hash.").items()},
            },
            journal_lines=lines,
            journal_head=head,
            key=mark,
            previous=None if previous is None else hashlib.sha256(previous).hexdigest(),
            files=tuple(measured(folder, name) for name in names(folder)),
        )


def _write(folder: Path, manifest: Manifest, key: Ed25519PrivateKey | None) -> None:
    parts = {MANIFEST: manifest.to_bytes(), HASHDEEP: hashdeep(manifest)}
    if key:
        parts[SIGNATURE] = key.sign(parts[MANIFEST])
        parts[PUBLIC_KEY] = public_pem(key.public_key())
    for name, data in {**parts, SUMS: sums(manifest, parts)}.items():
        unfinished = folder / f"{name}.part"
        with unfinished.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(folder / name)
