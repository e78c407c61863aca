"""A stick in small: a few invented files, and a real manifest and real rules."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.case.keys import fingerprint, public_pem
from triage.intel.packed import NAME
from triage.kit.bundle import make_bundle
from triage.kit.selfcheck import MANIFEST, PUBLIC_KEY, SCHEMA, SIGNATURE

FILES = {
    "triage.sh": b"#!/bin/sh\n",
    "linux/start.py": b"pass\n",
    "linux/bin/loader.com": b"\x7fELF harmless",
    "linux/site/big.so": b"large",
    "windows/python.exe": b"MZ harmless",
    "windows/python311.dll": b"MZ harmless, too",
    "windows/site/a.pyd": b"MZ a",
}
MONDAY, TUESDAY = 1_795_392_000, 1_795_478_400
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def listed() -> dict[str, list[object]]:
    return {name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in FILES.items()}


def make_stick(root: Path, key: Ed25519PrivateKey | None = KEY) -> Path:
    for name, data in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (root / "CASES").mkdir()
    told = {"schema": SCHEMA, "triage": "0", "built": "2026-11-23T00:00:00Z", "files": listed()}
    data = json.dumps(told | {"key": key and fingerprint(key.public_key())}).encode()
    (root / MANIFEST).write_bytes(data)
    make_bundle(root / NAME, MONDAY, key)
    if key is not None:
        (root / SIGNATURE).write_bytes(key.sign(data))
        (root / PUBLIC_KEY).write_bytes(public_pem(key.public_key()))
    return root
