"""A case's folder, named after its image so that every file system takes it: Windows, FAT32, exFAT, Linux.

References:
    Microsoft, "Naming Files, Paths, and Namespaces".
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection

_REFUSED = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f\ud800-\udfff]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
_LONGEST_PART = 60
_LONGEST = 120


def case_name(name: str, taken: Collection[str]) -> str:
    """The path of an image's case, "/"-separated: the image's own path where that can be a folder everywhere.

    What had to be changed carries a digest of the whole name, so no two names become one.

    Args:
        name: path of the image below its folder.
        taken: paths that other images have, which must not be met again in either case of letters.
    """
    parts = [_safe(part) for part in name.split("/")]
    path = "/".join(parts)
    if len(path) > _LONGEST:
        path = f"{parts[0]}/{_marked(parts[-1], name)}" if len(parts) > 1 else _marked(path, name)
    if _folded(path) in {_folded(other) for other in taken}:
        path = f"{path}~{_digest(name)}"
    return path


def _safe(part: str) -> str:
    """A name for a folder; the same in both Unicode forms only where the name was."""
    safe = _REFUSED.sub("_", part)
    if safe != (safe := safe.rstrip(". ")):
        safe += "_"
    if _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    return part if safe == part and len(safe) <= _LONGEST_PART else _marked(safe, part)


def _marked(name: str, whole: str) -> str:
    return f"{name[:_LONGEST_PART].rstrip('. ')}~{_digest(whole)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
