"""Whether recovered bytes are what their name says: first bytes, and the checks that a format carries itself.

Limits:
    A text, and any format without checks of its own, can be neither proven nor refuted beyond its first bytes.

References:
    PKWARE APPNOTE 4.3 (CRC-32 of each member); PNG 5.3 (CRC-32 of each chunk); RFC 1952; ISO 32000-1 7.5.5; ITU-T T.81.
"""

from __future__ import annotations

import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final

from triage.formats.leading import leading_type

_HEAD: Final = 4096
_PIECE: Final = 1 << 20
_UNPACKED: Final = 200
_UNPACKED_MIN: Final = 64 << 20
"""Bytes that an archive may unpack to, and how many times its size: a bomb is not unpacked to prove a recovery."""


class Proof(Enum):
    """What the content says."""

    PROVEN = "proven"  # the format's own checks hold over the whole content
    FITS = "fits"  # it begins, and where the format has an end, ends as it must
    UNPROVEN = "unproven"  # nothing to check it by
    BROKEN = "broken"  # it is not what its name says, or a check fails


_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("docx", "docm", "dotx", "xlsx", "xlsm", "xlsb", "pptx", "pptm", "ppsx"), ("ooxml", "zip", "ole")),
    **dict.fromkeys(("odt", "ods", "odp", "odg"), ("odf", "zip")),
    **dict.fromkeys(("zip", "jar"), ("zip", "jar", "ooxml", "odf")),
    **dict.fromkeys(("doc", "xls", "ppt", "msg", "vsd", "pps", "dot", "xlt"), ("ole", "ooxml", "rtf", "html", "xml")),
    **dict.fromkeys(("jpg", "jpeg"), ("jpeg",)),
    **dict.fromkeys(("tif", "tiff"), ("tiff",)),
    **{name: (name,) for name in ("pdf", "png", "gif", "rtf", "psd", "7z", "rar", "pst", "dwg", "mkv", "djvu")},
    "gz": ("gzip",),
    "tgz": ("gzip",),
    "bz2": ("bzip2",),
    "mdb": ("access",),
    "accdb": ("access",),
    "sqlite3": ("sqlite",),
    "sqlitedb": ("sqlite",),
}
"""By extension: what `formats/leading.py` may call its first bytes."""


def prove(path: Path, name: str) -> Proof:
    """Checks a recovered file. name: of the original.

    Raises:
        OSError: it cannot be read back.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            return Proof.UNPROVEN
        kind = leading_type(head, name)
        expected = _TYPES.get(name.rpartition(".")[2].lower())
        if expected is not None and kind not in expected:
            return Proof.BROKEN
        file.seek(0)
        check = _CHECKS.get(kind)
        if check is not None:
            return check(file)
        return Proof.FITS if expected else Proof.UNPROVEN


def _zip(file: BinaryIO) -> Proof:
    room = max(_UNPACKED_MIN, _UNPACKED * file.seek(0, 2))
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > room:
                return Proof.FITS
            for member in archive.infolist():
                if member.flag_bits & 1:  # encrypted with a pass-word: its CRC cannot be checked
                    return Proof.FITS
                with archive.open(member) as content:
                    while content.read(_PIECE):
                        pass
    except RuntimeError:  # a compression that the standard library has not, or a pass-word
        return Proof.FITS
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, struct.error, OverflowError, OSError):
        return Proof.BROKEN  # bzip2 and a seek before the beginning say OSError
    return Proof.PROVEN


def _gzip(file: BinaryIO) -> Proof:
    try:
        room = max(_UNPACKED_MIN, _UNPACKED * file.seek(0, 2))
        file.seek(0)
        with gzip.GzipFile(fileobj=file) as content:
            while content.read(_PIECE):
                if content.tell() > room:
                    return Proof.FITS
    except (OSError, EOFError, zlib.error):
        return Proof.BROKEN
    return Proof.PROVEN


def _png(file: BinaryIO) -> Proof:
    left = file.seek(0, 2) - 8
    file.seek(8)
    while len(lead := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", lead)
        left -= length + 12
        if left < 0:
            return Proof.BROKEN
        data, crc = file.read(length), file.read(4)
        if crc != struct.pack(">I", zlib.crc32(kind + data)):
            return Proof.BROKEN
        if kind == b"IEND":
            return Proof.PROVEN
    return Proof.BROKEN


def _ends_with(mark: bytes, within: int) -> Callable[[BinaryIO], Proof]:
    def check(file: BinaryIO) -> Proof:
        size = file.seek(0, 2)
        file.seek(max(0, size - within))
        return Proof.FITS if mark in file.read() else Proof.BROKEN

    return check


def _ole(file: BinaryIO) -> Proof:
    """[MS-CFB] 2.2: the sectors that the header counts must be there."""
    head, size = file.read(512), file.seek(0, 2)
    if len(head) < 512:
        return Proof.BROKEN
    shift, tables, first = (
        int.from_bytes(head[30:32], "little"),
        int.from_bytes(head[44:48], "little"),
        int.from_bytes(head[48:52], "little"),
    )
    if shift not in (9, 12) or not 0 < tables <= size >> shift or first > size >> shift:
        return Proof.BROKEN
    return Proof.FITS


_CHECKS: Final[Mapping[str, Callable[[BinaryIO], Proof]]] = {
    **dict.fromkeys(("zip", "jar", "ooxml", "odf"), _zip),
    "gzip": _gzip,
    "png": _png,
    "pdf": _ends_with(b"%%EOF", 2048),
    "jpeg": _ends_with(b"\xff\xd9", 65536),
    "gif": _ends_with(b";", 16),
    "rtf": _ends_with(b"}", 64),
    "ole": _ole,
}
