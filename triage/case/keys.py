"""Ed25519 keys that sign a case: made on the stick, kept under a pass-phrase, known by their fingerprint on paper.

References:
    RFC 8032 (Ed25519); RFC 8410 (keys in PKCS #8 and SubjectPublicKeyInfo).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from triage.errors import UsageError

_GROUP = 4


def make_key(path: Path, passphrase: bytes) -> Ed25519PublicKey:
    """Writes a new private key, encrypted PKCS #8 in PEM, and gives its public half.

    Raises:
        UsageError: the file is there already, or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    try:
        stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as error:
        raise UsageError(f"{path}: there is a file already, and a key is never written over; choose another") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; choose another --out") from error
    try:
        with stream:
            stream.write(pem)
    except OSError as error:
        path.unlink()  # a part of a key would stand in the way of the next try
        raise UsageError(f"{path}: {error.strerror}; free space, or choose another --out") from error
    return key.public_key()


def load_private(path: Path, passphrase: bytes) -> Ed25519PrivateKey:
    """The key of a file.

    Raises:
        UsageError: not such a key, or another pass-phrase.
    """
    try:
        key = load_pem_private_key(_read(path), passphrase)
    except TypeError as error:
        raise UsageError(f"{path}: its key is not protected; make one with `triage key make`") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path}: wrong pass-phrase, or no key made by `triage key make`") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path}: not an Ed25519 key; make one with `triage key make`")
    return key


def load_public(path: Path) -> Ed25519PublicKey:
    """The public key of a file.

    Raises:
        UsageError: it holds none.
    """
    key = public_of(_read(path))
    if key is None:
        raise UsageError(f"{path}: no Ed25519 public key; give the .pub file, or a case's manifest.pub")
    return key


def public_of(pem: bytes) -> Ed25519PublicKey | None:
    """The key of a PEM, None where it is none."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as others read it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 over the key's DER, as `openssl pkey -pubin -outform DER | sha256sum` gives it, in groups for paper."""
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))


def signs(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """The signature is of this key and this data."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; check the path") from error
