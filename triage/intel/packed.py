r"""A tree of rules in one masked file, read like a folder.

Rules hold the very strings by which virus scanners know malware. On a stick that is plugged into one machine after
another they lie compressed and masked, so that no scanner takes the stick's own knowledge for the thing it describes.
The mask is no secret and protects nothing.

File (all text is ASCII):

    TRIAGE-RULES/1\n
    {"released": …, "body": {"size": …, "sha256": …}, …}\n      head; what a signature is over, with the line above
    signature of the head, base64, or "-"\n
    body: zlib over a JSON line {name: size, …}\n and the files one after another, XOR `_MASK`
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import sys
import zlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Any

from triage.errors import RuleError

if sys.platform == "win32":
    from pathlib import WindowsPath as _HerePath
else:
    from pathlib import PosixPath as _HerePath

NAME = "RULES.PAK"
SUFFIX = ".pak"
MAGIC = b"TRIAGE-RULES/1\n"

_MOST = 64 << 20
_MASK = hashlib.sha512(b"not a secret: it only keeps virus scanners from taking rules for malware").digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a packed tree says of itself.

    Attributes:
        released: ISO 8601 in UTC, to the second; decides which of two is older.
        files: how many.
        size, sha256: of the body, bytes.
    """

    released: str
    files: int
    size: int
    sha256: str

    def to_bytes(self) -> bytes:
        """The two lines that a signature is over."""
        return MAGIC + json.dumps(asdict(self), sort_keys=True).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One such file. signature: over `head.to_bytes()`, empty where nobody signed."""

    head: Head
    signature: bytes
    body: bytes

    def to_bytes(self) -> bytes:
        """The file."""
        return b"".join((self.head.to_bytes(), base64.b64encode(self.signature) or b"-", b"\n", self.body))


def pack(tree: Mapping[str, bytes], released: str, sign: Callable[[bytes], bytes] | None = None) -> Packed:
    """A tree as one file; the same tree gives the same bytes.

    Args:
        tree: bytes by "/"-separated name.
        released: see `Head`.
        sign: gives the signature of some bytes.
    """
    names = sorted(tree)
    index = json.dumps({name: len(tree[name]) for name in names}).encode() + b"\n"
    body = _masked(zlib.compress(index + b"".join(tree[name] for name in names), 9))
    head = Head(released=released, files=len(names), size=len(body), sha256=hashlib.sha256(body).hexdigest())
    return Packed(head=head, signature=b"" if sign is None else sign(head.to_bytes()), body=body)


def parse(data: bytes, where: str) -> Packed:
    """The file, its body proven whole by its own head; who signed it is not asked here.

    Raises:
        RuleError: `where` is no such file, or was altered.
    """
    magic, head_line, signature, body = (*data.split(b"\n", 3), b"", b"", b"")[:4]
    try:
        head = Head(**(json.loads(head_line) if magic + b"\n" == MAGIC else {}))
        sealed = b"" if signature == b"-" else base64.b64decode(signature, validate=True)
    except (ValueError, TypeError, binascii.Error) as error:
        raise RuleError(f"{where}: no packed rules; take a fresh copy of the rules") from error
    whole = head.to_bytes() == MAGIC + head_line + b"\n" and len(body) == head.size <= _MOST
    if not whole or hashlib.sha256(body).hexdigest() != head.sha256:
        raise RuleError(f"{where}: altered or cut off; take a fresh copy of the rules")
    return Packed(head=head, signature=sealed, body=body)


def unpack(packed: Packed, where: str) -> Mapping[str, bytes]:
    """The files of a tree by name.

    Raises:
        RuleError: the content is not what it says.
    """
    try:
        inflater = zlib.decompressobj()
        plain = inflater.decompress(_masked(packed.body), _MOST)
        line, _, data = plain.partition(b"\n")
        sizes: dict[str, int] = json.loads(line)
        ends = accumulate(sizes.values(), initial=0)
        tree = {name: data[start:end] for name, (start, end) in zip(sizes, pairwise(ends), strict=True)}
        whole = inflater.eof and sum(sizes.values()) == len(data) and all(map(_is_plain, tree))
    except (ValueError, TypeError, AttributeError, zlib.error) as error:
        raise RuleError(f"{where}: not readable as packed rules; take a fresh copy of the rules") from error
    if not whole:
        raise RuleError(f"{where}: its list of files is wrong; take a fresh copy of the rules")
    return tree


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name


def _masked(data: bytes) -> bytes:
    """XOR with the mask: on and off are the same."""
    mask = _MASK * (len(data) // len(_MASK) + 1)
    return (int.from_bytes(data, "little") ^ int.from_bytes(mask[: len(data)], "little")).to_bytes(len(data), "little")


@cache
def _tree(archive: str) -> Mapping[str, bytes]:
    try:
        data = Path(archive).read_bytes()
    except OSError as error:
        raise RuleError(f"{archive}: cannot be read: {error.strerror}") from error
    return unpack(parse(data, archive), archive)


class PackedPath(_HerePath):
    """A place in a packed tree, as if the packed file were a folder. Only what reads is there."""

    __slots__ = ()

    def _place(self) -> tuple[Mapping[str, bytes], str]:
        for archive in (self, *self.parents):
            if archive.suffix.lower() == SUFFIX:
                inner = self.relative_to(archive).as_posix()
                return _tree(str(archive)), "" if inner == "." else inner
        raise RuleError(f"{self}: no {SUFFIX} file in this path")

    def is_file(self, **_: Any) -> bool:  # noqa: ANN401 - follow_symlinks in newer Pythons
        """It is a file of the tree."""
        tree, inner = self._place()
        return inner in tree

    def is_dir(self, **_: Any) -> bool:  # noqa: ANN401
        """Files of the tree lie below it."""
        tree, inner = self._place()
        return any(name.startswith(f"{inner}/" if inner else "") for name in tree)

    def exists(self, **_: Any) -> bool:  # noqa: ANN401
        """It is a file or a folder of the tree."""
        return self.is_file() or self.is_dir()

    def iterdir(self) -> Generator[PackedPath, None, None]:
        """What lies in this folder."""
        tree, inner = self._place()
        prefix = f"{inner}/" if inner else ""
        below = {name[len(prefix) :].partition("/")[0] for name in tree if name.startswith(prefix)}
        yield from (self / name for name in sorted(below))

    def rglob(self, pattern: str, **_: Any) -> Generator[PackedPath, None, None]:  # noqa: ANN401
        """Every file and folder below whose name matches."""
        for path in self.iterdir():
            if fnmatchcase(path.name, pattern):
                yield path
            yield from path.rglob(pattern)

    def glob(self, pattern: str, **_: Any) -> Generator[PackedPath, None, None]:  # noqa: ANN401
        """Files and folders below that match part by part; `**` is not known here."""
        first, _slash, rest = pattern.partition("/")
        for path in self.iterdir():
            if fnmatchcase(path.name, first):
                if rest:
                    yield from path.glob(rest)
                else:
                    yield path

    def open(  # type: ignore[override]
        self,
        mode: str = "r",
        _buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """A stream over the content, as `Path.open` gives it.

        Raises:
            FileNotFoundError: no such file in the tree.
            PermissionError: for writing.
        """
        if mode not in ("r", "rb", "rt"):
            raise PermissionError(13, "packed rules are only read", str(self))
        raw = io.BytesIO(self.read_bytes())
        return raw if mode == "rb" else io.TextIOWrapper(raw, encoding, errors, newline)

    def read_bytes(self) -> bytes:
        """The content.

        Raises:
            FileNotFoundError: no such file in the tree.
        """
        tree, inner = self._place()
        if inner not in tree:
            raise FileNotFoundError(2, "no such file among the packed rules", str(self))
        return tree[inner]

    def read_text(self, encoding: str | None = None, errors: str | None = None, newline: str | None = None) -> str:
        """The content as text."""
        with self.open("r", -1, encoding or "utf-8", errors, newline) as stream:
            text: str = stream.read()
        return text
