"""WannaCry's container: what an encrypted file, a staged file and `t.wnry` begin with.

Little-endian: `WANACRY!`, u32 length of the wrapped AES key (0x100), the key, u32 type (4 encrypted, 3 staged),
u64 size of the original, then the content: AES-128-CBC, its last block padded with zeros.

References:
    M. Suiche, 010 Editor template of WannaCry files; B. Delpy, wanakiwi; the annotated decompile of the encryptor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from struct import Struct

from triage.errors import FormatError

MAGIC = b"WANACRY!"
ENCRYPTED = 4
STAGED = 3

KEY_LENGTH_MAX = 0x200
"""What the malware's own reader accepts; 0x100 in every file seen."""

HEADER_MAX = len(MAGIC) + 4 + KEY_LENGTH_MAX + 12
"""Bytes that hold any header."""

ORIGINAL_SIZE_MAX = 1 << 44
"""16 TiB, the largest file of NTFS with its usual clusters: a greater size was never an original's."""

STAGED_TAIL = 0x10000
"""A staged file carries its first 64 KiB in clear at its end; the header took their place at its beginning."""

EXTENSIONS = (".wncry", ".wncryt", ".wncyr", ".wcry")
"""Lower case. Finished, being written or moved, staged, and the finished file of older versions."""

COMPONENT = "t.wnry"
"""The encryptor itself travels in the same container: a component, not a user's file."""

FILLER = "hibsys.wncryt"
"""The free-space filler of the first pass's end, a run of 0x55."""

_LENGTH = Struct("<I")
_TAIL = Struct("<IQ")
_MOVED_NAME = re.compile(r"\d+\.wncryt")


class State(Enum):
    """How much of a container is there."""

    VALID = "valid"
    TRUNCATED = "truncated"
    PARTIAL = "partial"  # still being written when the machine stopped, or longer than its header says
    STAGED = "staged"  # type 3: moved aside, content not encrypted
    DECOY = "decoy"  # the name without the header


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A container's header. Sizes in bytes.

    Attributes:
        key_length: of the wrapped AES key.
        type: 4 encrypted, 3 staged.
        original_size: of the file before encryption, as the header gives it.
    """

    key_length: int
    type: int
    original_size: int

    @property
    def size(self) -> int:
        """Offset of the content."""
        return len(MAGIC) + _LENGTH.size + self.key_length + _TAIL.size

    @property
    def expected_size(self) -> int:
        """Size of the whole file when its writer was not interrupted."""
        if self.type == STAGED:
            return self.original_size + STAGED_TAIL
        return self.size + (self.original_size + 15) // 16 * 16


def parse(head: bytes) -> Header:
    """The header at the beginning of head.

    Args:
        head: the first bytes, at least HEADER_MAX unless the file is shorter.

    Raises:
        FormatError: no mark, or fields that the malware never writes, or the file ends inside its header.
    """
    if not head.startswith(MAGIC):
        raise FormatError("WANACRY! mark", 0)
    at = len(MAGIC)
    if len(head) < at + _LENGTH.size:
        raise FormatError("WANACRY! header, cut", len(head))
    (key_length,) = _LENGTH.unpack_from(head, at)
    if not 0 < key_length <= KEY_LENGTH_MAX:
        raise FormatError("WANACRY! key length", at)
    at += _LENGTH.size + key_length
    if len(head) < at + _TAIL.size:
        raise FormatError("WANACRY! header, cut", len(head))
    kind, original_size = _TAIL.unpack_from(head, at)
    if kind not in (STAGED, ENCRYPTED):
        raise FormatError("WANACRY! type", at)
    if original_size > ORIGINAL_SIZE_MAX:
        raise FormatError("WANACRY! original size", at + 4)
    return Header(key_length=key_length, type=kind, original_size=original_size)


def is_cut(head: bytes) -> bool:
    """The mark is there and the file ends before its header does; head as in `parse`."""
    if not head.startswith(MAGIC):
        return False
    at = len(MAGIC)
    if len(head) < at + _LENGTH.size:
        return True
    key_length: int = _LENGTH.unpack_from(head, at)[0]
    return 0 < key_length <= KEY_LENGTH_MAX and len(head) < at + _LENGTH.size + key_length + _TAIL.size


def state(header: Header, size: int, name: str) -> State:
    """How complete a container is.

    Args:
        header: from `parse`.
        size: of the file, in bytes.
        name: last part of its path; `.WNCRYT` is the name while it is being written.
    """
    if header.type == STAGED:
        return State.STAGED
    if name.lower().endswith(".wncryt") or size > header.expected_size:
        return State.PARTIAL
    return State.VALID if size == header.expected_size else State.TRUNCATED


def original_extension(name: str) -> str:
    """The extension that the file had before, lower case and without its dot (`a.DOCX.WNCRY` gives `docx`)."""
    lower = name.lower()
    for extension in EXTENSIONS:
        if lower.endswith(extension):
            lower = lower[: -len(extension)]
            break
    stem, dot, last = lower.rpartition(".")
    return last if dot and stem else ""


def is_moved_name(name: str) -> bool:
    """`<n>.WNCRYT`: an original that was moved to %TEMP% or $RECYCLE instead of being wiped."""
    return _MOVED_NAME.fullmatch(name.lower()) is not None
