"""What a sealed case is made of, in three forms: for programs, for `sha256sum -c`, for `hashdeep -a`.

`manifest.json` is what a key signs. The other two follow from it: `hashdeep.txt` lists the same files, and
`MANIFEST.sha256` lists them and the files of the seal itself, all but its own.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from triage.errors import CaseError

SUMS = "MANIFEST.sha256"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PUBLIC_KEY = "manifest.pub"
HASHDEEP = "hashdeep.txt"
SEAL_FILES = (SUMS, MANIFEST, SIGNATURE, PUBLIC_KEY, HASHDEEP)
SCHEMA = "triage.manifest/1"

_STEP = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """A file of the case. path: from the case, "/"-separated; size: bytes."""

    path: str
    size: int
    sha256: str
    md5: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole case at one moment.

    Attributes:
        evidence: what was examined, and its fingerprints.
        journal_lines, journal_head: how long the journal is, and its last link.
        key: fingerprint of the key that signs; None for nobody's.
        previous: SHA-256 of the manifest that this one replaces.
        files: by path.
    """

    tool_version: str
    intel_digest: str
    evidence: Mapping[str, str]
    journal_lines: int
    journal_head: str
    key: str | None
    previous: str | None
    files: tuple[SealedFile, ...]

    def to_bytes(self) -> bytes:
        """JSON in a fixed order."""
        told = {
            "schema": SCHEMA,
            "tool": {"name": "triage", "version": self.tool_version},
            "intel": {"digest": self.intel_digest},
            "evidence": dict(sorted(self.evidence.items())),
            "journal": {"lines": self.journal_lines, "head": self.journal_head},
            "key": None if self.key is None else {"algorithm": "Ed25519", "fingerprint": self.key},
            "previous": self.previous,
            "files": [asdict(file) for file in self.files],
        }
        return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def parse(data: bytes) -> Manifest:
    """A manifest of ours.

    Raises:
        ValueError: it is none.
    """
    try:
        told: Any = json.loads(data)
        if told["schema"] != SCHEMA:
            raise ValueError(told["schema"])
        manifest = Manifest(
            tool_version=told["tool"]["version"],
            intel_digest=told["intel"]["digest"],
            evidence=told["evidence"],
            journal_lines=told["journal"]["lines"],
            journal_head=told["journal"]["head"],
            key=told["key"] and told["key"]["fingerprint"],
            previous=told["previous"],
            files=tuple(SealedFile(**file) for file in told["files"]),
        )
        if manifest.to_bytes() != data:
            raise ValueError("not as it was written")
    except (KeyError, TypeError, AttributeError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return manifest


def names(folder: Path) -> Iterator[str]:
    """The files of a case but its seal, by path.

    Raises:
        CaseError: what a list of hashes cannot name, or does not hold.
    """
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if not path.is_file() or path.is_symlink():
            raise CaseError(f"{path}: a link or a device does not belong into a case; take it away")
        if not name.isprintable() or "\\" in name:
            raise CaseError(f"{name!r} in {folder}: its name does not fit a list of hashes; rename it")
        if name not in SEAL_FILES:
            found.append(name)
    return iter(sorted(found))


def measured(folder: Path, name: str) -> SealedFile:
    """A file as it is now.

    Raises:
        OSError: it cannot be read.
    """
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with (folder / name).open("rb") as stream:
        while piece := stream.read(_STEP):
            sha256.update(piece)
            md5.update(piece)
            size += len(piece)
    return SealedFile(path=name, size=size, sha256=sha256.hexdigest(), md5=md5.hexdigest())


def sums(manifest: Manifest, seal: Mapping[str, bytes]) -> bytes:
    """MANIFEST.sha256. seal: the other files of the seal, by name."""
    lines = {file.path: file.sha256 for file in manifest.files}
    lines |= {name: hashlib.sha256(data).hexdigest() for name, data in seal.items()}
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items())).encode()


def hashdeep(manifest: Manifest) -> bytes:
    """hashdeep.txt; its head says the command that audits a case by it."""
    tops = sorted({file.path.partition("/")[0] for file in manifest.files})
    return "".join(_hashdeep_lines(tops, manifest.files)).encode()


def _hashdeep_lines(tops: Iterable[str], files: Iterable[SealedFile]) -> Iterator[str]:
    yield "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n"
    yield f"## hashdeep -a -vv -k {HASHDEEP} -r -l {' '.join(map(shlex.quote, tops))}\n## \n"
    for file in files:
        yield f"{file.size},{file.md5},{file.sha256},{file.path}\n"
