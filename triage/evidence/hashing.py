"""Digests of a whole disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from triage.evidence.containers import Disk

STEP = 8 << 20


def hash_media(disk: Disk, step: Callable[[], None]) -> Mapping[str, str]:
    """MD5 and SHA-256 of all media bytes, MD5 being what E01 stores; step is called every 8 MiB.

    Raises:
        OSError: a part cannot be read: then there is no such hash.
    """
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha256")}
    for offset in range(0, disk.size, STEP):
        data = disk.view(offset, STEP) or disk.read(offset, min(STEP, disk.size - offset))
        for digest in digests.values():
            digest.update(data)
        step()
    return {name: digest.hexdigest() for name, digest in digests.items()}
