"""Who made a stick: the signature over its manifest and over its rules."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from triage.case.keys import fingerprint, public_of, signs
from triage.errors import RuleError
from triage.intel.packed import NAME, parse
from triage.kit.selfcheck import MANIFEST, PUBLIC_KEY, SIGNATURE, read_manifest

_BAD = "chữ ký không đúng / its signature is wrong"


def stick_key(root: Path) -> Ed25519PublicKey | None:
    """The key that a stick names; None where it is not signed or the key is not the one its manifest names."""
    try:
        key = public_of((root / PUBLIC_KEY).read_bytes())
    except OSError:
        return None
    return key if key is not None and read_manifest(root)["key"] == fingerprint(key) else None


def wrong_signatures(root: Path) -> list[str]:
    """What is not signed by the key of the stick, a line each; nothing for a stick that nobody signed.

    Raises:
        ValueError: it has no manifest.
    """
    signed = read_manifest(root)["key"] is not None
    key = stick_key(root)
    if signed and key is None:
        return [f"{PUBLIC_KEY}: {_BAD}"]
    wrong = []
    try:
        if key is not None and not signs(key, (root / SIGNATURE).read_bytes(), (root / MANIFEST).read_bytes()):
            wrong.append(f"{MANIFEST}: {_BAD}")
        rules = parse((root / NAME).read_bytes(), NAME)
        if key is not None and not signs(key, rules.signature, rules.head.to_bytes()):
            wrong.append(f"{NAME}: {_BAD}")
    except OSError as error:
        wrong.append(f"{Path(str(error.filename)).name}: {error.strerror}")
    except RuleError as error:
        wrong.append(str(error))
    return wrong
