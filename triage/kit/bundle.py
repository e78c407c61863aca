"""Rules and forms as one signed file: made in the office, carried to sticks without a network.

A stick takes a bundle only from the key that signed the stick, only a newer one, and only whole: it is proven to
load before it takes the place of the old one in one step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.case.keys import signs
from triage.errors import TriageError, UsageError
from triage.intel import load_intel
from triage.intel.checklists import load_checklist
from triage.intel.law import load_law
from triage.intel.network import load_network
from triage.intel.packed import NAME, Head, Packed, PackedPath, pack, parse
from triage.intel.patches import load_patches
from triage.intel.roots import rules_root
from triage.kit.selfcheck import MANIFEST
from triage.kit.signature import stick_key
from triage.times import from_unix, isoformat

_NOT_KNOWLEDGE = (".py", ".pyc")


def make_bundle(to: Path, epoch: int, key: Ed25519PrivateKey | None) -> Head:
    """Packs the rules of this triage. epoch: Unix seconds of the release.

    Raises:
        RuleError: they do not load.
        UsageError: the file cannot be written.
    """
    root = rules_root()
    prove(root)
    packed = pack(_tree(root), isoformat(from_unix(epoch)), None if key is None else key.sign)
    try:
        to.write_bytes(packed.to_bytes())
    except OSError as error:
        raise UsageError(f"{to}: {error.strerror}; choose another --out") from error
    return packed.head


def _tree(root: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix not in _NOT_KNOWLEDGE
    }


def prove(root: Path) -> None:
    """Everything below root loads.

    Raises:
        RuleError: something does not.
    """
    load_intel(root=root)
    load_law(root)
    load_patches(root)
    load_network(root)
    load_checklist(root)


def update(stick: Path, bundle: Path) -> Head | None:
    """Puts the rules of a bundle onto a stick, all or nothing.

    Returns:
        What is on the stick now; None where it was there already.

    Raises:
        UsageError: not for this stick: unsigned, signed by another key, or older than what is there.
        RuleError: damaged, or its rules do not load.
    """
    if not (stick / MANIFEST).is_file():
        raise UsageError(f"{stick}: no stick of triage; give its top folder with --stick")
    key = stick_key(stick)
    if key is None:
        raise UsageError(f"{stick}: nobody signed this stick, so a forged update would pass; build it anew")
    new = parse(_read(bundle), str(bundle))
    if not new.signature or not signs(key, new.signature, new.head.to_bytes()):
        raise UsageError(f"{bundle}: not signed by the key of this stick; ask the office that made the stick")
    old = installed(stick)
    if old == new.head:
        return None
    if old is not None and new.head.released <= old.released:
        raise UsageError(f"{bundle}: of {new.head.released}, not newer than the stick's own of {old.released}")
    _replace(stick / NAME, new)
    return new.head


def installed(stick: Path) -> Head | None:
    """What the rules on a stick say of themselves; None where they are missing or damaged."""
    try:
        return parse((stick / NAME).read_bytes(), NAME).head
    except (OSError, TriageError):
        return None


def _replace(place: Path, new: Packed) -> None:
    part = place.with_name("RULES-NEW.PAK")
    try:
        try:
            with part.open("wb") as stream:
                stream.write(new.to_bytes())
                stream.flush()
                os.fsync(stream.fileno())
            prove(PackedPath(part))
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}; the stick keeps its old rules") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
