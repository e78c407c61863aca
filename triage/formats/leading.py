"""What a file's first bytes say it is, by a table: it runs on every file, so it is dispatched on the first byte.

Limits:
    First bytes only; a name is consulted for scripts alone, which have no mark of their own.
    "iso", "tar" at an offset beyond the head, and formats without a fixed beginning are "unknown".

References:
    G. Kessler, File Signatures Table; [MS-CFB] 2.2; ECMA-376 part 2 (Open Packaging); PKWARE APPNOTE 4.3.7.
"""

from __future__ import annotations

from collections.abc import Callable

_ZIP_LOCAL = b"PK\x03\x04"

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "pe"),
    (b"WANACRY!", "wanacry"),
    (b"\x7fELF", "elf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF-", "pdf"),
    (b"{\\rt", "rtf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"8BPS", "psd"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"\x00\x00\x02\x00", "ico"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"MThd", "midi"),
    (b"\x1aE\xdf\xa3", "mkv"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"0&\xb2u\x8ef\xcf\x11", "asf"),
    (b"7z\xbc\xaf'\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"(\xb5/\xfd", "zstd"),
    (b"MSCF\x00\x00\x00\x00", "cab"),
    (b"MSWIM\x00\x00\x00", "wim"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"regf", "regf"),
    (b"ElfFile\x00", "evtx"),
    (b"0\x00\x00\x00LfLe", "evt"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "lnk"),
    (b"MAM\x04", "prefetch"),
    (b"MAM\x84", "prefetch"),
    (b"FILE0\x00", "mft"),
    (b"FILE*\x00", "mft"),
    (b"\xca\xfe\xba\xbe", "class"),
    (b"\x00asm", "wasm"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"OTTO", "font"),
    (b"ttcf", "font"),
    (b"true\x00", "font"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"!BDN", "pst"),
    (b"AC10", "dwg"),
    (b"\x00\x01\x00\x00Standard ", "access"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"ITSF", "chm"),
    (b"AT&TFORM", "djvu"),
    (b"KDMV", "vmdk"),
    (b"EVF\t\r\n\xff\x00", "ewf"),
    (b"#@~^", "script"),
)

_INNER: tuple[tuple[bytes, int, bytes, str], ...] = (
    (b"RIFF", 8, b"WEBP", "webp"),
    (b"RIFF", 8, b"AVI ", "avi"),
    (b"RIFF", 8, b"WAVE", "wav"),
    (b"\x11\x00\x00\x00", 4, b"SCCA", "prefetch"),
    (b"\x17\x00\x00\x00", 4, b"SCCA", "prefetch"),
    (b"\x1a\x00\x00\x00", 4, b"SCCA", "prefetch"),
    (b"\x1e\x00\x00\x00", 4, b"SCCA", "prefetch"),
    (b"\x1f\x00\x00\x00", 4, b"SCCA", "prefetch"),
)

_OOXML = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/", b"customXml/", b"visio/")
_ODF = (b"application/vnd.oasis.opendocument", b"application/vnd.sun.xml")

SCRIPT_EXTENSIONS = frozenset({"bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "ps1", "psm1"})
"""What Windows itself runs. A Python or shell script without `#!` is text: Windows does nothing with it."""

_TEXT_SAMPLE = 512
# Deleted from a sample, these leave what a text does not hold: NUL and controls but TAB LF FF CR ESC.
_PRINTABLE = bytes({9, 10, 12, 13, 27, *range(0x20, 0x7F), *range(0x80, 0x100)})
_HIGH = bytes(range(0x80, 0x100))
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<hta:")
_MAIL = (b"received: ", b"return-path: ", b"delivered-to: ", b"mime-version: ", b"x-mozilla-status: ")


def leading_type(head: bytes, name: str) -> str:
    """The type's name, one of TYPES.

    Args:
        head: the first bytes, up to 4096; fewer only where the file ends.
        name: last part of the path (a script is told by its extension).
    """
    if not head:
        return "empty"
    for mark, answer in _FIRST[head[0]]:
        if head.startswith(mark):
            return answer if isinstance(answer, str) else (answer(head, name) or _unmarked(head, name))
    return _unmarked(head, name)


def _zip(head: bytes, _name: str) -> str:
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if first.startswith(_OOXML):
        return "ooxml"
    if first == b"mimetype" and head.startswith(_ODF, 38):
        return "odf"
    return "zip"


def _bmp(head: bytes, _name: str) -> str | None:
    """Two letters are too few: the DIB header's size, 12 to 124, must follow at 14."""
    return "bmp" if len(head) > 18 and 12 <= int.from_bytes(head[14:18], "little") <= 124 else None


def _mpeg_audio(head: bytes, _name: str) -> str | None:
    """A frame header whose layer, bit rate and sampling rate are none of the forbidden ones."""
    if len(head) < 4 or head[1] < 0xE2 or head[1] >= 0xFE:
        return None
    legal = head[1] & 0x18 != 0x08 and head[1] & 0x06 and head[2] & 0xF0 not in (0, 0xF0) and head[2] & 0x0C != 0x0C
    return "mp3" if legal else None


def _shebang(_head: bytes, _name: str) -> str:
    return "script"


def _markup(head: bytes, name: str) -> str | None:
    start = head[:64].lower()
    if _is_script_name(name):
        return None
    if start.startswith(_HTML):
        return "html"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in head[:1024].lower() else "xml"
    return None


def _inner(head: bytes, _name: str) -> str | None:
    for mark, offset, inner, answer in _INNER:
        if head.startswith(mark) and head.startswith(inner, offset):
            return answer
    return None


_Answer = str | Callable[[bytes, str], str | None]


def _table() -> tuple[tuple[tuple[bytes, _Answer], ...], ...]:
    rows: list[list[tuple[bytes, _Answer]]] = [[] for _ in range(256)]
    marks: list[tuple[bytes, _Answer]] = [
        *_MARKS,
        (_ZIP_LOCAL, _zip),
        (b"PK\x05\x06", "zip"),
        (b"PK\x07\x08", "zip"),
        (b"BM", _bmp),
        (b"\xff", _mpeg_audio),
        (b"#!", _shebang),
        (b"<", _markup),
        *dict.fromkeys(((mark, _inner) for mark, _, _, _ in _INNER)),
    ]
    # The longest mark first: `\x00\x01\x00\x00Standard ` is an Access file before it is a font.
    for mark, answer in sorted(marks, key=lambda row: -len(row[0])):
        rows[mark[0]].append((mark, answer))
    return tuple(tuple(row) for row in rows)


_FIRST = _table()


def _unmarked(head: bytes, name: str) -> str:
    """Types whose mark is not at the beginning, then text, then "unknown"."""
    at4 = head[4:8]
    if at4 == b"ftyp":
        return "mp4"
    if at4 == b"\xef\xcd\xab\x89":
        return "ese"
    if head.startswith(b"ustar", 257):
        return "tar"
    if not _is_text(head):
        return "unknown"
    if _is_script_name(name):
        return "script"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith(_HTML):
        return "html"
    if start.startswith(b"<?xml"):
        return "xml"
    return "eml" if start.startswith(_MAIL) else "text"


def _is_script_name(name: str) -> bool:
    stem, _, extension = name.rpartition(".")
    return bool(stem) and extension.lower() in SCRIPT_EXTENSIONS


def _is_text(head: bytes) -> bool:
    """A BOM, or a sample without controls that is UTF-8, UTF-16 or a code page with less than half its bytes high."""
    sample = head[:_TEXT_SAMPLE]
    if sample.startswith(_BOMS):
        return True
    if not sample.translate(None, _PRINTABLE):
        high = len(sample) - len(sample.translate(None, _HIGH))
        return high * 2 <= len(sample) or _is_utf8(sample)
    return len(sample) >= 8 and (_is_utf16(sample[0::2], sample[1::2]) or _is_utf16(sample[1::2], sample[0::2]))


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True


def _is_utf16(low: bytes, high: bytes) -> bool:
    """Without a BOM: the high bytes are mostly zero and the low ones mostly printable."""
    return high.count(0) * 10 >= len(high) * 9 and not low.translate(None, _PRINTABLE)


TYPES = frozenset(
    {
        *(answer for _, answer in _MARKS),
        *(answer for _, _, _, answer in _INNER),
        *("empty", "zip", "ooxml", "odf", "bmp", "html", "xml", "mp4", "ese", "tar", "text", "eml", "unknown"),
    }
)
"""Every name that `leading_type` gives."""
