"""What a file's name promises about its content, and whether bytes look like a cipher's."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping


def _expected() -> dict[str, frozenset[str]]:
    rows = (
        ("docx docm dotx dotm xlsx xlsm xltx xltm pptx pptm potx potm ppsx ppsm ppam sldx sldm vsdx", "ooxml zip ole"),
        ("xlsb", "ooxml zip ole"),
        ("doc dot", "ole rtf ooxml html xml text"),
        ("xls xlt xlw xla", "ole ooxml html xml text"),
        ("ppt pps pot", "ole ooxml"),
        ("vsd pub", "ole ooxml"),
        ("msg", "ole"),
        ("rtf", "rtf text"),
        ("pdf", "pdf"),
        ("odt ods odp odg ott ots otp otg sxw sxc sxi", "odf zip"),
        ("jpg jpeg jpe png gif bmp tif tiff webp", "jpeg png gif bmp tiff webp"),
        ("ico", "ico png bmp"),
        ("psd", "psd"),
        ("djvu", "djvu"),
        ("nef", "tiff"),
        ("mp3", "mp3"),
        ("mp4 mov m4a m4v 3gp 3g2", "mp4"),
        ("avi", "avi"),
        ("mkv webm", "mkv"),
        ("wmv wma asf", "asf"),
        ("flv", "flv"),
        ("wav", "wav"),
        ("flac", "flac mp3"),
        ("ogg oga ogv", "ogg"),
        ("mid midi", "midi"),
        ("zip jar", "zip ooxml odf"),
        ("7z", "7z"),
        ("rar", "rar"),
        ("gz tgz", "gzip"),
        ("bz2 tbk", "bzip2"),
        ("xz", "xz"),
        ("cab", "cab"),
        ("dwg", "dwg"),
        ("mdb accdb", "access"),
        ("pst ost", "pst"),
        ("sqlite sqlite3 sqlitedb", "sqlite"),
        ("txt csv log ini md", "text xml html eml script"),
        ("eml", "eml text html"),
        ("html htm", "html text xml"),
        ("xml svg", "xml text html gzip"),
        ("sql", "text"),
    )
    return {
        extension: frozenset(types.split()) | {"empty"}
        for extensions, types in rows
        for extension in extensions.split()
    }


EXPECTED: Mapping[str, frozenset[str]] = _expected()
"""File extension (lower case, no dot) to the types that its content may have; absent where anything goes."""


def extension_of(name: str) -> str:
    """The part behind the last dot, lower case; empty where there is no dot, or only a leading one."""
    stem, _, last = name.rpartition(".")
    return last.lower() if stem else ""


RANDOM_MIN = 1024
"""Bytes below which no statistic over 256 values says anything."""

_DEVIATIONS = 5.0
# Chi-square over 256 byte values has 255 degrees of freedom: mean 255, standard deviation sqrt(510).
_CHI_MEAN = 255.0
_CHI_DEVIATION = math.sqrt(510.0)


def looks_random(data: bytes) -> bool:
    """Bytes spread as evenly as a cipher's: chi-square within 5 standard deviations of its mean (142 to 368).

    Ciphertext falls outside once in a million; deflate, JPEG and MP4 begin with tables and sizes and lie far above,
    a counter or a lookup table lies below. False under RANDOM_MIN bytes.

    Limits:
        Headerless compressed data may pass: it is a hint, never proof.
    """
    size = len(data)
    if size < RANDOM_MIN or data.count(0) * 64 > size:
        return False
    squares = sum(count * count for count in Counter(data).values())
    chi_square: float = squares * 256 / size - size
    return abs(chi_square - _CHI_MEAN) <= _DEVIATIONS * _CHI_DEVIATION
