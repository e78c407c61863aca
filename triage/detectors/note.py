"""Texts that read like a ransom note, by their words in English and Vietnamese.

A single one proves nothing (an article about ransomware reads alike): it is only an observation, `observed.note`
with the text's SHA-256. The same text in many folders is judged by `analysis/unknown_ransomware`.

Limits:
    Texts over 64 KiB, pictures, notes in other languages, and Vietnamese in UTF-16 without a mark are not seen.

References:
    ATT&CK T1486 Data Encrypted for Impact; notes of WannaCry, GandCrab, LockBit.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from triage.model import Content, Entry, Fact, Kind

NOTE_MAX = 64 * 1024
_UTF16_ZEROS = 24  # of 32 high bytes: Western text
_NOTE_MIN = 80
_TYPES = frozenset({"text", "html", "rtf", "script", "xml"})
_GROUPS_MIN = 3

# Looked for in lower-cased bytes, beside "crypt" with "your" or "all of", and "ma hoa", before anything is decoded: no
# note does without one of them.
_VIETNAMESE_STEMS = tuple(stem.encode() for stem in ("mã h", "mÃ h", "ma\u0303 h"))

_PHRASES: dict[str, tuple[str, ...]] = {
    "encrypted": ("encrypt", "decrypt", "mã hóa", "mã hoá", "giải mã", "ma hoa"),
    "victim": (
        *("your files", "your important files", "your personal files", "your documents", "your photos", "your data"),
        *("your network", "your computer", "your server", "your system", "your company", "all your", "all of your"),
        *("của bạn", "của quý vị", "của các bạn", "cua ban"),
    ),
    "money": ("bitcoin", " btc", "monero", "ransom", "cryptocurrency", "tiền chuộc", "tiền ảo", "tien chuoc"),
    "contact": (
        *(".onion", "tor browser", "tor-browser", "torproject.org", "protonmail", "proton.me", "tutanota", "cock.li"),
        *("onionmail", "personal id", "your id", "decryption id", "client id", "contact us", "liên hệ", "lien he"),
    ),
    "warning": (
        *("do not rename", "do not try", "do not modify", "do not delete", "don't rename", "don't try", "permanently"),
        *("lost forever", "third party software", "third-party software", "will be doubled", "will be published"),
        *("không đổi tên", "không được", "vĩnh viễn", "khong duoc"),
    ),
}


@dataclass(frozen=True, slots=True)
class Note:
    """Small texts that speak of encryption, of the reader's files, and of money or a way to pay."""

    name: str = "note"

    def wants(self, entry: Entry) -> bool:
        return entry.kind is Kind.FILE and _NOTE_MIN <= entry.size <= NOTE_MAX

    def detect(self, entry: Entry, content: Content) -> Iterator[Fact]:
        if content.type not in _TYPES:
            return
        data = bytes(content.whole) if content.whole is not None else content.head
        if not _worth_reading(data) or not reads_like_note(_decoded(data)):
            return
        if len(data) < entry.size:
            data = content.tail(entry.size)
        digest = content.digest("sha256") or hashlib.sha256(data).hexdigest()
        yield Fact(detector=self.name, entry=entry.id, name="observed.note", value=digest)


def reads_like_note(text: str) -> bool:
    """It speaks of encryption, of the reader's files, and of money or contact: at least three groups of words."""
    lower = " ".join(text.lower().split())
    groups = {group for group, phrases in _PHRASES.items() if any(phrase in lower for phrase in phrases)}
    return len(groups) >= _GROUPS_MIN and {"encrypted", "victim"} <= groups and bool(groups & {"money", "contact"})


def _worth_reading(data: bytes) -> bool:
    lower = data.lower()
    if _utf16(data) or b"ma hoa" in lower:
        return True
    if b"crypt" in lower and (b"your" in lower or b"all of" in lower):
        return True
    return not data.isascii() and any(stem in lower for stem in _VIETNAMESE_STEMS)


def _utf16(data: bytes) -> str:
    """The encoding, empty where it is not UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-16-le" if data[1:64:2].count(0) > _UTF16_ZEROS else ""


def _decoded(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode(_utf16(data) or "utf-8", "replace"))
